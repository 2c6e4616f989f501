using Rvm.Policy.Binding;
using Rvm.Policy.Language;

namespace Rvm.Policy.Table;

/// <summary>Names for a table's partitions and groups, such that its source can be read again.</summary>
internal sealed class ConditionNames
{
    private readonly SortedDictionary<int, (string Name, bool Quoted)> _partitions = [];
    private readonly List<(string Name, IReadOnlyList<int> Members)> _groups = [];

    /// <summary>The names of a table's text, as far as they are usable.</summary>
    public ConditionNames(TableText text)
    {
        HashSet<string> used = [];
        foreach (var (name, id) in text.Partitions)
            if (name.Length is > 0 and <= 63 && !name.Any(char.IsControl) && used.Add(name)) _partitions[id] = (name, !Plain(name));
        foreach (var (name, members) in text.Groups)
            if (Plain(name) && members.Count > 0 && members.All(m => m is >= 1 and <= 127) && used.Add(name))
                _groups.Add((name, [.. members.Distinct().Order()]));
        foreach (var member in _groups.SelectMany(g => g.Members)) Partition(member);
    }

    /// <summary>Where generated text claims to stand.</summary>
    public static Diagnostics.Place Nowhere { get; } = new("", 0, 0);

    /// <summary>True when the name can be written without quotes and is not a word of the language.</summary>
    public static bool Plain(string name) =>
        Lexer.Read("", name, new()) is [{ Kind: TokenKind.Word, Source: var source }] && source == name
        && !Fields.ByName.ContainsKey(name) && !Keywords.Conditions.Contains(name) && name is not ("call" or "none" or "unchanged-from");

    /// <summary>The declarations of all names used so far.</summary>
    public IEnumerable<Statement> Declarations() =>
    [
        .. _partitions.Select(p => new PartitionStatement(new(p.Value.Name, Nowhere), p.Value.Quoted, new($"{p.Key}", Nowhere), Nowhere)),
        .. _groups.Select(g => new GroupStatement(new(g.Name, Nowhere), [.. g.Members.Select(Partition)], Nowhere)),
    ];

    /// <summary>The name of a partition that is not none.</summary>
    public NameExpression Partition(int id)
    {
        if (!_partitions.TryGetValue(id, out var name))
        {
            for (var text = $"p{id}"; name.Name is null; text += "x")
                if (_partitions.Values.All(p => p.Name != text) && _groups.TrueForAll(g => g.Name != text)) name = (text, false);
            _partitions[id] = name;
        }

        return new(name.Name, name.Quoted, Nowhere);
    }

    /// <summary>The group with exactly these members, or null.</summary>
    public NameExpression? Group(IReadOnlyList<ulong> members) =>
        _groups.Find(g => g.Members.Select(m => (ulong)m).SequenceEqual(members)).Name is { } name ? new(name, false, Nowhere) : null;
}
