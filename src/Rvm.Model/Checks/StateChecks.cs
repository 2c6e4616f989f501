using Rvm.Model.Configurations;
using Rvm.Model.Subject;

namespace Rvm.Model.Checks;

/// <summary>What must hold in every state, written from the theorems' English and not from the core's code. Each answers with what is wrong; null: nothing.</summary>
public sealed class StateChecks(Testbed testbed)
{
    private readonly CoreState.Core _core = testbed.Core;
    private readonly Size _size = testbed.Configuration.Size;
    private readonly List<(ulong Frame, int Partition)> _pages = [];

    public string? Check() => Memory() ?? Authority() ?? Handles() ?? Waiting() ?? Running() ?? Leases();

    /// <summary>The walk of the hardware, from each partition's root: no frame in two maps, none of the hypervisor's, nothing writable and executable.</summary>
    private string? Memory()
    {
        _pages.Clear();
        for (var p = 1; p <= _size.Partitions; p++)
            if (_core.stage2.tables[p] != 0 && Table(p, 0, 1, 0) is { } wrong) return wrong;
        for (var i = 0; i < _pages.Count; i++)
            for (var j = 0; j < i; j++)
                if (_pages[i].Frame == _pages[j].Frame && _pages[i].Partition != _pages[j].Partition)
                    return $"No_partition_reaches_anothers_memory: frame 0x{_pages[i].Frame:x} is in the maps of {_pages[j].Partition} and {_pages[i].Partition}";
        return null;
    }

    private string? Table(int p, int table, int level, ulong address)
    {
        var words = _core.stage2.pool.AsSpan((p * 16 + table) * CoreWindows.TableWords, CoreWindows.TableWords);
        for (int at = 0, next; (next = words[at..].IndexOfAnyExcept(0UL)) >= 0; at++)
        {
            at += next;
            var (d, page) = (words[at], address << 9 | (uint)at);
            var frame = d >> 12 & 0xF_FFFF_FFFF;
            if ((d & 1) == 0) continue;
            if ((d & 2) == 0) return $"The_hardware_sees_what_the_map_says: descriptor 0x{d:x} of partition {p} at level {level} is a block or reserved";
            var wrong = level == 3 ? Page(p, page, d, frame) : Below(p, frame, level, page);
            if (wrong is not null) return wrong;
        }

        return null;
    }

    private string? Below(int p, ulong frame, int level, ulong page)
    {
        var table = frame - _core.stage2.@base - (ulong)p * 16;
        return table is 0 || table >= Math.Min(_core.stage2.tables[p], 16)
            ? $"The_hardware_keeps_partitions_apart: the walk for partition {p} at level {level} leads to frame 0x{frame:x}, which is no table of its own"
            : Table(p, (int)table, level + 1, page);
    }

    private string? Page(int p, ulong page, ulong d, ulong frame)
    {
        var (write, execute) = ((d & 0x80) != 0, (d >> 53 & 3) == 0);
        if (write && execute) return $"Nothing_is_writable_and_executable: page 0x{page:x} of partition {p}";
        var isRam = frame >= Configuration.FirstFrame && frame < _core.regions.next;
        for (var r = 0; r < _size.Regions; r++)
        {
            var row = _core.regions.tab.AsSpan(8 * r, 5);
            if ((row[1] != (ulong)p && row[1] != Kind.Everybody) || frame < row[4] || frame >= row[4] + row[3]) continue;
            if (row[2] == Kind.Device ? frame + 1 > 0x40000 : !isRam) break;
            if (write && row[2] is Kind.Immutable or Kind.AppendOnly) return $"The map permits what the region's policy forbids: page 0x{page:x} of partition {p} is writable";
            if (row[1] != Kind.Everybody) _pages.Add((frame, p));
            else if (write || execute) return $"What_is_shared_never_changes: page 0x{page:x} of partition {p} is {(write ? "writable" : "executable")}";
            return null;
        }

        return $"No_partition_reaches_the_hypervisor: page 0x{page:x} of partition {p} shows frame 0x{frame:x}, which no region of its own has";
    }

