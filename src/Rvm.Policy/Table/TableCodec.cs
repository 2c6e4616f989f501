using System.Buffers.Binary;

namespace Rvm.Policy.Table;

/// <summary>Tables as words: a header of 8 words, an index of 128, the rules, the text.</summary>
public static class TableCodec
{
    /// <summary>"RVMPOLY1" in little-endian order.</summary>
    public const ulong Magic = 0x3159_4C4F_504D_5652;

    /// <summary>The version of the format that the tool writes and reads.</summary>
    public const ulong Version = 1;

    /// <summary>Where the first rule can stand: after the header and the index.</summary>
    public const int FirstRule = HeaderWords + Binding.Calls.Count;

    private const int HeaderWords = 8;

    /// <summary>Words of header, index and rules.</summary>
    public static int KernelWords(PolicyTable table) => FirstRule + table.Calls.Distinct().Sum(c => c.All.Sum(r => r.Words));

    /// <summary>The table's words. Calls with the same rules share them.</summary>
    public static ulong[] Encode(PolicyTable table)
    {
        var index = new ulong[Binding.Calls.Count];
        List<ulong> rules = [];
        Dictionary<CallRules, ulong> placed = new() { [CallRules.None] = 0 };
        for (var call = 0; call < index.Length; call++)
        {
            var own = table.Calls[call];
            if (placed.TryAdd(own, (uint)(FirstRule + rules.Count) | (ulong)(uint)own.Forbids.Count << 32 | (ulong)(uint)own.Permits.Count << 48))
                foreach (var rule in own.All) Add(rules, rule);
            index[call] = placed[own];
        }

        var text = TableTextCodec.Encode(table.Text);
        var kernel = FirstRule + rules.Count;
        ulong[] header =
        [
            Magic, Version, (ulong)kernel, (ulong)(kernel + text.Length), (ulong)table.Governed, (ulong)(table.Governed >> 64),
            (ulong)table.Deep, (ulong)(table.Deep >> 64),
        ];
        return [.. header, .. index, .. rules, .. text];
    }

    /// <summary>Takes a table apart; null and the reason when the words are none.</summary>
    public static PolicyTable? Decode(ReadOnlySpan<ulong> words, out string reason)
    {
        reason = words switch
        {
            { Length: < FirstRule } => $"shorter than its header and index ({words.Length} words)",
            _ when words[0] != Magic => "the magic number is wrong",
            _ when words[1] != Version => $"version {words[1]} is unknown",
            _ when words[3] > (ulong)words.Length => $"the header says {words[3]} words, there are {words.Length}",
            _ when words[2] < FirstRule || words[2] > words[3] || words[2] > PolicyTable.MaxWords =>
                $"the header says {words[2]} words of rules, which is out of range",
            _ => "",
        };
        if (reason != "") return null;
        var kernel = words[..(int)words[2]];
        var calls = new CallRules[Binding.Calls.Count];
        for (var call = 0; call < calls.Length; call++)
        {
            if (CallAt(kernel, kernel[HeaderWords + call], out var what) is not { } rules)
            {
                reason = $"call {call}: {what}";
                return null;
            }

            calls[call] = rules;
        }

        return new((UInt128)words[5] << 64 | words[4], (UInt128)words[7] << 64 | words[6], calls, TableTextCodec.Decode(words[(int)words[2]..(int)words[3]]));
    }

    /// <summary>Words as little-endian bytes.</summary>
    public static byte[] ToBytes(ReadOnlySpan<ulong> words)
    {
        var bytes = new byte[words.Length * 8];
        for (var i = 0; i < words.Length; i++) BinaryPrimitives.WriteUInt64LittleEndian(bytes.AsSpan(i * 8), words[i]);
        return bytes;
    }

    /// <summary>Bytes as words, the last one padded with zeros.</summary>
    public static ulong[] ToWords(ReadOnlySpan<byte> bytes)
    {
        var padded = new byte[(bytes.Length + 7) / 8 * 8];
        bytes.CopyTo(padded);
        var words = new ulong[padded.Length / 8];
        for (var i = 0; i < words.Length; i++) words[i] = BinaryPrimitives.ReadUInt64LittleEndian(padded.AsSpan(i * 8));
        return words;
    }

    private static void Add(List<ulong> words, TableRule rule)
    {
        words.Add((uint)rule.Conditions.Count | (ulong)(uint)rule.Id << 8);
        foreach (var c in rule.Conditions)
            words.AddRange([(uint)c.Field | (ulong)c.Operator << 8 | (ulong)(uint)c.Second << 16, c.A, c.B]);
    }

    private static CallRules? CallAt(ReadOnlySpan<ulong> words, ulong entry, out string reason)
    {
        var (offset, forbids, permits) = ((long)(uint)entry, (int)(entry >> 32 & 0xFFFF), (int)(entry >> 48));
        var all = new List<TableRule>();
        reason = "";
        if (entry == 0) return CallRules.None;
        if (offset < FirstRule) reason = $"its rules begin at word {offset}, inside the index";
        else if (forbids + permits is 0 or > PolicyTable.MaxRulesOfCall) reason = $"{forbids + permits} rules";
        while (reason == "" && all.Count < forbids + permits)
            if (RuleAt(words, offset, out reason) is { } rule)
            {
                all.Add(rule);
                offset += rule.Words;
            }

        return reason == "" ? new([.. all.Take(forbids)], [.. all.Skip(forbids)]) : null;
    }

    private static TableRule? RuleAt(ReadOnlySpan<ulong> words, long at, out string reason)
    {
        reason = at >= words.Length ? $"a rule begins at word {at}, behind the end" : "";
        if (reason != "") return null;
        var head = words[(int)at];
        var (count, id) = ((int)(head & 0xFF), (int)(head >> 8 & 0xFFFF));
        reason = head >> 24 != 0 || id >= Binding.Binder.MaxRules || count > PolicyTable.MaxConditions ? $"word {at} heads no rule"
            : at + 1 + count * TableCondition.Words > words.Length ? $"the rule at word {at} reaches behind the end" : "";
        var conditions = new TableCondition[reason == "" ? count : 0];
        for (var i = 0; i < conditions.Length; i++)
        {
            var (word, a, b) = (words[(int)at + 1 + i * 3], words[(int)at + 2 + i * 3], words[(int)at + 3 + i * 3]);
            var (field, symbol, second) = ((int)(word & 0xFF), (int)(word >> 8 & 0xFF), (int)(word >> 16 & 0xFF));
            var two = symbol >= (int)TableOperator.AtMost;
            if (word >> 24 != 0 || field >= Binding.Fields.All.Count || symbol > (int)TableOperator.Above
                || second >= (two ? Binding.Fields.All.Count : 1) || (two && b != 0))
                reason = $"word {at + 1 + i * 3} begins no condition";
            conditions[i] = new(field, (TableOperator)symbol, second, a, b);
        }

        return reason == "" ? new(id, conditions) : null;
    }
}
