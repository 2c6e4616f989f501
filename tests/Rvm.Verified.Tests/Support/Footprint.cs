namespace Rvm.Verified.Tests;

/// <summary>Which registers an event may change (docs/abi.md §2): the caller's documented results, and deliveries to partitions that wait.</summary>
public sealed class Footprint(CoreState.Core core)
{
    private const int Block = 64;

    // The words of a partition's job (docs/abi.md, «Deep proofs»): a tick may take it on, a call that needs it uses it up.
    private const int JobState = 40, JobAt = 43, JobHash = 44, JobFor = 47;
    private readonly ulong[] _before = new ulong[128 * Block];
    private readonly PartRow[] _rows = new PartRow[128];
    private uint _caller;

    /// <summary>Notes the registers as they are before the kernel sees the event, its arguments written already.</summary>
    public void Before(Event e)
    {
        core.ctx.CopyTo(_before, 0);
        _caller = core.sched.cur;
        if (e.Kind == EventKind.Hypercall && _caller != 0) e.Words.CopyTo(_before, _caller * Block);
        for (uint p = 0; p < 128; p++) _rows[p] = PartRow.Read(core, p);
    }

    /// <summary>Fails when another register has changed.</summary>
    public void Check(Event e)
    {
        for (var i = 0; i < _before.Length; i++)
        {
            if (core.ctx[i] == _before[i]) continue;
            var (p, register) = ((uint)(i / Block), i % Block);
            if (!(p == _caller ? OfCaller(e, register) : OfOther(e, p, register)))
                Assert.Fail($"{e}: x{register} of partition {p} became 0x{core.ctx[i]:x}, the caller is {_caller}");
        }

        if (_caller != 0 && e.Kind == EventKind.Hypercall && e.Number is not null and not Fn.Exit && PartRow.Read(core, _caller) is { Life: PartRow.Started, Run: not PartRow.Waiting }
            && !Code.IsKnown(core.ctx[_caller * Block]))
            Assert.Fail($"{e}: status 0x{core.ctx[_caller * Block]:x}");
    }

    private bool OfCaller(Event e, int register)
    {
        if (e.Kind == EventKind.Tick) return register is JobState or JobAt or JobHash;
        if (e.Kind == EventKind.Trap)
            return (e.Words[0] >> 26 & 0x3F) switch { 0x01 => register == 31, 0x17 => register is 0 or 31, 0x16 => register == 0, _ => false };
        var refused = (long)core.ctx[_caller * Block] < 0;
        if (e.Number is not { } number) return register == 0 || (!refused && (e.Words[0] & 0xFFFF_FFFF) == Fn.VendorUid && register <= 3);
        if (number == Fn.WitnessRead) return register is 0 or 9 or 10 || (!refused && register <= 8);
        if (number == Fn.ProofSubmit) return register == 0 || (!refused && register is >= JobState and <= JobFor);
        return register == 0 || (!refused && (register <= Results(number) || (register == JobState && Sealed(number))));
    }

    private static int Results(uint number) => number switch
    {
        Fn.CapGrant or Fn.PartitionCreate or Fn.NotifyWait or Fn.CapRevoke or Fn.LeaseAcquire or Fn.LeaseRenew => 1,
        Fn.EdgeCreate or Fn.ProofStatus => 2,
        Fn.QueueRecv => 5,
        _ => 0,
    };

    private static bool Sealed(uint number) => Fn.Sealed.Contains(number);

    private bool OfOther(Event e, uint p, int register)
    {
        var (was, now) = (_rows[p], PartRow.Read(core, p));
        var status = core.ctx[p * Block];
        if (e.Number == Fn.PartitionCreate && was.Life == PartRow.Free) return now.Life == PartRow.Created && register < Block;
        if (e.Number == Fn.PartitionSuspend && was.Run is PartRow.Sleeping or PartRow.Waiting) return register == 0 && (long)status == Code.InvalidPartitionState && now.Life == PartRow.Suspended;
        if (was.Run != PartRow.Waiting || now.Run == PartRow.Waiting) return false;
        return e.Number switch
        {
            Fn.QueueSend or Fn.NotifySignal => register is 0 or 1 && status == 0,
            Fn.EdgeDestroy => register == 0 && (long)status == Code.StaleCapability,
            _ => register == 0 && (long)status == Code.PartitionNotFound,       // somebody ended: exit, termination, fault or budget
        };
    }
}
