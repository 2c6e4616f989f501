using System.Globalization;

namespace Rvm.Policy.Smt;

/// <summary>What solvers answer in: an atom, or a list in parentheses.</summary>
/// <param name="Atom">The atom's text; null for a list.</param>
/// <param name="Items">The list's items; empty for an atom.</param>
public sealed record SExpression(string? Atom, IReadOnlyList<SExpression> Items)
{
    /// <summary>Reads one expression; null when the text is none.</summary>
    public static SExpression? Parse(string text)
    {
        var at = 0;
        var result = Read(text, ref at, depth: 0);
        Skip(text, ref at);
        return at == text.Length ? result : null;
    }

    /// <summary>The number that a bit-vector literal denotes: <c>#b…</c>, <c>#x…</c> or <c>(_ bvN width)</c>; null for anything else.</summary>
    public UInt128? Number() => this switch
    {
        { Atom: ['#', 'b', .. var bits] }
            when UInt128.TryParse(bits, NumberStyles.AllowBinarySpecifier, CultureInfo.InvariantCulture, out var n) => n,
        { Atom: ['#', 'x', .. var digits] }
            when UInt128.TryParse(digits, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var n) => n,
        { Atom: "true" } => 1,
        { Atom: "false" } => 0,
        { Items: [{ Atom: "_" }, { Atom: ['b', 'v', .. var digits] }, _] }
            when UInt128.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out var n) => n,
        _ => null,
    };

    private const int DeepestList = 64;

    private static SExpression? Read(string text, ref int at, int depth)
    {
        Skip(text, ref at);
        if (at >= text.Length || text[at] == ')' || depth > DeepestList) return null;
        if (text[at] != '(') return new SExpression(Atomic(text, ref at), []);
        at++;
        List<SExpression> items = [];
        for (Skip(text, ref at); at < text.Length && text[at] != ')'; Skip(text, ref at))
        {
            if (Read(text, ref at, depth + 1) is not { } item) return null;
            items.Add(item);
        }

        if (at++ >= text.Length) return null;
        return new SExpression(null, items);
    }

    private static string Atomic(string text, ref int at)
    {
        var start = at;
        while (at < text.Length && !char.IsWhiteSpace(text[at]) && text[at] is not ('(' or ')')) at++;
        return text[start..at];
    }

    private static void Skip(string text, ref int at)
    {
        while (at < text.Length && char.IsWhiteSpace(text[at])) at++;
    }
}
