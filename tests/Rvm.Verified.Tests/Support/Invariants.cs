namespace Rvm.Verified.Tests;

/// <summary>What must hold of a kernel after every event, checked against the interface documents and not against the kernel's own proofs.</summary>
public sealed class Invariants(CoreState.Core core)
{
    private readonly uint[] _generations = new uint[4096];
    private ulong _nextRecord;
    private ulong _chain = Witness.Basis;

    /// <summary>The cheap ones: log, capability generations, schedule.</summary>
    public void AfterEvent()
    {
        _chain = new Witness(core).Check(_nextRecord, _chain);
        _nextRecord = core.log.head;
        Generations();
        Schedule();
    }

    /// <summary>The others: quotas, regions, translation tables.</summary>
    public void Thorough()
    {
        Quotas();
        Regions();
        Tables();
        Leases();
    }

    private void Generations()
    {
        for (var i = 0; i < _generations.Length; i++)
        {
            var generation = core.caps.tab[i * 8];
            if (generation < _generations[i]) Assert.Fail($"slot {i}: generation {_generations[i]} became {generation}");
            _generations[i] = generation;
        }
    }

    private void Schedule()
    {
        var cur = core.sched.cur;
        if (cur > 127 || core.sched.count > 127) Assert.Fail($"partition {cur} runs, {core.sched.count} are ready");
        if (cur != 0 && PartRow.Read(core, cur) is not { Life: PartRow.Started, Run: PartRow.Running }) Assert.Fail($"partition {cur} runs and is {PartRow.Read(core, cur)}");
        if (cur == 0 && core.sched.count != 0 && !core.booting) Assert.Fail("nobody runs although somebody is ready");
    }

    private void Quotas()
    {
        ulong quota = 0, used = 0;
        for (var p = 0; p < 128; p++)
        {
            if (core.log.used[p] > core.log.quota[p]) Assert.Fail($"partition {p} used {core.log.used[p]} of {core.log.quota[p]} records");
            (quota, used) = (quota + core.log.quota[p], used + core.log.used[p]);
        }

        if (quota > Witness.Capacity || used != core.log.head - core.log.drained) Assert.Fail($"quotas {quota}, used {used}, undrained {core.log.head - core.log.drained}");
    }

    private void Regions()
    {
        ulong end = 0;
        foreach (var r in RegionRow.All(core).OrderBy(r => r.Frame))
        {
            if (r.Frame < end) Assert.Fail($"region {r.Index} overlaps the one before it: {r}");
            end = r.Frame + r.Pages;
            if ((r.Owner == Kind.Everybody) != (r.Policy == Kind.Shared && r.Owner != 0)) Assert.Fail($"region {r.Index} is shared by its owner or by its policy alone: {r}");
            if (r.Owner != 0 && r.Owner != Kind.Everybody && PartRow.Read(core, (uint)r.Owner).Life == PartRow.Free) Assert.Fail($"region {r.Index} belongs to a partition that does not exist");
            if (r.Policy != Kind.Device && (r.Frame < Rig.FirstFrame || end > core.regions.next)) Assert.Fail($"region {r.Index} is outside the RAM given out: {r}");
        }
    }

    /// <summary>What is leased is a listed device, has one holder, and shows in its map where the lease says and nowhere else; the timer is set for its end.</summary>
    private void Leases()
    {
        var l = core.gate.leases;
        for (uint p = 0; p < 128; p++)
        {
            if (l.ends[p] == 0) continue;
            var r = RegionRow.Read(core, (int)l.place[2 * p]);
            if (PartRow.Read(core, p) is var row && (row.Run == PartRow.Waiting || (row.Run == PartRow.Sleeping && row.Wake > l.ends[p]))) Assert.Fail($"partition {p} rests past its lease's end {l.ends[p]}: {row}");
            if (r.Owner != p || r.Policy != Kind.Device) Assert.Fail($"partition {p} has leased {r}");
            if (!Enumerable.Range(0, (int)l.count).Any(i => (l.list[2 * i], l.list[2 * i + 1]) == (r.Frame, r.Pages))) Assert.Fail($"partition {p} has leased what is no device: {r}");
            foreach (var page in Stage2Walker.Walk(core, p).Where(m => r.Frame <= m.Frame && m.Frame < r.Frame + r.Pages))
                if (page.IpaPage - l.place[2 * p + 1] != page.Frame - r.Frame) Assert.Fail($"partition {p} has {page} of {r}, leased at 0x{l.place[2 * p + 1]:x}");
        }

        if (core.sched.cur is var cur && cur != 0 && l.ends[cur] is var end && end != 0 && RvmKernel.__default.Timer(core) > end) Assert.Fail($"partition {cur}: the timer is later than the end of its lease");
    }

    private void Tables()
    {
        Dictionary<ulong, uint> writers = [];
        var regions = RegionRow.All(core).OrderBy(r => r.Frame).ToArray();
        for (uint p = 1; p < 128; p++)
        {
            if (PartRow.Read(core, p).Life == PartRow.Free) continue;
            foreach (var page in Stage2Walker.Walk(core, p))
            {
                var region = Array.Find(regions, r => r.Frame <= page.Frame && page.Frame < r.Frame + r.Pages);
                if (region.Pages == 0 || (region.Owner != p && region.Owner != Kind.Everybody)) Assert.Fail($"partition {p} reaches {page} of {region}");
                if (!page.Read || !region.Permits(page.Write, page.Execute, page.Device)) Assert.Fail($"partition {p} has {page} of {region}: the policy forbids it");
                if (page.Write && writers.TryGetValue(page.Frame, out var other) && other != p) Assert.Fail($"frame 0x{page.Frame:x} is writable by {other} and {p}");
                if (page.Write) writers[page.Frame] = p;
            }
        }
    }
}
