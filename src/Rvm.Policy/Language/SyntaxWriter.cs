namespace Rvm.Policy.Language;

/// <summary>Writes trees as text that the parser reads back as the same tree. <see cref="Formatter"/> then breaks the lines.</summary>
public static class SyntaxWriter
{
    /// <summary>The text of a whole policy: a statement and its condition on a line each, a blank line before each rule.</summary>
    public static string Write(IEnumerable<Statement> statements) =>
        string.Concat(statements.Select(s => (s is RuleStatement or AssertStatement ? "\n" : "") + Write(s) + "\n"));

    /// <summary>The text of a statement.</summary>
    public static string Write(Statement statement) => statement switch
    {
        PolicyStatement s => $"policy {s.Name.Value} {Quote(s.Text)}",
        ConstStatement s => $"const {s.Name.Value} = {Write(s.Value)}",
        PartitionStatement s => $"partition {(s.Quoted ? Quote(s.Name.Value) : s.Name.Value)} = {s.Number.Source}",
        GroupStatement s => $"group {s.Name.Value} = {string.Join(", ", s.Members.Select(Write))}",
        GovernStatement s => $"govern {string.Join(", ", s.Calls.Select(c => c.Value))}",
        DeepStatement s => $"deep {string.Join(", ", s.Calls.Select(c => c.Value))}",
        RuleStatement s => $"{(s.Permits ? "permit" : "forbid")} {s.Name.Value} {Quote(s.Reason)}\n  when {Write(s.Condition)}",
        AssertStatement s => $"assert {(s.Always ? "always" : "never")} {s.Name.Value} {Quote(s.Reason)}\n  when {Write(s.Condition)}",
        UnchangedStatement s => $"assert unchanged-from {Quote(s.Path.Value)}" + (s.Except is { } except ? $"\n  except {Write(except)}" : ""),
        AllowStatement s => $"allow {s.Check.Value} {Quote(s.Reason)}",
        _ => throw new ArgumentException("a broken statement has no text"),
    };

    /// <summary>The text of a condition.</summary>
    public static string Write(Condition condition) => condition switch
    {
        TruthCondition c => c.Value ? "true" : "false",
        NotCondition c => "not " + Inner(c.Inner, c.Inner is AndCondition or OrCondition),
        AndCondition c => string.Join(" and ", c.Parts.Select(p => Inner(p, p is AndCondition or OrCondition))),
        OrCondition c => string.Join(" or ", c.Parts.Select(p => Inner(p, p is OrCondition))),
        CompareCondition c => $"{Write(c.Left)} {c.Operator} {Write(c.Right)}",
        InCondition c => $"{Write(c.Left)} in {Write(c.Set)}",
        HasCondition c => $"{Write(c.Left)} has {(c.Any ? "any " : "")}{Write(c.Set)}",
        _ => throw new ArgumentException("a broken condition has no text"),
    };

    /// <summary>The text of an expression.</summary>
    public static string Write(Expression expression) => expression switch
    {
        NumberExpression e => e.Source,
        NameExpression e => e.Quoted ? Quote(e.Name) : e.Name,
        BinaryExpression e => $"{Inner(e.Left, e.Operator == '*' && e.Left is BinaryExpression { Operator: not '*' })} {e.Operator} "
            + Inner(e.Right, e.Right is BinaryExpression right && (e.Operator == '*' || right.Operator != '*')),
        RangeExpression e => $"{Write(e.Low)}..{Write(e.High)}",
        SetExpression e => "{" + string.Join(", ", e.Items.Select(Write)) + "}",
        _ => throw new ArgumentException($"no such expression: {expression}"),
    };

    /// <summary>A text in quotes.</summary>
    public static string Quote(string text) =>
        "\"" + text.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal) + "\"";

    private static string Inner(Condition condition, bool parentheses) => parentheses ? $"({Write(condition)})" : Write(condition);

    private static string Inner(Expression expression, bool parentheses) => parentheses ? $"({Write(expression)})" : Write(expression);
}
