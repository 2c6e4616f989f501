using Rvm.Diagnostics;
using Rvm.Policy.Binding;
using Rvm.Policy.Language;

namespace Rvm.Policy.Table;

/// <summary>Writes a table as a policy's source. What the compiler made of a source compiles to the same words again.</summary>
public sealed class Decompiler
{
    private static readonly Place Nowhere = ConditionNames.Nowhere;
    private readonly PolicyTable _table;
    private readonly ConditionNames _names;
    private readonly ConditionWriter _conditions;
    private readonly List<Call> _decided;

    private Decompiler(PolicyTable table)
    {
        (_table, _names) = (table, new(table.Text));
        _conditions = new(_names);
        _decided = [.. Calls.All.Where(c => c.AlwaysDecided || Governs(c.Number))];
    }

    /// <summary>The source of a table; null after reporting what in it the language cannot say.</summary>
    /// <param name="table">The table.</param>
    /// <param name="file">Its path, for reports.</param>
    /// <param name="bag">Where errors and warnings go.</param>
    public static string? Write(PolicyTable table, string file, DiagnosticBag bag)
    {
        try
        {
            var decompiler = new Decompiler(table);
            decompiler.CheckCalls();
            if (!decompiler.KeepsNumbers)
                bag.Warn(Place.Whole(file), "the rules stand in an order that no source gives",
                    "each rule of the table becomes a rule of its own, with a new number");
            List<Statement> rules = [.. decompiler.KeepsNumbers ? decompiler.Numbered() : decompiler.Renumbered()];
            var text = SyntaxWriter.Write([.. decompiler.Head(), .. decompiler._names.Declarations(), .. decompiler.Govern(), .. rules]);
            return Formatter.Format(Parser.Read(file, text, new()));
        }
        catch (UnwritableException e)
        {
            bag.Error(Place.Whole(file), $"the table has {e.Message}, which the language cannot say",
                "such a table was not made by `rvm policy compile`");
            return null;
        }
    }

    private bool Governs(int call) => (_table.Governed >> call & 1) != 0;

    private bool IsDeep(int call) => (_table.Deep >> call & 1) != 0;

    private void CheckCalls()
    {
        for (var call = 0; call < Calls.Count; call++)
        {
            if (Governs(call) && !Calls.ByNumber.ContainsKey(call)) throw new UnwritableException($"the governed call {call}");
            if (IsDeep(call) && Calls.Sealed.All(c => c.Number != call)) throw new UnwritableException($"a deep proof for call {call}");
            if (_table.Calls[call].All.Any() && !_decided.Exists(c => c.Number == call))
                throw new UnwritableException($"rules for call {call}, which it does not decide");
        }
    }

    /// <summary>Every id means the same everywhere, and the rules of each call are in the order of their ids.</summary>
    private bool KeepsNumbers =>
        !_table.Calls.SelectMany(c => c.Forbids).Select(r => r.Id).Intersect(_table.Calls.SelectMany(c => c.Permits).Select(r => r.Id)).Any()
        && _table.Calls.All(c => IsAscending(c.Forbids) && IsAscending(c.Permits));

    private static bool IsAscending(IReadOnlyList<TableRule> rules) => rules.Zip(rules.Skip(1)).All(p => p.First.Id <= p.Second.Id);

    private IEnumerable<Statement> Head()
    {
        yield return new PolicyStatement(new(ConditionNames.Plain(_table.Text.Name) ? _table.Text.Name : "unnamed", Nowhere),
            Clean(_table.Text.Purpose), Nowhere);
    }

    private IEnumerable<Statement> Govern()
    {
        var calls = Calls.All.Where(c => Governs(c.Number)).Select(c => new Located<string>(c.Name, Nowhere)).ToList();
        if (calls.Count > 0) yield return new GovernStatement(calls, Nowhere);
        var deep = Calls.Sealed.Where(c => IsDeep(c.Number)).Select(c => new Located<string>(c.Name, Nowhere)).ToList();
        if (deep.Count > 0) yield return new DeepStatement(deep, Nowhere);
    }

    /// <summary>One rule for each id, gaps filled with rules that never match.</summary>
    private IEnumerable<Statement> Numbered()
    {
        var permits = _table.Calls.SelectMany(c => c.Permits).Select(r => r.Id).ToHashSet();
        var last = _table.Calls.SelectMany(c => c.All).Select(r => r.Id).Concat(_table.Text.Rules.Select(r => r.Id)).DefaultIfEmpty(-1).Max();
        var byId = _decided.SelectMany(c => _table.Calls[c.Number].All.Select(r => (Call: c, Rule: r))).ToLookup(r => r.Rule.Id);
        HashSet<string> used = [];
        for (var id = 0; id <= last; id++)
        {
            var text = _table.Text.Rule(id);
            var any = byId[id].Any();
            var calls = byId[id].GroupBy(r => r.Call).Select(g => (Call: g.Key, Condition: Alternatives(g.Select(r => r.Rule)))).ToList();
            var parts = calls.GroupBy(c => SyntaxWriter.Write(c.Condition))
                .Select(g => g.Count() == _decided.Count ? g.First().Condition
                    : ConditionWriter.All([ConditionWriter.CallIn([.. g.Select(c => c.Call)]), g.First().Condition]));
            var permit = any ? permits.Contains(id) : text?.Permits ?? true;
            yield return Rule(permit, Name(text?.Name, id, used), text?.Reason, ConditionWriter.Any([.. parts]));
        }
    }

    /// <summary>Each rule of the table by itself, in the order of its call.</summary>
    private IEnumerable<Statement> Renumbered()
    {
        HashSet<string> used = [];
        foreach (var call in _decided)
            foreach (var (rule, i) in _table.Calls[call.Number].All.Select((r, i) => (r, i)))
                yield return Rule(i >= _table.Calls[call.Number].Forbids.Count, Name(null, used.Count, used), _table.Text.Rule(rule.Id)?.Reason,
                    ConditionWriter.All([ConditionWriter.CallIn([call]), Alternatives([rule])]));
    }

    private Condition Alternatives(IEnumerable<TableRule> rules) => _conditions.Write([.. rules.Select(Meaning).OfType<Conjunction>()]);

    private static Conjunction? Meaning(TableRule rule) =>
        rule.Conditions.Select(ConditionCodec.Decode).Aggregate((Conjunction?)Conjunction.True, (sum, c) => c is null ? null : sum?.And(c));

    private static RuleStatement Rule(bool permits, string name, string? reason, Condition condition) =>
        new(permits, new(name, Nowhere), Clean(reason ?? ""), condition, Nowhere);

    private static string Name(string? given, int id, HashSet<string> used)
    {
        var name = given is not null && ConditionNames.Plain(given) && !used.Contains(given) ? given : $"rule-{id}";
        while (!used.Add(name)) name += "x";
        return name;
    }

    private static string Clean(string text) => new([.. text.Select(c => char.IsControl(c) ? ' ' : c)]);
}
