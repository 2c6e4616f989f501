using System.Numerics;
using Rvm.Diagnostics;
using Rvm.Policy.Language;

namespace Rvm.Policy.Binding;

/// <summary>The names that a system description gives to a policy.</summary>
/// <param name="Source">The description's path, for messages.</param>
/// <param name="Partitions">Partition numbers by name.</param>
/// <param name="Groups">Partition numbers of each group.</param>
public sealed record SystemNames(string Source, IReadOnlyDictionary<string, int> Partitions, IReadOnlyDictionary<string, IReadOnlyList<int>> Groups);

/// <summary>A named constant, in units of the source.</summary>
public sealed record NamedConstant(FieldType Type, BigInteger Value);

/// <summary>The names that conditions can use: constants, partitions and groups.</summary>
public sealed class Declarations
{
    private static readonly HashSet<string> Reserved = [.. Fields.ByName.Keys, .. Keywords.Conditions, "call", "none"];
    private readonly Dictionary<string, NamedConstant> _constants = [];
    private readonly Dictionary<string, int> _partitions = [];
    private readonly Dictionary<string, IReadOnlyList<int>> _groups = [];
    private readonly Dictionary<string, string> _origins = [];
    private readonly HashSet<string> _broken = [];
    private readonly SystemNames? _system;
    private readonly DiagnosticBag _bag;

    /// <summary>The names of <paramref name="system"/>, if any.</summary>
    public Declarations(SystemNames? system, DiagnosticBag bag)
    {
        (_system, _bag) = (system, bag);
        if (system is null) return;
        foreach (var (name, id) in system.Partitions) (_partitions[name], _origins[name]) = (id, "of " + system.Source);
        foreach (var (name, members) in system.Groups) (_groups[name], _origins[name]) = ([.. members.Distinct().Order()], "of " + system.Source);
    }

    /// <summary>Constants by name.</summary>
    public IReadOnlyDictionary<string, NamedConstant> Constants => _constants;

    /// <summary>Partition numbers by name.</summary>
    public IReadOnlyDictionary<string, int> Partitions => _partitions;

    /// <summary>Partition numbers of each group, ascending.</summary>
    public IReadOnlyDictionary<string, IReadOnlyList<int>> Groups => _groups;

    /// <summary>True when the name's declaration is wrong, which is reported.</summary>
    public bool IsBroken(string name) => _broken.Contains(name);

    /// <summary>Notes that a name exists although its declaration is wrong.</summary>
    public void Break(string name) => _broken.Add(name);

    /// <summary>Declares a constant; null: its value is wrong.</summary>
    public void Add(ConstStatement statement, NamedConstant? value)
    {
        if (!Claim(statement.Name)) return;
        if (value is null) Break(statement.Name.Value);
        else _constants[statement.Name.Value] = value;
    }

    /// <summary>Declares a partition.</summary>
    public void Add(PartitionStatement statement)
    {
        var (name, number) = (statement.Name.Value, statement.Number.Source);
        var id = Quantity.Read(number, out _) is { Type: FieldType.Number } read && read.Value >= 1 && read.Value <= 127 ? (int)read.Value : 0;
        if (id == 0) _bag.Error(statement.Number.Place, $"`{number}` is not a partition's number", "partitions have the numbers 1 to 127");
        if (_system is not null && _system.Partitions.TryGetValue(name, out var known))
        {
            if (id != 0 && id != known)
                _bag.Error(statement.Number.Place, $"`{name}` is partition {known} of {_system.Source}",
                    "remove the declaration: the system gives the numbers");
            return;
        }

        // A number that the system leaves free is that of a partition made at run time.
        if (_system is not null && _system.Partitions.Values.Contains(id))
            _bag.Error(statement.Name.Place, $"{_system.Source} has no partition `{name}`", Suggest.OneOf(name, [.. _system.Partitions.Keys]));
        else if (id != 0 && _partitions.FirstOrDefault(p => p.Value == id).Key is { } other)
            _bag.Error(statement.Number.Place, $"partition {id} is `{other}` already", "give each partition its own number");
        if (!Claim(statement.Name, statement.Quoted)) return;
        if (id == 0) Break(name);
        else _partitions[name] = id;
    }

    /// <summary>Declares a group of partitions and earlier groups.</summary>
    public void Add(GroupStatement statement)
    {
        List<int> members = [];
        foreach (var member in statement.Members)
            if (!member.Quoted && _groups.TryGetValue(member.Name, out var group)) members.AddRange(group);
            else if (_partitions.TryGetValue(member.Name, out var id)) members.Add(id);
            else if (!IsBroken(member.Name)) _bag.Error(member.Place, $"unknown partition `{member.Name}`", MendPartition(member.Name));
        IReadOnlyList<int> all = [.. members.Distinct().Order()];
        var same = _system is not null && _system.Groups.ContainsKey(statement.Name.Value) && _groups[statement.Name.Value].SequenceEqual(all);
        if (!same && Claim(statement.Name)) _groups[statement.Name.Value] = all;
    }

    /// <summary>What to write instead of an unknown partition.</summary>
    public string MendPartition(string name) => _partitions.Count + _groups.Count == 0
        ? $"give --system SYSTEM.yaml, or declare the partition: partition {name} = 1"
        : Suggest.OneOf(name, [.. _partitions.Keys, .. _groups.Keys]) + (_system is null ? "; a system's names come with --system" : "");

    private bool Claim(Located<string> name, bool quoted = false)
    {
        if (!quoted && Reserved.Contains(name.Value))
            _bag.Error(name.Place, $"`{name.Value}` is a word of the language", "choose another name");
        else if (!_origins.TryAdd(name.Value, $"in line {name.Place.Line}"))
            _bag.Error(name.Place, $"a second `{name.Value}`", $"rename it; the first is {_origins[name.Value]}");
        else return true;
        return false;
    }
}
