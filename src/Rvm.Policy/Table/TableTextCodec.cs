using System.Globalization;
using System.Text;

namespace Rvm.Policy.Table;

/// <summary>The text part of a table: lines of UTF-8 with tabs between their parts, padded with zeros to whole words.</summary>
public static class TableTextCodec
{
    /// <summary>The words of a text.</summary>
    public static ulong[] Encode(TableText text)
    {
        var lines = new StringBuilder();
        Line(lines, "policy", text.Name, text.Purpose);
        foreach (var rule in text.Rules)
            Line(lines, "rule", rule.Id.ToString(CultureInfo.InvariantCulture), rule.Permits ? "permit" : "forbid", rule.Name, rule.Reason);
        foreach (var (name, id) in text.Partitions.OrderBy(p => p.Value)) Line(lines, "partition", id.ToString(CultureInfo.InvariantCulture), name);
        foreach (var (name, members) in text.Groups.OrderBy(g => g.Key, StringComparer.Ordinal))
            Line(lines, "group", name, string.Join(',', members));
        return TableCodec.ToWords(Encoding.UTF8.GetBytes(lines.ToString()));
    }

    /// <summary>The text of some words. Lines that it does not understand are left out: nothing depends on them.</summary>
    public static TableText Decode(ReadOnlySpan<ulong> words)
    {
        var (name, purpose) = ("", "");
        List<TextRule> rules = [];
        Dictionary<string, int> partitions = [];
        Dictionary<string, IReadOnlyList<int>> groups = [];
        foreach (var line in Encoding.UTF8.GetString(TableCodec.ToBytes(words)).TrimEnd('\0').Split('\n'))
            switch (line.Split('\t'))
            {
                case ["policy", var own, var text]:
                    (name, purpose) = (own, text);
                    break;
                case ["rule", var id, "permit" or "forbid", var rule, var reason] 
                    when Number(id) is { } number && number < Binding.Binder.MaxRules && rules.All(r => r.Id != number):
                    rules.Add(new(number, line.Split('\t')[2] == "permit", rule, reason));
                    break;
                case ["partition", var id, var partition] when Number(id) is { } number and >= 1 and <= 127 && !partitions.ContainsValue(number):
                    partitions.TryAdd(partition, number);
                    break;
                case ["group", var group, var members] when Numbers(members) is var ids && !ids.Contains(null):
                    groups.TryAdd(group, [.. ids.OfType<int>()]);
                    break;
            }

        return new(name, purpose, rules, partitions, groups);
    }

    private static List<int?> Numbers(string text) => [.. text.Split(',', StringSplitOptions.RemoveEmptyEntries).Select(Number)];

    private static int? Number(string text) => int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;

    private static void Line(StringBuilder lines, params string[] parts) => lines.AppendJoin('\t', parts).Append('\n');
}
