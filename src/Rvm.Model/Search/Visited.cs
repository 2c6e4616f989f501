namespace Rvm.Model.Search;

/// <summary>
/// The states found so far: their keys in a table with open addressing (16 bytes and some room for each), and how each was first reached. Reading is
/// safe while nobody adds.
/// </summary>
public sealed class Visited
{
    private UInt128[] _table = new UInt128[1 << 16];
    private readonly List<int> _parents = [];
    private readonly List<ushort> _events = [];

    public int Count => _parents.Count;

    public bool Contains(UInt128 key)
    {
        key |= 1;
        for (var i = Place(key); ; i = (i + 1) & (_table.Length - 1))
        {
            if (_table[i] == key) return true;
            if (_table[i] == 0) return false;
        }
    }

    /// <summary>Adds a state; false: it is there already.</summary>
    public bool Add(UInt128 key, int parent, int number)
    {
        if (Contains(key)) return false;
        if (2 * (_parents.Count + 1) > _table.Length) Grow();
        Put(key | 1);
        _parents.Add(parent);
        _events.Add(checked((ushort)number));
        return true;
    }

    /// <summary>The numbers of the events that lead to a state from the first one.</summary>
    public List<int> Way(int state)
    {
        List<int> way = [];
        for (; state > 0; state = _parents[state]) way.Add(_events[state]);
        way.Reverse();
        return way;
    }

    private int Place(UInt128 key) => (int)((ulong)(key >> 64) & (ulong)(_table.Length - 1));

    private void Put(UInt128 key)
    {
        var i = Place(key);
        while (_table[i] != 0) i = (i + 1) & (_table.Length - 1);
        _table[i] = key;
    }

    private void Grow()
    {
        var old = _table;
        _table = new UInt128[2 * old.Length];
        foreach (var key in old)
            if (key != 0) Put(key);
    }
}
