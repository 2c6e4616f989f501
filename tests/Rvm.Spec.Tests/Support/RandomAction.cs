using Rvm.Spec.Apply;
using Action = Rvm.Spec.Apply.Action;

namespace Rvm.Spec.Tests;

/// <summary>Random actions of the specification whose numbers fit their records, about few objects so that they meet; some of them about objects that do not exist.</summary>
public static class RandomAction
{
    /// <summary>Any action.</summary>
    public static _IAction Next(Random random)
    {
        uint Few(uint bound, uint few) => random.Next(12) switch { 0 => bound + (uint)random.Next(3), 1 => bound - 1, _ => (uint)random.Next((int)few) };
        ulong Word() => (ulong)random.NextInt64(long.MinValue, long.MaxValue) >> random.Next(64);
        var (who, p, slot, region, edge) = (Few(128, 4), Few(128, 4), Few(32, 5), Few(512, 4), Few(256, 4));
        var rights = (uint)random.Next(0x1000);
        return random.Next(36) switch
        {
            0 => Action.create_PartitionCreate(who, p, Word()),
            1 => Action.create_TaskSpawn(who, p, (uint)Word(), (uint)Word()),
            2 => Action.create_PartitionQuota(who, p, random.Next(4) == 0 ? (uint)Word() : (ulong)random.Next(200), (uint)random.Next(5)),
            3 => Action.create_PartitionStart(who, p),
            4 => Action.create_PartitionSuspend(who, p),
            5 => Action.create_PartitionEnd(who, p, Word()),
            6 or 7 => Action.create_CapGrant(who, p, slot, Few(12, 12) & 0xFF, random.Next(3) == 0 ? Few(512, 4) : region, rights),
            8 or 9 or 10 => Action.create_CapDelegate(who, p, slot, Few(32, 5), rights),
            11 => Action.create_CapRevoke(who, slot, (uint)Word()),
            12 => Action.create_CapDrop(who, slot),
            13 or 14 => Action.create_RegionCreate(who, region, p, (uint)random.Next(5), (ulong)random.Next(1, 3000), random.Next(2) == 0 ? 0x46000UL : Word() & 0xFF_FFFF_FFFF),
            15 or 16 or 17 => Action.create_RegionMap(who, p & 0xFF, region, Page(random), (ulong)random.Next(4), (uint)random.Next(1100), (uint)random.Next(4)),
            18 or 19 => Action.create_RegionUnmap(p, region, Page(random), (uint)random.Next(1100)),
            20 => Action.create_EdgeCreate(who, edge, p, Few(128, 4), 1 + (uint)random.Next(16)),
            21 => Action.create_EdgeDestroy(who, edge),
            22 => random.Next(2) == 0 ? Action.create_Signal(who, edge, Word()) : Action.create_Send(who, edge, Word()),
            23 => random.Next(2) == 0 ? Action.create_Reject(who, Word(), Word()) : Action.create_Fault(p, Word(), Word()),
            24 => random.Next(2) == 0 ? Action.create_Attest(Word(), Word()) : Action.create_BootComplete(Word()),
            25 => Action.create_Proved(who, Word(), (uint)Word(), (uint)Word(), random.Next(2) == 0),
            26 => Action.create_PolicyActivate(who, random.Next(4) == 0 ? (uint)Word() : (uint)random.Next(3), Word()),
            27 or 28 or 29 => Action.create_LeaseGrant(who, region, Page(random), random.Next(8) == 0 ? 0 : Word()),
            30 or 31 or 32 or 33 or 34 => Action.create_LeaseEnd(who, region, (ulong)random.Next(2)),
            _ => random.Next(2) == 0 ? Action.create_Drain(who, Word()) : Action.create_SystemEnd(),
        };
    }

    /// <summary>An IPA page among few neighbours, which lie over the limits of second-level and third-level tables, or near the end of all.</summary>
    private static uint Page(Random random) => random.Next(8) switch { 0 => 0x800_0000 - (uint)random.Next(1100), 1 => 0x800_0000, _ => 0x7_FE00 + (uint)random.Next(1600) };
}
