using Rvm.Policy.Binding;
using Rvm.Policy.Checks;

namespace Rvm.Policy.Tests.Support;

/// <summary>Decides on a table's words as docs/policy.md says, for tests of the compiler. The kernel's evaluator is another one, and
/// verified.</summary>
public static class TableInterpreter
{
    /// <summary>The decision of a table on a request.</summary>
    public static Ruling Decide(ReadOnlySpan<ulong> words, PolicyRequest request)
    {
        var entry = words[8 + request.Call.Number];
        var (at, forbids, permits) = ((int)(uint)entry, (int)(entry >> 32 & 0xFFFF), (int)(entry >> 48));
        for (var rule = 0; rule < forbids + permits; rule++)
        {
            var count = (int)(words[at] & 0xFF);
            var matches = true;
            for (var i = 0; i < count; i++) matches &= Holds(words.Slice(at + 1 + 3 * i, 3), request);
            if (matches) return new(rule >= forbids, (int)(words[at] >> 8 & 0xFFFF));
            at += 1 + 3 * count;
        }

        return new(false, Ruling.NoRule);
    }

    private static bool Holds(ReadOnlySpan<ulong> condition, PolicyRequest request)
    {
        var (x, y, a, b) = (request.Values[(int)(condition[0] & 0xFF)], request.Values[(int)(condition[0] >> 16 & 0xFF)], condition[1], condition[2]);
        return (condition[0] >> 8 & 0xFF) switch
        {
            0 => a <= x && x <= b,
            1 => x < a || x > b,
            2 => x < 128 && (new UInt128(b, a) >> (int)x & 1) != 0,
            3 => !(x < 128 && (new UInt128(b, a) >> (int)x & 1) != 0),
            4 => (x & a) == b,
            5 => (x & a) != b,
            6 => x <= (UInt128)y + a,
            7 => x > (UInt128)y + a,
            _ => throw new ArgumentException("no such operator"),
        };
    }
}
