using Rvm.Model.Configurations;
using Rvm.Model.Search;

namespace Rvm.Model.Subject;

/// <summary>
/// One core, booted into a configuration, that can be put into any state that was read from it or from another one of the same configuration.
/// The bytes of Rvm.Verified.dll are those of the image; a small machine is an ordinary one whose other slots have used up their generations.
/// </summary>
public sealed class Testbed
{
    private const int ChainWords = 8, PoolWord = 1 << 15;
    private static readonly int Chain = Array.IndexOf(StateVector.Order, Parts.Chain);

    private readonly CoreFields _fields;
    private readonly IReadOnlyList<Window> _windows;
    private readonly ulong[] _base, _numbers, _baseNumbers, _registers;
    private readonly Parts[] _numberParts;
    private readonly int[] _neff;
    private readonly Rest _rest;
    private readonly Size _size;
    private readonly List<int> _entries = [];                   // words of the pool, in tables that are in use, that are not zero
    private readonly List<(int At, ulong Word)> _pending = [];
    private readonly uint[] _inUse;                             // tables of each partition
    private readonly int _head;

    public Testbed(Configuration configuration)
    {
        (Configuration, _size) = (configuration, configuration.Size);
        Core = configuration.Fresh();
        _fields = new CoreFields(Core);
        _windows = CoreWindows.Of(_fields, _size);
        foreach (var e in configuration.Boot)
            if (e.Deliver(Core) is not 0 and var status) throw new InvalidOperationException($"configuration {configuration.Name}: the boot refuses {e} with {(long)status}");
        Now = configuration.Began;
        _base = [.. _windows.SelectMany(w => w.Span.ToArray())];
        _baseNumbers = new ulong[_fields.Numbers.Count];
        _numbers = new ulong[_fields.Numbers.Count];
        _numberParts = [.. _fields.Numbers.Select(CoreWindows.PartOf)];
        _head = _fields.Numbers.ToList().IndexOf("log.head");
        _neff = [.. _fields.Numbers.Index().Where(n => n.Item == "neff").Select(n => n.Index)];
        _fields.Read(_baseNumbers);
        foreach (var n in _neff) _baseNumbers[n] = 0;
        _registers = Core.ctx[..((_size.Partitions + 1) * States.Registers)];
        _inUse = new uint[_size.Partitions + 1];
        for (var p = 0; p <= _size.Partitions; p++) Spoil(p, (int)(_inUse[p] = Core.stage2.tables[p]), 16);
        FindEntries(null);
        _rest = new Rest(_fields, _windows, _size, Core.log.head);
    }

    public Configuration Configuration { get; }

    public CoreState.Core Core { get; }

    /// <summary>Stands for the state after the boot, word by word: states can only be put into a core that began with the same one.</summary>
    public UInt128 Origin => System.IO.Hashing.XxHash128.HashToUInt128(System.Runtime.InteropServices.MemoryMarshal.AsBytes<ulong>([.. _base, .. _baseNumbers, .. _registers]));

    /// <summary>The time of the last event.</summary>
    public ulong Now { get; private set; }

    /// <summary>A word outside the configuration that has changed; null: none.</summary>
    public string? Escaped() => _rest.Changed();

    /// <summary>Delivers an event.</summary>
    public void Deliver(Happening e)
    {
        e.Deliver(Core);
        Now = e.Now;
    }

    /// <summary>Writes the core's state into <paramref name="state"/>.</summary>
    public void Read(StateVector state)
    {
        state.Clear();
        _fields.Read(_numbers);
        foreach (var n in _neff) _numbers[n] = 0;
        var window = 0;
        for (var n = 0; n < StateVector.Order.Length; n++)
        {
            var part = StateVector.Order[n];
            for (; window < _windows.Count && _windows[window].Part == part; window++) Differences(_windows[window], state);
            for (var i = 0; i < _numbers.Length; i++)
                if (_numberParts[i] == part && _numbers[i] != _baseNumbers[i]) state.Add(_base.Length + i, _numbers[i]);
            if (part == Parts.Maps) FindEntries(state);
            if (part == Parts.Chain) LastRecord(state);
            if (part == Parts.Clock) state.Add(0, Now);
            state.EndPart(n);
        }
    }

    private void Differences(Window w, StateVector state)
    {
        ReadOnlySpan<ulong> now = w.Span, then = _base.AsSpan(w.First, w.Words);
        for (var i = 0; (i += now[i..].CommonPrefixLength(then[i..])) < now.Length; i++) state.Add(w.First + i, now[i]);
    }

