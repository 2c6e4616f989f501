namespace Rvm.Tool.Replay;

/// <summary>A partition's stage-2 map (spec/State.dfy: Map), kept as runs in the order of their pages, and the tables that it has needed.</summary>
public sealed class PageMap
{
    private const int PagesOfTable = 512;
    private const uint SecondLevel = 0x4_0000;
    private readonly List<MapRun> _runs = [];
    private readonly List<uint> _keys = [];
    private readonly HashSet<uint> _known = [];

    /// <summary>The keys of its level-2 and level-3 tables in the order of their making: page / 512 for level 3, 2^18 + page / 2^18 for level 2.</summary>
    public IReadOnlyList<uint> Keys => _keys;

    /// <summary>The map in its shortest form: what can be one run is one.</summary>
    public IReadOnlyList<MapRun> Runs
    {
        get
        {
            List<MapRun> all = [];
            foreach (var run in _runs)
            {
                if (all.Count > 0 && Continues(all[^1], run)) all[^1] = all[^1] with { Pages = all[^1].Pages + run.Pages };
                else all.Add(run);
            }

            return all;
        }
    }

    /// <summary>Nothing is mapped and there are no tables.</summary>
    public void Clear()
    {
        _runs.Clear();
        _keys.Clear();
        _known.Clear();
    }

    /// <summary>The run's pages show its frames, whatever they showed before.</summary>
    public void Map(MapRun run)
    {
        if (run.Pages == 0) return;
        Unmap(run.Page, run.Pages);
        _runs.Insert(FirstFrom(run.Page), run);
        for (var page = run.Page; page < run.End; page = (page / PagesOfTable + 1) * PagesOfTable)
        {
            AddKey(SecondLevel + (uint)(page / SecondLevel));
            AddKey((uint)(page / PagesOfTable));
        }
    }

    /// <summary>The pages show nothing.</summary>
    public void Unmap(ulong page, ulong pages)
    {
        var end = page + pages;
        if (pages == 0) return;
        var i = FirstFrom(page);
        if (i > 0 && _runs[i - 1].End > page)
        {
            var before = _runs[i - 1];
            _runs[i - 1] = before.To(page);
            if (before.End > end) _runs.Insert(i, before.From(end));
        }

        var last = i;
        while (last < _runs.Count && _runs[last].End <= end) last++;
        _runs.RemoveRange(i, last - i);
        if (i < _runs.Count && _runs[i].Page < end) _runs[i] = _runs[i].From(end);
    }

    private static bool Continues(MapRun a, MapRun b) =>
        a.End == b.Page && a.Frame + a.Pages == b.Frame && a.Permission == b.Permission && a.Region == b.Region;

    /// <summary>The place of the first run that begins at the page or after it.</summary>
    private int FirstFrom(ulong page)
    {
        var (low, high) = (0, _runs.Count);
        while (low < high)
        {
            var middle = (low + high) / 2;
            if (_runs[middle].Page < page) low = middle + 1;
            else high = middle;
        }

        return low;
    }

    private void AddKey(uint key)
    {
        if (_known.Add(key)) _keys.Add(key);
    }
}
