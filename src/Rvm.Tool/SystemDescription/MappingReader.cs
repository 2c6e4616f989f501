using Rvm.Diagnostics;

namespace Rvm.Tool.SystemDescription;

/// <summary>Takes typed values out of a mapping; wrong types are reported where they stand, unknown and doubled keys at the start.</summary>
public sealed class MappingReader
{
    private readonly Dictionary<string, (ScalarNode Key, Node Value)> _entries = [];
    private readonly DiagnosticBag _bag;
    private readonly string _what;

    private MappingReader(MappingNode node, string what, DiagnosticBag bag) => (Place, _what, _bag) = (node.Place, what, bag);

    /// <summary>Where the mapping begins.</summary>
    public Place Place { get; }

    /// <summary>Opens a mapping whose keys are <paramref name="known"/>; null after reporting that <paramref name="node"/> is none.</summary>
    public static MappingReader? Open(Node node, string what, IReadOnlyCollection<string> known, DiagnosticBag bag)
    {
        if (node is not MappingNode mapping)
        {
            bag.Error(node.Place, $"{what} is {node.Describe}", $"write a mapping with the keys {string.Join(", ", known)}");
            return null;
        }

        var reader = new MappingReader(mapping, what, bag);
        foreach (var (key, value) in mapping.Entries)
        {
            if (!known.Contains(key.Text))
                bag.Error(key.Place, $"unknown key `{key.Text}` in {what}", Suggest.OneOf(key.Text, known));
            else if (!reader._entries.TryAdd(key.Text, (key, value)))
                bag.Error(key.Place, $"`{key.Text}` stands twice in {what}", $"remove one; the first is in line {reader._entries[key.Text].Key.Place.Line}");
        }

        return reader;
    }

    /// <summary>The value's node, or null when the key is absent.</summary>
    public Node? Optional(string key) => _entries.TryGetValue(key, out var entry) ? entry.Value : null;

    /// <summary>Where the key stands, or where the mapping begins.</summary>
    public Place PlaceOf(string key) => _entries.TryGetValue(key, out var entry) ? entry.Key.Place : Place;

    /// <summary>True when the key is present.</summary>
    public bool Has(string key) => _entries.ContainsKey(key);

    /// <summary>A text that must be there; null after a report.</summary>
    public Located<string>? Text(string key, string example)
    {
        if (Scalar(key, example, required: true) is not { } node) return null;
        return new(node.Text, node.Place);
    }

    /// <summary>A text that may be absent.</summary>
    public Located<string>? OptionalText(string key, string example) =>
        Scalar(key, example, required: false) is { } node ? new(node.Text, node.Place) : null;

    /// <summary>A size or address in bytes, or null when absent or wrong.</summary>
    public Located<ulong>? Size(string key, string example, bool required = false)
    {
        if (Scalar(key, example, required) is not { } node) return null;
        if (Units.Size(node.Text, out var mend) is { } bytes) return new(bytes, node.Place);
        return Wrong(node, key, "not a size in bytes", mend);
    }

    /// <summary>A duration of at least <paramref name="least"/> counts, or <paramref name="otherwise"/> counts.</summary>
    public Located<ulong> Counts(string key, ulong otherwise, ulong least = 1)
    {
        if (Scalar(key, "1ms", required: false) is not { } node) return new(otherwise, Place);
        if (Units.Counts(node.Text, out var mend) is not { } counts) Wrong(node, key, "not a duration", mend);
        else if (counts < least) Wrong(node, key, "too short", $"write {Units.ShowCounts(least)} or more");
        else return new(counts, node.Place);
        return new(otherwise, node.Place);
    }

    /// <summary>An integer within bounds, or null when absent or wrong.</summary>
    public Located<ulong>? Integer(string key, ulong least, ulong most)
    {
        if (Scalar(key, least.ToString(), required: false) is not { } node) return null;
        if (Units.Integer(node.Text) is not { } value) return Wrong(node, key, "not a whole number", $"write a number between {least} and {most}");
        if (value >= least && value <= most) return new(value, node.Place);
        return Wrong(node, key, "out of range", $"write a number between {least} and {most}");
    }

    /// <summary><c>true</c> or <c>false</c>, or <paramref name="otherwise"/>.</summary>
    public bool Flag(string key, bool otherwise)
    {
        if (Scalar(key, "true", required: false) is not { } node) return otherwise;
        if (node.Text is "true" or "false") return node.Text == "true";
        Wrong(node, key, "neither true nor false", "write true or false");
        return otherwise;
    }

    /// <summary>One of a set of words, or null when absent or wrong.</summary>
    public T? Choice<T>(string key, IReadOnlyDictionary<string, T> words, bool required) where T : struct
    {
        if (Scalar(key, words.Keys.First(), required) is not { } node) return null;
        if (words.TryGetValue(node.Text, out var value)) return value;
        Wrong(node, key, "unknown", Suggest.OneOf(node.Text, [.. words.Keys]));
        return null;
    }

    /// <summary>The items of a list; none when the key is absent or its value is no list.</summary>
    public IReadOnlyList<Node> List(string key)
    {
        switch (Optional(key))
        {
            case null or ScalarNode { IsNull: true }:
                return [];
            case SequenceNode list:
                return list.Items;
            case var other:
                _bag.Error(other.Place, $"`{key}` of {_what} is {other.Describe}, not a list", "write one item per line, each beginning with `- `");
                return [];
        }
    }

    /// <summary>A list of rights; <paramref name="otherwise"/> when the key is absent.</summary>
    public Rights RightsOf(string key, Rights otherwise) => Optional(key) is { } node ? ReadRights(node, _bag) : otherwise;

    /// <summary>A list of rights; names that are unknown or stand twice, and an empty list, are reported.</summary>
    public static Rights ReadRights(Node node, DiagnosticBag bag)
    {
        if (node is not SequenceNode list)
        {
            bag.Error(node.Place, $"rights are {node.Describe}, not a list", "write them in brackets, such as [read, write]");
            return Rights.None;
        }

        var rights = Rights.None;
        foreach (var item in list.Items)
        {
            if (item is not ScalarNode name || !Names.RightByName.TryGetValue(name.Text, out var right))
                bag.Error(item.Place, $"unknown right {item.Describe}", Suggest.OneOf((item as ScalarNode)?.Text ?? "", [.. Names.RightByName.Keys]));
            else if (rights.HasFlag(right))
                bag.Error(item.Place, $"the right `{name.Text}` stands twice", "remove one");
            else
                rights |= right;
        }

        if (list.Items.Count == 0) bag.Error(node.Place, "a capability without rights allows nothing", "name at least one right or remove the entry");
        return rights;
    }

    private ScalarNode? Scalar(string key, string example, bool required)
    {
        var node = Optional(key);
        switch (node)
        {
            case ScalarNode { IsNull: false } scalar:
                return scalar;
            case null when !required:
                return null;
            case null:
                _bag.Error(Place, $"{_what} has no `{key}`", $"add `{key}: {example}`");
                return null;
            case ScalarNode:
                _bag.Error(PlaceOf(key), $"`{key}` of {_what} has no value", $"write `{key}: {example}`");
                return null;
            default:
                _bag.Error(node.Place, $"`{key}` of {_what} is {node.Describe}", $"write one value, such as `{key}: {example}`");
                return null;
        }
    }

    private Located<ulong>? Wrong(ScalarNode node, string key, string why, string mend)
    {
        _bag.Error(node.Place, $"`{key}` of {_what} is {node.Describe}: {why}", mend);
        return null;
    }
}
