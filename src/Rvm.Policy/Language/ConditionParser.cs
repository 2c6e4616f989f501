using Rvm.Diagnostics;

namespace Rvm.Policy.Language;

/// <summary>Reads conditions and expressions. After an error it goes on at the next <c>and</c>, <c>or</c> or closing parenthesis.</summary>
public class ConditionParser : TokenCursor
{
    private const int MaxDepth = 100;
    private static readonly string[] Comparisons = ["=", "!=", "<", "<=", ">", ">="];
    private int _depth;

    /// <summary>A parser of <paramref name="tokens"/>, of which there is at least one.</summary>
    protected ConditionParser(IReadOnlyList<Token> tokens, DiagnosticBag bag) : base(tokens, bag) { }

    /// <summary>Reads a condition; what cannot be read becomes a <see cref="BrokenCondition"/>.</summary>
    protected Condition Condition()
    {
        var (place, parts) = (Here, new List<Condition> { Conjunction() });
        while (Accept("or")) parts.Add(Conjunction());
        return parts.Count == 1 ? parts[0] : new OrCondition(parts, place);
    }

    private Condition Conjunction()
    {
        var (place, parts) = (Here, new List<Condition> { Unary() });
        while (Accept("and")) parts.Add(Unary());
        return parts.Count == 1 ? parts[0] : new AndCondition(parts, place);
    }

    private Condition Unary()
    {
        var place = Here;
        if (_depth >= MaxDepth) return Broken("is nested too deeply", $"at most {MaxDepth} levels of parentheses and `not`: split the rule");
        _depth++;
        var result = Accept("not") ? new NotCondition(Unary(), place) : Primary();
        _depth--;
        return result;
    }

    private Condition Primary()
    {
        var place = Here;
        if (Accept("true")) return new TruthCondition(true, place);
        if (Accept("false")) return new TruthCondition(false, place);
        if (!Current.Is("(") || ParenthesisIsExpression()) return Comparison(place);
        Take();
        var inner = Condition();
        if (Accept(")")) return inner;
        Bag.Error(Here, $"`)` is missing before {Current.Describe}", $"close the parenthesis of column {place.Column}, line {place.Line}");
        Synchronize();
        Accept(")");
        return inner;
    }

    /// <summary>Whether the parenthesis here is one of arithmetic: after its end comes an operator.</summary>
    private bool ParenthesisIsExpression()
    {
        var (ahead, open) = (0, 0);
        do
        {
            if (PeekAt(ahead).Kind == TokenKind.End) return false;
            open += PeekAt(ahead).Is("(") ? 1 : PeekAt(ahead).Is(")") ? -1 : 0;
            ahead++;
        }
        while (open > 0);
        var next = PeekAt(ahead);
        return Comparisons.Any(next.Is) || next.Is("+") || next.Is("-") || next.Is("*") || next.Is("in") || next.Is("has") || next.Is("..");
    }

    private Condition Comparison(Place place)
    {
        if (Sum() is not { } left) return Resume(place);
        if (Accept("in")) return Operand() is { } set ? new InCondition(left, set, place) : Resume(place);
        if (Accept("has"))
        {
            var any = Accept("any");
            return Operand() is { } rights ? new HasCondition(left, any, rights, place) : Resume(place);
        }

        if (Current.Is("not") && PeekAt(1).Is("in"))
            return Broken("cannot stand before `in`", "write `not` before the whole comparison: not x in {a, b}");
        if (!Comparisons.Any(Current.Is))
            return Broken("stands where an operator should be", "write one of = != < <= > >= in has, or `and` and `or` between comparisons");
        var symbol = Take().Source;
        if (Operand() is not { } right) return Resume(place);
        if (Comparisons.Any(Current.Is)) return Broken("follows a whole comparison", "write `and` between two comparisons: a < b and b < c");
        return new CompareCondition(left, symbol, right, place);
    }

    /// <summary>Reads what may stand right of an operator: a set, a range or a sum; null after a report.</summary>
    private Expression? Operand()
    {
        var place = Here;
        if (Current.Is("{")) return Set();
        if (Sum() is not { } low) return null;
        if (!Accept("..")) return low;
        return Sum() is { } high ? new RangeExpression(low, high, place) : null;
    }

    private SetExpression? Set()
    {
        var place = Take().Place;
        List<Expression> items = [];
        do
        {
            if (Operand() is not { } item) return null;
            items.Add(item);
        }
        while (Accept(","));
        if (Accept("}")) return new(items, place);
        return (SetExpression?)Expected("`}`", "a set is written {a, b, c}");
    }

    /// <summary>Reads an expression; null after a report.</summary>
    protected Expression? Sum()
    {
        var left = Product();
        while (left is not null && (Current.Is("+") || Current.Is("-")))
        {
            var symbol = Take().Source[0];
            left = Product() is { } right ? new BinaryExpression(left, symbol, right, left.Place) : null;
        }

        return left;
    }

    private Expression? Product()
    {
        var left = Atom();
        while (left is not null && Accept("*"))
            left = Atom() is { } right ? new BinaryExpression(left, '*', right, left.Place) : null;
        return left;
    }

    private Expression? Atom()
    {
        var token = Current;
        if (token.Kind == TokenKind.Number) return new NumberExpression(Take().Source, token.Place);
        if (token.Kind == TokenKind.Text) return new NameExpression(Unquote(Take().Source), true, token.Place);
        if (token.Kind == TokenKind.Word && !Keywords.Conditions.Contains(token.Source)) return new NameExpression(Take().Source, false, token.Place);
        if (!token.Is("(") || _depth >= MaxDepth)
            return (Expression?)Expected("a value", "write a number with its unit, a name, or a field such as caller");
        Take();
        _depth++;
        var inner = Sum();
        _depth--;
        return inner is null || Accept(")") ? inner : (Expression?)Expected("`)`", "close the parenthesis");
    }

    private BrokenCondition Broken(string what, string mend)
    {
        Bag.Error(Here, $"{Current.Describe} {what}", mend);
        return Resume(Here);
    }

    private BrokenCondition Resume(Place place)
    {
        Synchronize();
        return new(place);
    }

    private void Synchronize()
    {
        for (var open = 0; !AtEnd; Take())
        {
            if (open == 0 && (Current.Is("and") || Current.Is("or") || Current.Is(")"))) return;
            open += Current.Is("(") ? 1 : Current.Is(")") ? -1 : 0;
        }
    }
}