    /// <summary>No live capability has a right that the one it came from lacks.</summary>
    private string? Authority()
    {
        for (var p = 1; p <= _size.Partitions; p++)
            for (var s = 0; s < _size.Slots; s++)
            {
                var i = p * States.Slots + s;
                var c = _core.caps.tab.AsSpan(8 * i, 8);
                if (c[5] == 0 || !Liveness.IsLive(_core, i)) continue;
                var above = _core.caps.tab.AsSpan(8 * (int)c[6], 8);
                if ((c[4] & ~above[4]) != 0 || (c[1], c[2], c[3]) != (above[1], above[2], above[3]))
                    return $"Authority_only_shrinks: partition {p}'s slot {s} has rights 0x{c[4]:x} on {c[1]}:{c[2]}, what it came from 0x{above[4]:x} on {above[1]}:{above[2]}";
            }

        return null;
    }

    /// <summary>The core's own check passes exactly the live handles.</summary>
    private string? Handles()
    {
        for (var p = 1u; p <= _size.Partitions; p++)
            for (var s = 0u; s <= _size.Slots; s++)
            {
                var i = (int)(p * States.Slots + s);
                var generation = _core.caps.tab[8 * i];
                for (var g = generation - 1; g != generation + 2; g++)
                {
                    _core.caps.Check(p, (ulong)g << 32 | s, 0, 0, out var status, out _);
                    if (status == 0 != (g == generation && Liveness.IsLive(_core, i)))
                        return $"Revocation_is_complete_for_ever: handle 0x{(ulong)g << 32 | s:x} of partition {p}, whose slot has generation {generation}, gives {(long)status}";
                }
            }

        return null;
    }

    /// <summary>Who waits, waits on an edge to it from another partition that exists, and has overlooked nothing.</summary>
    private string? Waiting()
    {
        for (var p = 1; p <= _size.Partitions; p++)
        {
            var row = _core.sched.tab.AsSpan(8 * p, 8);
            if (row[4] != 4) continue;
            var e = (int)row[7];
            var edge = e < _size.Edges ? _core.edges.edges.AsSpan(4 * e, 4) : default;
            if (edge.IsEmpty || edge[3] == 0 || edge[2] != p || edge[1] == p || _core.sched.tab[8 * edge[1] + 1] == 0 || _core.edges.heads[4 * e + 2] != 0)
                return $"Who_waits_can_be_woken: partition {p} waits on edge {row[7]}, which cannot wake it";
        }

        return null;
    }

    /// <summary>Who has leased a device has it alone, and the timer is set for the end of the running partition's lease.</summary>
    private string? Leases()
    {
        var (l, cur) = (_core.gate.leases, _core.sched.cur);
        for (var p = 1; p <= _size.Partitions; p++)
        {
            if (l.ends[p] == 0) continue;
            var (run, wake) = (_core.sched.tab[8 * p + 4], _core.sched.tab[8 * p + 7]);
            if (run == 4 || (run == 3 && wake > l.ends[p])) return $"No_lease_is_slept_past: partition {p} {(run == 4 ? "waits" : $"sleeps until {wake}")}, and its lease ends at {l.ends[p]}";
            var row = _core.regions.tab.AsSpan(8 * (int)l.place[2 * p], 5);
            if (row[1] != (ulong)p || row[2] != Kind.Device) return $"A_device_has_one_holder: partition {p} has leased a region of {row[1]} with policy {row[2]}";
            for (var q = 1; q < p; q++)
                if (l.ends[q] != 0 && _core.regions.tab.AsSpan(8 * (int)l.place[2 * q], 5) is var other && row[4] < other[4] + other[3] && other[4] < row[4] + row[3])
                    return $"A_device_has_one_holder: partitions {q} and {p} have leased frame 0x{Math.Max(row[4], other[4]):x}";
        }

        return cur != 0 && l.ends[cur] != 0 && RvmKernel.__default.Timer(_core) > l.ends[cur]
            ? $"The_timer_is_not_later_than_the_end_of_the_lease: partition {cur}'s ends at {l.ends[cur]}, the next tick is due at {RvmKernel.__default.Timer(_core)}" : null;
    }

    private string? Running()
    {
        var s = _core.sched;
        if (s.cur > _size.Partitions || (s.cur != 0 && (s.tab[8 * s.cur + 1], s.tab[8 * s.cur + 4]) != (2, 2))) return $"Everybody_is_served: partition {s.cur} runs and is not started";
        if (s.cur == 0 && s.count != 0 && !_core.booting && !_core.halted) return "Everybody_is_served: nobody runs although somebody is ready";
        return s.cur != 0 && RvmKernel.__default.Timer(_core) == ulong.MaxValue ? "Everybody_is_served: a partition runs and no tick is due" : null;
    }
}
