using Rvm.Diagnostics;
using Rvm.Policy.Language;

namespace Rvm.Policy.Binding;

/// <summary>Resolves names, types and units of a whole policy. Reports every error.</summary>
public sealed class Binder
{
    /// <summary>A policy has at most so many rules: their ids have 12 bits, and one id means «no rule».</summary>
    public const int MaxRules = 4095;

    private readonly SyntaxTree _tree;
    private readonly Declarations _names;
    private readonly ConditionBinder _conditions;
    private readonly DiagnosticBag _bag;
    private readonly List<Call> _governed = [];
    private readonly List<Call> _deep = [];

    private Binder(SyntaxTree tree, SystemNames? system, DiagnosticBag bag)
    {
        (_tree, _bag, _names) = (tree, bag, new(system, bag));
        _conditions = new(_names, bag);
    }

    /// <summary>The meaning of a policy; null when <paramref name="bag"/> holds errors.</summary>
    public static BoundPolicy? Bind(SyntaxTree tree, SystemNames? system, DiagnosticBag bag) => new Binder(tree, system, bag).Policy();

    private BoundPolicy? Policy()
    {
        var head = Head();
        foreach (var statement in _tree.Statements) Declare(statement);
        foreach (var statement in _tree.Statements.OfType<GovernStatement>()) Govern(statement);
        foreach (var statement in _tree.Statements.OfType<DeepStatement>()) Deepen(statement);
        var rules = Rules();
        var assertions = Assertions();
        var allows = Allows();
        if (_bag.HasErrors || head is null) return null;
        return new(_tree.File, head.Name.Value, head.Text, _names.Partitions, _names.Groups, [.. _governed.OrderBy(c => c.Number)],
            [.. _deep.OrderBy(c => c.Number)], rules, assertions, allows);
    }

    private PolicyStatement? Head()
    {
        var heads = _tree.Statements.OfType<PolicyStatement>().ToList();
        foreach (var second in heads.Skip(1))
            _bag.Error(second.Place, "a second `policy` statement", $"remove it; the first is in line {heads[0].Place.Line}");
        if (heads.Count == 0 && !_tree.Statements.Any(s => s is BrokenStatement { Keyword: "policy" }))
            _bag.Error(new(_tree.File, 1, 1), "the policy has no name", "begin with policy NAME \"what it is for\"");
        return heads.FirstOrDefault();
    }

    private void Declare(Statement statement)
    {
        switch (statement)
        {
            case BrokenStatement broken:
                _names.Break(broken.Name);
                break;
            case ConstStatement constant:
                _names.Add(constant, Value(constant));
                break;
            case PartitionStatement partition:
                _names.Add(partition);
                break;
            case GroupStatement group:
                _names.Add(group);
                break;
        }
    }

    private NamedConstant? Value(ConstStatement statement)
    {
        if (new ExpressionBinder(_names, _bag).Bind(statement.Value, null) is not { } value) return null;
        if (value.Field is null && TypeNames.IsOrdered(value.Type)) return new(value.Type, value.Offset);
        _bag.Error(statement.Value.Place, $"`{statement.Name.Value}` is no constant",
            "a constant is a number, a size or a time; name partitions with `group`");
        return null;
    }

    private void Govern(GovernStatement statement)
    {
        foreach (var name in statement.Calls)
            if (!Calls.ByName.TryGetValue(name.Value, out var call))
                _bag.Error(name.Place, $"`{name.Value}` is not a call", Suggest.OneOf(name.Value, [.. Calls.ByName.Keys]));
            else if (_governed.Contains(call)) _bag.Warn(name.Place, $"`{name.Value}` is governed already", "remove it");
            else _governed.Add(call);
    }

    private void Deepen(DeepStatement statement)
    {
        foreach (var name in statement.Calls)
            if (!Calls.ByName.TryGetValue(name.Value, out var call))
                _bag.Error(name.Place, $"`{name.Value}` is not a call", Suggest.OneOf(name.Value, [.. Calls.ByName.Keys]));
            else if (!Calls.Sealed.Contains(call))
                _bag.Error(name.Place, $"`{name.Value}` needs no proof", $"remove it: {string.Join(", ", Calls.Sealed.Select(c => c.Name))} do");
            else if (_deep.Contains(call)) _bag.Warn(name.Place, $"`{name.Value}` needs a deep proof already", "remove it");
            else _deep.Add(call);
    }

    private List<BoundRule> Rules()
    {
        List<BoundRule> rules = [];
        Dictionary<string, Place> names = [];
        foreach (var rule in _tree.Statements.OfType<RuleStatement>())
        {
            Claim(names, rule.Name, "rule");
            if (rules.Count == MaxRules) _bag.Error(rule.Place, $"more than {MaxRules} rules", "split the policy, or join rules with `or`");
            if (_conditions.Bind(rule.Condition) is not { } condition) continue;
            foreach (var (call, at) in CallView.Named(condition))
                if (!call.AlwaysDecided && !_governed.Contains(call) && CallView.At(condition, call) != false && !GovernIsBroken)
                    _bag.Error(at.Place, $"the policy does not govern `{call.Name}`, so this rule never decides it", $"add govern {call.Name}");
            rules.Add(new(rules.Count, rule.Permits ? Effect.Permit : Effect.Forbid, rule.Name.Value, rule.Reason, condition, rule.Place));
        }

        return rules;
    }

    private bool GovernIsBroken => _tree.Statements.Any(s => s is BrokenStatement { Keyword: "govern" });

    private List<BoundAssertion> Assertions()
    {
        List<BoundAssertion> assertions = [];
        Dictionary<string, Place> names = [];
        foreach (var statement in _tree.Statements)
            if (statement is AssertStatement assert)
            {
                Claim(names, assert.Name, "assertion");
                if (_conditions.Bind(assert.Condition) is not { } condition) continue;
                assertions.Add(assert.Always ? new AlwaysAssertion(assert.Name.Value, assert.Reason, condition, assert.Place)
                    : new NeverAssertion(assert.Name.Value, assert.Reason, condition, assert.Place));
            }
            else if (statement is UnchangedStatement unchanged)
            {
                var except = unchanged.Except is { } condition ? _conditions.Bind(condition) : null;
                assertions.Add(new UnchangedAssertion(Path.Combine(Path.GetDirectoryName(_tree.File) ?? "", unchanged.Path.Value), except,
                    unchanged.Place));
            }

        return assertions;
    }

    private List<BoundAllow> Allows()
    {
        Dictionary<string, Place> names = [];
        foreach (var allow in _tree.Statements.OfType<AllowStatement>()) Claim(names, allow.Check, "`allow` for");
        return [.. _tree.Statements.OfType<AllowStatement>().Select(a => new BoundAllow(a.Check.Value, a.Reason, a.Check.Place))];
    }

    private void Claim(Dictionary<string, Place> names, Located<string> name, string what)
    {
        if (!names.TryAdd(name.Value, name.Place))
            _bag.Error(name.Place, $"a second {what} `{name.Value}`", $"rename it; the first is in line {names[name.Value].Line}");
    }
}
