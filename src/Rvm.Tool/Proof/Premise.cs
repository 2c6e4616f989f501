namespace Rvm.Tool.Proof;

/// <summary>A part of a precondition: a whole <c>requires</c> clause, or one of the conjuncts that a clause consists of.</summary>
/// <param name="Symbol">the declaration that it belongs to, qualified as in the verifier's log</param>
/// <param name="Text">as written</param>
/// <param name="Offset">where it begins in the source</param>
public sealed record Premise(string File, string Symbol, string Text, int Offset, Place Place)
{
    private static readonly HashSet<string> Clauses = ["requires", "ensures", "reads", "modifies", "decreases", "invariant"];

    /// <summary>What a clause holds that is more than a conjunction: it is taken as a whole.</summary>
    private static readonly HashSet<string> Loose = ["==>", "<==", "<==>", "||", "::", ":="];

    private static readonly HashSet<string> Heads = ["forall", "exists", "var", "if", "match"];

    /// <summary>The source in which nothing is supposed in its place.</summary>
    public string Without(string source) => string.Concat(source.AsSpan(0, Offset), "true", source.AsSpan(Offset + Text.Length));

    /// <summary>The premise that begins at a place; null when none does that could be left out by itself, as in the middle of a chain of comparisons.</summary>
    public static Premise? At(string source, Place place)
    {
        var tokens = DafnyLexer.Tokens(source);
        var at = tokens.ToList().FindIndex(t => (t.Line, t.Column) == (place.Line, place.Column));
        if (at < 1 || DafnyOutline.Of(source).Declarations.FirstOrDefault(d => d.NeedsBody && d.Tokens.First <= at && at < d.Tokens.Body) is not { } owner) return null;
        var start = at;
        while (start > owner.Tokens.First && !Clauses.Contains(tokens[start - 1].Text)) start--;
        if (!tokens[start - 1].Is("requires")) return null;
        while (at > start && tokens[at - 1].Is("(")) at--;          // Dafny names what stands inside
        var (ends, loose) = Ends(tokens, start, owner.Tokens.Body);
        if (loose && at != start) return null;
        if (at != start && !tokens[at - 1].Is("&&")) return null;
        var end = loose ? ends[^1] : ends.First(e => e > at);
        return new Premise(place.File, owner.Name, source[tokens[at].Offset..tokens[end - 1].EndOffset], tokens[at].Offset, place);
    }

    /// <summary>Where the conjuncts of a clause end, the last one with the clause; and whether the clause is no plain conjunction.</summary>
    private static (List<int> Ends, bool Loose) Ends(IReadOnlyList<Token> tokens, int start, int body)
    {
        var (ends, loose) = (new List<int>(), false);
        var i = start;
        for (; i < body && !Clauses.Contains(tokens[i].Text); i++)
        {
            if (tokens[i].Kind == TokenKind.Symbol && tokens[i].Text is "(" or "[" or "{") i = DafnyOutline.Matching(tokens, i);
            else if (tokens[i].Is("&&") && i > start) ends.Add(i);
            else if (Heads.Contains(tokens[i].Text) || Loose.Contains(tokens[i].Text)) loose = true;
        }
        ends.Add(i);
        return (ends, loose);
    }
}
