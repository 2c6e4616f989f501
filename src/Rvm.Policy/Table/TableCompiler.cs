using Rvm.Diagnostics;
using Rvm.Policy.Binding;

namespace Rvm.Policy.Table;

/// <summary>Turns a policy into the table that the kernel reads.</summary>
public static class TableCompiler
{
    /// <summary>The table of a policy; null after reporting which limit it exceeds.</summary>
    public static PolicyTable? Compile(BoundPolicy policy, DiagnosticBag bag)
    {
        var errors = bag.ErrorCount;
        var calls = Enumerable.Repeat(CallRules.None, Calls.Count).ToArray();
        foreach (var call in policy.Decided)
        {
            calls[call.Number] = new(Rules(policy, Effect.Forbid, call, bag), Rules(policy, Effect.Permit, call, bag));
            var count = calls[call.Number].All.Count();
            if (count > PolicyTable.MaxRulesOfCall)
                bag.Error(Place.Whole(policy.File), $"`{call.Name}` has {count} rules in the table",
                    $"a call has at most {PolicyTable.MaxRulesOfCall}: join rules, or write fewer `or`");
        }

        var table = new PolicyTable(Flags(policy.Governed), Flags(policy.Deep), calls, Text(policy));
        var words = TableCodec.KernelWords(table);
        if (words > PolicyTable.MaxWords && bag.ErrorCount == errors)
            bag.Error(Place.Whole(policy.File), $"the table has {words} words",
                $"at most {PolicyTable.MaxWords} fit: name the calls of rules (`call = …`), write fewer rules or fewer `or`");
        return bag.ErrorCount == errors ? table : null;
    }

    private static UInt128 Flags(IEnumerable<Call> calls) => calls.Aggregate(UInt128.Zero, (sum, c) => sum | UInt128.One << c.Number);

    private static TableText Text(BoundPolicy policy) =>
        new(policy.Name, policy.Text, [.. policy.Rules.Select(r => new TextRule(r.Id, r.Effect == Effect.Permit, r.Name, r.Reason))],
            policy.Partitions, policy.Groups);

    private static List<TableRule> Rules(BoundPolicy policy, Effect effect, Call call, DiagnosticBag bag)
    {
        List<TableRule> rules = [];
        foreach (var rule in policy.Rules.Where(r => r.Effect == effect))
        {
            if (DisjunctiveForm.Of(rule.Condition, call) is not { } terms)
            {
                bag.Error(rule.Place, $"the rule `{rule.Name}` has too many cases",
                    $"it becomes more than {DisjunctiveForm.MaxTerms} rules of the table: split it, or write fewer `or` inside `and`");
                continue;
            }

            var lists = terms.SelectMany(ConditionCodec.Encode).Order(Ascending).ToList();
            if (lists.Find(l => l.Count > PolicyTable.MaxConditions) is { } longest)
                bag.Error(rule.Place, $"the rule `{rule.Name}` needs {longest.Count} conditions at once",
                    $"a rule of the table has at most {PolicyTable.MaxConditions}: split it");
            rules.AddRange(lists.Select(l => new TableRule(rule.Id, l)));
        }

        return rules;
    }

    private static readonly IComparer<List<TableCondition>> Ascending = Comparer<List<TableCondition>>.Create((a, b) =>
    {
        for (var i = 0; i < Math.Min(a.Count, b.Count); i++)
            if (Key(a[i]).CompareTo(Key(b[i])) is not 0 and var order) return order;
        return a.Count.CompareTo(b.Count);
    });

    private static (int, TableOperator, int, ulong, ulong) Key(TableCondition c) => (c.Field, c.Operator, c.Second, c.A, c.B);
}
