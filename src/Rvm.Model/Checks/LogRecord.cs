using Rvm.Spec.Apply;
using Rvm.Spec.State;

namespace Rvm.Model.Checks;

/// <summary>A record of the core's ring, read by the layout of docs/abi.md §6, and what a reader of the log makes of it.</summary>
public readonly record struct LogRecord(ulong Sequence, ulong Time, byte Kind, byte Tier, ushort Reserved, ulong Subject, ulong Object, ulong Aux, ulong Before, ulong Hash, uint Flags)
{
    private const int Capacity = 65_536;
    private const ulong Basis = 0xcbf29ce484222325, Prime = 0x100000001b3, Lost = 1UL << 63;

    public static ReadOnlySpan<ulong> Words(CoreState.Core core, ulong number) => core.log.ring.AsSpan((int)(number % Capacity) * 8, 8);

    public static LogRecord Read(ReadOnlySpan<ulong> w) => new(
        w[0], w[1], (byte)w[2], (byte)(w[2] >> 8), (ushort)(w[2] >> 16), w[2] >> 32 | w[3] << 32, w[3] >> 32 | w[4] << 32, w[4] >> 32 | w[5] << 32,
        w[5] >> 32 | w[6] << 32, w[6] >> 32 | w[7] << 32, (uint)(w[7] >> 32));

    /// <summary>FNV-1a over bytes 0–51 and 60–63.</summary>
    public static ulong Computed(ReadOnlySpan<ulong> words)
    {
        var hash = Basis;
        for (var i = 0; i < 64; i++)
            if (i is < 52 or >= 60) hash = unchecked((hash ^ (byte)(words[i / 8] >> (i % 8 * 8))) * Prime);
        return hash;
    }

    public _IRecord ForSpec => Record.create(Sequence, Time, Kind, Tier, Subject, Object, Aux, Before, Hash);

    /// <summary>Could the record change structural state?</summary>
    public bool IsStructural => Kind is not (Rec.Signal or Rec.Send or Rec.Rejected or Rec.Fault or Rec.Attest or Rec.BootComplete or Rec.Drain or Rec.SystemEnd);

    /// <summary>The action that the record tells of; null: it is of a kind that nobody knows.</summary>
    public _IAction? Action
    {
        get
        {
            var (who, o, x) = ((uint)Subject, Object, Aux);
            return Kind switch
            {
                Rec.PartitionCreate => Rvm.Spec.Apply.Action.create_PartitionCreate(who, Low(o), x),
                Rec.TaskSpawn => Rvm.Spec.Apply.Action.create_TaskSpawn(who, Low(o), x >> 32, Low(x)),
                Rec.PartitionQuota => Rvm.Spec.Apply.Action.create_PartitionQuota(who, Low(o), x >> 32, Low(x)),
                Rec.PartitionStart => Rvm.Spec.Apply.Action.create_PartitionStart(who, Low(o)),
                Rec.PartitionSuspend => Rvm.Spec.Apply.Action.create_PartitionSuspend(who, Low(o)),
                Rec.Terminate => Rvm.Spec.Apply.Action.create_PartitionEnd(who, Low(o), x),
                Rec.CapGrant => Rvm.Spec.Apply.Action.create_CapGrant(who, High(o), Low(o), (uint)(x >> 56), (uint)(x >> 32) & 0xFF_FFFF, Low(x)),
                Rec.CapRevoke => x == Lost ? Rvm.Spec.Apply.Action.create_CapDrop(who, Low(o)) : Rvm.Spec.Apply.Action.create_CapRevoke(who, Low(o), Low(x)),
                Rec.CapDelegate => Rvm.Spec.Apply.Action.create_CapDelegate(who, High(o), Low(o), High(x), Low(x)),
                Rec.RegionCreate => Rvm.Spec.Apply.Action.create_RegionCreate(who, Low(o), High(o), (uint)(x >> 60), x >> 40 & 0xF_FFFF, x & 0xFF_FFFF_FFFF),
                Rec.RegionMap => Rvm.Spec.Apply.Action.create_RegionMap(who, (uint)(x >> 52) & 0xFF, High(o), Low(o), x >> 32 & 0xF_FFFF, Low(x), (uint)(x >> 60)),
                Rec.RegionUnmap => Rvm.Spec.Apply.Action.create_RegionUnmap(who, High(o), Low(o), Low(x)),
                Rec.EdgeCreate => Rvm.Spec.Apply.Action.create_EdgeCreate(who, Low(o), High(x), (uint)(x >> 16) & 0xFFFF, (uint)x & 0xFFFF),
                Rec.EdgeDestroy => Rvm.Spec.Apply.Action.create_EdgeDestroy(who, Low(o)),
                Rec.Proved => Rvm.Spec.Apply.Action.create_Proved(who, o, High(x), Low(x), Tier == 3),
                Rec.LeaseGrant => Rvm.Spec.Apply.Action.create_LeaseGrant(who, High(o), Low(o), x),
                Rec.LeaseEnd => Rvm.Spec.Apply.Action.create_LeaseEnd(who, Low(o), x),
                Rec.PolicyActivate => Rvm.Spec.Apply.Action.create_PolicyActivate(who, Low(o), x),
                _ => null,
            };
        }
    }

    private static uint Low(ulong x) => (uint)x;

    private static uint High(ulong x) => (uint)(x >> 32);

    public override string ToString() => $"record {Sequence}: kind 0x{Kind:x2}, subject {Subject}, object 0x{Object:x}, aux 0x{Aux:x}";
}
