using Rvm.Spec.State;

namespace Rvm.Spec.Tests;

/// <summary>
/// A state that a boot and some calls lead to, in which there is one of everything: a running, a sleeping, a waiting, two ready and a created partition
/// and the slot of one that has ended; regions of every policy with pages mapped, and one that waits to be reused; an edge with messages and bits;
/// a derived capability; a leased device; drained and undrained records.
/// </summary>
public static class RichState
{
    public const int Runs = 3, Sleeps = 1, Waits = 2, ReadyFirst = 4, ReadyThen = 5, IsCreated = 6, Ended = 7;

    /// <summary>Partition 1's regions besides those of its image.</summary>
    public const int Slab = 14, AppendOnly = 15, Device = 16, Unmapped = 17;

    /// <summary>What partition 1 has leased, and where it shows it.</summary>
    public const int Leased = 18, LeasedPage = 0x50030;

    public const int Talk = 0, Quiet = 1, NoEdge = 9;

    public static readonly _IKernel First = States.First(Machine.create(0x40000, 0x46000, 0x9000, 0x8000, 0x80A0, 0xF60), 0x46000, 0x80000);

    private static readonly List<Happening> _events = [];

    public static readonly _IKernel State = Play();

    /// <summary>What leads to it.</summary>
    public static IReadOnlyList<Happening> Events => _events;

    private static _IKernel Play()
    {
        var k = First;
        void Boot(params ulong[] words) => Do(Happening.Command([.. words, .. new ulong[8 - words.Length]], 400, 1000));
        void Call(uint number, params ulong[] x) => Do(Happening.Call(2000, [Fn.Base + number, .. x]).Proved(k));
        void Ok(uint number, params ulong[] x)
        {
            var me = k.dtor_vol.dtor_sched.dtor_cur;
            Call(number, x);
            Assert.Equal(0UL, k.dtor_vol.dtor_regs.Select(me * States.Registers));
        }

        void Do(Happening e)
        {
            var result = e.Step(k);
            Assert.Equal(0UL, result.dtor_status);
            k = result.dtor_k;
            _events.Add(e);
        }

        static ulong H(ulong slot) => 1UL << 32 | slot;

        Do(Happening.Begin(Proofs.Bundle(PolicyWords.Open.Build(), PolicyWords.Narrow.Build()), 1000));
        Boot(1, 8, 64, 0x40000, 2, 2, 0x4000_0000);
        for (ulong p = 1; p <= 7; p++) Boot(2, 0, 5000 * p, 10_000 * p, p == 4 ? 3UL : 0, 200, 0, 0);
        Boot(3, 1, Kind.Slab, 4, 0, Right.All);
        Boot(3, 1, Kind.AppendOnly, 1, 0, Right.All);
        Boot(3, 1, Kind.Device, 1, 0x9010, Right.All);
        Boot(3, 1, Kind.Slab, 4, 0, Right.All);
        Boot(4, 1, Slab, 0x50000, 1, 2, Kind.Rw);
        Boot(4, 1, AppendOnly, 0x50010, 0, 1, Kind.R);
        Boot(4, 1, Device, 0x50020, 0, 1, Kind.Dev);
        Boot(5, 1, 2, 3, Right.All, Right.All);
        Boot(5, 3, 2, 3, Right.All, Right.All);
        Boot(6, 1, Kind.Partition, 7, Right.All);
        Boot(6, 1, Kind.WitnessLog, 0, Right.Witness);
        Boot(10, 0x9020, 2);
        Boot(10, 0x9030, 1);
        Boot(6, 1, Kind.Lease, 0, Right.All);
        foreach (ulong p in new[] { 1, 2, 3, 4, 5, 7 }) Boot(7, p);
        Boot(8);
        Ok(Fn.LeaseAcquire, H(7), 1_000_000, (ulong)LeasedPage << 12);
        Ok(Fn.CapGrant, H(0), 0, Right.Read | Right.Write);
        Ok(Fn.PartitionTerminate, H(5));
        Ok(Fn.WitnessAck, H(6), (ulong)k.dtor_log.dtor_records.Count);
        Ok(Fn.QueueSend, H(4), 1, 2, 3, 4);
        Ok(Fn.QueueSend, H(4), 5, 6, 7, 8);
        Ok(Fn.NotifySignal, H(4), 0x10);
        Call(Fn.TimerWait, 1_000_000);
        Call(Fn.NotifyWait, H(1));
        Call(Fn.ConsoleWrite, H(31));
        return k;
    }
}
