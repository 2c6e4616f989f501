namespace Rvm.Model.Subject;

/// <summary>
/// What must never change in a configuration: every word of the core's arrays outside its windows. Apart from it are the words that every event is
/// free to write: registers of the partitions that exist, effects, the values of a request, the records' places in the ring, tables that are not in use.
/// </summary>
public sealed class Rest
{
    private readonly List<(CoreArray Array, byte[] Copy, bool[]? Free)> _all = [];

    /// <param name="ringFrom">The first record whose place in the ring may be written.</param>
    public Rest(CoreFields fields, IReadOnlyList<Window> windows, Size size, ulong ringFrom)
    {
        foreach (var array in fields.Arrays)
        {
            if (array.Path is "eff" or "gate.request") continue;
            var free = new bool[array.Bytes.Length / 8];
            foreach (var w in windows.Where(w => ReferenceEquals(w.Array, array))) free.AsSpan(w.Start, w.Words).Fill(true);
            if (array.Path == "ctx") free.AsSpan(64, size.Partitions * 64).Fill(true);
            if (array.Path == "stage2.pool") free.AsSpan(CoreWindows.PoolWords, size.Partitions * CoreWindows.PoolWords).Fill(true);
            if (array.Path == "log.ring") free.AsSpan((int)ringFrom * 8).Fill(true);
            _all.Add((array, array.Bytes.ToArray(), Array.TrueForAll(free, f => !f) ? null : free));
        }
    }

    /// <summary>A word that has changed though it must not; null: none has.</summary>
    public string? Changed()
    {
        foreach (var (array, copy, free) in _all)
        {
            var now = System.Runtime.InteropServices.MemoryMarshal.Cast<byte, ulong>(array.Bytes);
            var then = System.Runtime.InteropServices.MemoryMarshal.Cast<byte, ulong>(copy.AsSpan());
            for (var i = 0; (i += now[i..].CommonPrefixLength(then[i..])) < now.Length; i++)
                if (free is null || !free[i]) return $"{array.Path}, 64-bit word {i}, outside the configuration's windows, was 0x{then[i]:x} and is 0x{now[i]:x}";
        }

        return null;
    }
}
