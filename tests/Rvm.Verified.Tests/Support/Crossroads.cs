namespace Rvm.Verified.Tests;

/// <summary>A system in which much can happen: five partitions with capabilities on each other, edges both ways, regions, a pool and a drain.</summary>
public static class Crossroads
{
    public static ulong[] Words(ulong quota = 2000)
    {
        var script = new BootScript().Image().Image(page: 0x3FFFE, code: 3, data: 0).Image(page: 0x7FF_FFF0, code: 1, data: 15, entry: 0x7FFF_FF00_00);
        script.Device(0x9030, 1).Device(0x9031, 3).Device(0x9011, 2);            // the last one has an owner from the beginning
        for (ulong p = 1; p <= 5; p++) script.Partition(image: (p - 1) % 3, slice: 625 * p, deadline: 1000 * p, budget: 0, quota: quota);
        for (ulong p = 1; p <= 5; p++)
        {
            script.Cap(p, Kind.Console, 0, Right.All).Cap(p, Kind.WitnessLog, 0, Right.Witness | Right.Grant);
            if (p != 5) script.Cap(p, Kind.Pool, 0, Right.Write | Right.Grant | Right.Revoke | Right.Prove);
            script.Cap(p, Kind.Policy, 0, Right.Write | Right.Grant | Right.Prove);
            for (ulong q = 1; q <= 5; q++) if (p == q % 5 + 1 || q == p % 5 + 1) script.Cap(p, Kind.Partition, q, Right.All);
            for (ulong d = 0; d < 3; d++) script.Cap(p, Kind.Lease, d, p == 4 ? Right.All & ~Right.Prove : Right.All);
            script.Region(p, Kind.Slab, 6, Right.All).Region(p, Kind.Immutable, 2, Right.Read | Right.Grant | Right.Revoke);
            script.Region(p, Kind.AppendOnly, 1, Right.Read | Right.GrantOnce).Region(p, Kind.Device, 1, Right.All, 0x9010 + p);
        }

        for (ulong p = 1; p <= 5; p++) script.Edge(p, p % 5 + 1, p).Edge(p % 5 + 1, p, 16 - p);
        return script.Start(1, 2, 3, 4, 5).Policy(PolicyWords.Open.Build()).Policy(PolicyWords.Narrow.Build()).Words();
    }
}
