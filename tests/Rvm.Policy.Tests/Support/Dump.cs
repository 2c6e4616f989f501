using Rvm.Policy.Language;

namespace Rvm.Policy.Tests.Support;

/// <summary>Conditions as text in which every node shows: two trees are equal just if their texts are.</summary>
public static class Dump
{
    /// <summary>The text of a condition.</summary>
    public static string Of(Condition condition) => condition switch
    {
        TruthCondition c => $"{c.Value}",
        NotCondition c => $"Not({Of(c.Inner)})",
        AndCondition c => $"And({string.Join(';', c.Parts.Select(Of))})",
        OrCondition c => $"Or({string.Join(';', c.Parts.Select(Of))})",
        CompareCondition c => $"Compare({Of(c.Left)};{c.Operator};{Of(c.Right)})",
        InCondition c => $"In({Of(c.Left)};{Of(c.Set)})",
        HasCondition c => $"Has({Of(c.Left)};{c.Any};{Of(c.Set)})",
        _ => "Broken",
    };

    private static string Of(Expression expression) => expression switch
    {
        NumberExpression e => e.Source,
        NameExpression e => $"{(e.Quoted ? "Quoted" : "Name")}({e.Name})",
        BinaryExpression e => $"({Of(e.Left)}{e.Operator}{Of(e.Right)})",
        RangeExpression e => $"Range({Of(e.Low)};{Of(e.High)})",
        SetExpression e => $"Set({string.Join(';', e.Items.Select(Of))})",
        _ => "?",
    };
}
