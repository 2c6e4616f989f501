namespace Rvm.Platform.Hvf;

/// <summary>
/// The framework's map as a cache of translations, like a TLB whose entries carry a VMID: an entry comes from a walk over the core's tables
/// when a guest faults, and goes with the effects that invalidate TLBs at EL2. Only the loaded partition's entries are in the VM's map.
///
/// An entry covers a unit of the framework's granule: 4 KiB, or 16 KiB, and then all four pages must have one permission and lie in one
/// aligned unit of memory. Neighbouring units are joined into one map.
/// </summary>
internal sealed unsafe class Translations(VirtualMachine vm, Frames frames, ulong[] pool)
{
    private const int JoinUnits = 512;
    private readonly record struct Entry(ulong Page, ulong Pages, ulong Frame, MemoryFlags Flags);

    private readonly List<Entry>?[] _of = new List<Entry>?[128];
    private readonly ulong _unit = vm.Granule >> 12;

    /// <summary>The partition whose entries are in the VM's map; 0: none.</summary>
    public uint Loaded { get; private set; }

    /// <summary>Takes the loaded partition's entries out of the VM's map and puts another's in.</summary>
    public void Load(uint partition)
    {
        if (_of[Loaded] is { } old) foreach (var e in old) vm.Unmap(e.Page << 12, e.Pages << 12);
        Loaded = partition;
        if (_of[partition] is { } list) foreach (var e in list) Install(e);
    }

    /// <summary>Fills the entry for a page of the loaded partition. False: the tables do not allow this access, or the unit is there already.</summary>
    public bool Fill(ulong page, MemoryFlags access)
    {
        var start = page / _unit * _unit;
        var list = _of[Loaded] ??= [];
        if (Unit(start) is not { } unit || (unit.Flags & access) != access || list.Exists(e => start >= e.Page && start < e.Page + e.Pages)) return false;
        var end = start + _unit;
        while (end - start < JoinUnits * _unit && Unit(end) is { } next && next.Flags == unit.Flags && next.Frame == unit.Frame + (end - start) && !list.Exists(e => end >= e.Page && end < e.Page + e.Pages)) end += _unit;
        var entry = unit with { Pages = end - start };
        Install(entry);
        list.Add(entry);
        return true;
    }

    /// <summary>Forgets every entry that touches these pages.</summary>
    public void Forget(uint partition, ulong page, ulong pages)
    {
        bool Hit(Entry e) => e.Page < page + pages && page < e.Page + e.Pages;
        if (_of[partition] is not { } list) return;
        if (partition == Loaded) foreach (var e in list.Where(Hit)) vm.Unmap(e.Page << 12, e.Pages << 12);
        list.RemoveAll(Hit);
    }

    private void Install(Entry e) => vm.Map(frames.At(e.Frame, e.Pages), e.Page << 12, e.Pages << 12, e.Flags);

    /// <summary>The unit that begins at this page, if its pages make one.</summary>
    private Entry? Unit(ulong page)
    {
        var first = TableWalk.Of(pool, Loaded, page);
        if (first.IsFault || first.Frame % _unit != 0 || page + _unit > 1UL << (int)(vm.IpaBits - 12)) return null;
        for (ulong i = 1; i < _unit; i++)
            if (TableWalk.Of(pool, Loaded, page + i) != first with { Frame = first.Frame + i }) return null;
        return new(page, _unit, first.Frame, first.Flags);
    }
}