    private void FindEntries(StateVector? state)
    {
        _entries.Clear();
        for (var p = 1; p <= _size.Partitions; p++)
        {
            _inUse[p] = Math.Min(Core.stage2.tables[p], 16);
            var words = Core.stage2.pool.AsSpan(p * CoreWindows.PoolWords, (int)_inUse[p] * CoreWindows.TableWords);
            for (int at = 0, next; (next = words[at..].IndexOfAnyExcept(0UL)) >= 0; at++)
            {
                at += next;
                _entries.Add(p * CoreWindows.PoolWords + at);
                state?.Add(PoolWord + (p - 1) * CoreWindows.PoolWords + at, words[at]);
            }
        }
    }

    private void LastRecord(StateVector state)
    {
        var at = (int)((Core.log.head - 1) % 65536) * ChainWords;
        for (var i = 0; i < ChainWords; i++) state.Add(i, Core.log.ring[at + i]);
    }

    /// <summary>Puts the core into a state. Registers are those after the boot: a guest can put anything there before its next event. So nobody has a job.</summary>
    public void Put(byte[] state)
    {
        foreach (var w in _windows) _base.AsSpan(w.First, w.Words).CopyTo(w.Span);
        _baseNumbers.CopyTo(_numbers, 0);
        _registers.CopyTo(Core.ctx, 0);
        Array.Fill(Core.gate.request, Configuration.Arbitrary);
        foreach (var at in _entries) Core.stage2.pool[at] = 0;
        _entries.Clear();
        _pending.Clear();
        for (var n = 0; n < StateVector.Order.Length; n++)
        {
            var part = StateVector.Order[n];
            var items = StateVector.PartOf(state, n);
            if (part == Parts.Clock) { Now = StateVector.Item(items, 0).Word; continue; }
            if (part == Parts.Chain) continue;
            for (var at = 0; at < items.Length; at += 10) PutWord(StateVector.Item(items, at));
        }

        PutChain(StateVector.PartOf(state, Chain));
        _fields.Write(_numbers);
        PutTables();
        foreach (var (at, word) in _pending) Core.stage2.pool[at] = word;
    }

    private void PutWord((int Index, ulong Word) item)
    {
        if (item.Index >= PoolWord)
        {
            var at = CoreWindows.PoolWords + (item.Index - PoolWord);
            _entries.Add(at);
            _pending.Add((at, item.Word));
        }
        else if (item.Index >= _base.Length) _numbers[item.Index - _base.Length] = item.Word;
        else
        {
            var w = WindowOf(item.Index);
            w.Span[item.Index - w.First] = item.Word;
        }
    }

    private Window WindowOf(int index)
    {
        var (low, high) = (0, _windows.Count - 1);
        while (low < high)
        {
            var middle = (low + high + 1) / 2;
            if (_windows[middle].First <= index) low = middle; else high = middle - 1;
        }

        return _windows[low];
    }

    /// <summary>The chain, a number, and the last record.</summary>
    private void PutChain(ReadOnlySpan<byte> items)
    {
        var at = (int)((_numbers[_head] - 1) % 65536) * ChainWords;
        for (var i = 0; i < items.Length; i += 10)
        {
            var (index, word) = StateVector.Item(items, i);
            if (index >= _base.Length) _numbers[index - _base.Length] = word;
            else Core.log.ring[at + index] = word;
        }
    }

    /// <summary>Tables that come into use are zero but for their entries; those that go out of use hold what nobody may rely on.</summary>
    private void PutTables()
    {
        for (var p = 1; p <= _size.Partitions; p++)
        {
            var (was, now) = ((int)_inUse[p], (int)Core.stage2.tables[p]);
            if (now > was) Core.stage2.pool.AsSpan(p * CoreWindows.PoolWords + was * CoreWindows.TableWords, (now - was) * CoreWindows.TableWords).Clear();
            else Spoil(p, now, was);
            _inUse[p] = (uint)now;
        }
    }

    private void Spoil(int p, int from, int to)
    {
        if (p > 0 && from < to) Core.stage2.pool.AsSpan(p * CoreWindows.PoolWords + from * CoreWindows.TableWords, (to - from) * CoreWindows.TableWords).Fill(Configuration.Arbitrary);
    }
}
