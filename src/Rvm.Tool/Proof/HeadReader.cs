namespace Rvm.Tool.Proof;

/// <summary>
/// Finds where the head of a declaration ends: at the brace of its body, or where the next declaration begins. A brace opens a body when the
/// expression before it is complete and nothing that is still open wants braces of its own: <c>match</c>, <c>calc</c>, <c>by</c>.
/// </summary>
internal sealed class HeadReader
{
    private static readonly HashSet<string> Modifiers =
        ["ghost", "static", "opaque", "abstract", "twostate", "least", "greatest", "inductive", "replaceable", "transparent", "protected"];

    /// <summary>Words after which an expression or a type is still expected: a brace that follows opens a set.</summary>
    private static readonly HashSet<string> Prefixes =
        ["requires", "ensures", "reads", "modifies", "decreases", "invariant", "in", "if", "then", "else", "case", "as", "is", "forall",
         "exists", "set", "iset", "map", "imap", "multiset", "var", "by", "witness", "returns", "yields", "extends", "refines", "assert",
         "assume", "reveal", "old", "fresh", "unchanged", "match", "calc", "ghost", "provides", "reveals", "opened"];

    private static readonly HashSet<string> Clauses = ["requires", "ensures", "reads", "modifies", "decreases", "returns"];

    private static readonly HashSet<string> Binders = ["set", "iset", "map", "imap", "forall", "exists"];

    private static readonly HashSet<string> Wildcards = ["reads", "modifies", "decreases", "witness", "provides", "reveals", ","];

    /// <summary>What an expression has begun and not ended.</summary>
    private enum Open
    {
        Subject,        // match, before its braces or its first case
        Cases,          // match without braces, from its first case on
        Block,          // calc or by, before its braces
        Bar,            // the first | of |s|
        Binder,         // set, map, forall, exists, before their | or ::
        Range,          // after it
    }

    private readonly string source;
    private readonly IReadOnlyList<Token> tokens;
    private readonly HashSet<string> kinds;
    private readonly List<Open> open = [];
    private bool complete = true, contract;

    private HeadReader(string source, IReadOnlyList<Token> tokens, int at, HashSet<string> kinds) =>
        (this.source, this.tokens, At, this.kinds) = (source, tokens, at, kinds);

    private int At { get; set; }

    private Token Now => tokens[Math.Min(At, tokens.Count - 1)];

    public static bool IsModifier(Token token) => token.Kind == TokenKind.Word && Modifiers.Contains(token.Text);

    public static bool IsPrefix(Token token) => Prefixes.Contains(token.Text);

    /// <summary>Whether a token can only belong to the next declaration, when it stands where an expression may end.</summary>
    /// <param name="kinds">the words that begin a declaration</param>
    public static bool Begins(Token token, HashSet<string> kinds) =>
        token.Is("}") || IsModifier(token) || (token.Kind == TokenKind.Word && kinds.Contains(token.Text));

    /// <returns>whether there is a body, and the index of its opening brace, else that of the token after the head</returns>
    public static (bool Body, int End) Read(string source, IReadOnlyList<Token> tokens, int at, HashSet<string> kinds, Action<DafnyAttribute> attribute)
    {
        var reader = new HeadReader(source, tokens, at, kinds);
        return (reader.Run(attribute), reader.At);
    }

    private bool Run(Action<DafnyAttribute> attribute)
    {
        while (Now.Kind != TokenKind.End && !Now.Is("}") && !(complete && Begins(Now, kinds)))
        {
            if (DafnyOutline.AttributeAt(source, tokens, At, out var end) is { } found)
            {
                attribute(found);
                At = end;
            }
            else if (Now.Is("{"))
            {
                if (!Brace()) return true;
            }
            else Take();
        }
        return false;
    }

    /// <summary>Passes a brace that belongs to an expression; false: it opens the body.</summary>
    private bool Brace()
    {
        var block = open.Count > 0 && open[^1] == Open.Block;
        var match = open.LastIndexOf(Open.Subject);
        if (block) open.RemoveAt(open.Count - 1);
        else if (complete && match < 0) return false;
        else if (complete) open.RemoveRange(match, open.Count - match);
        complete = !block;      // an expression follows a calculation or a proof
        At = DafnyOutline.Matching(tokens, At) + 1;
        return true;
    }

    private void Take()
    {
        if (Now.Kind == TokenKind.Symbol) Symbol();
        else if (Now.Kind == TokenKind.Word) Word();
        else (complete, At) = (true, At + 1);
    }

    private void Word()
    {
        var (word, member) = (Now.Text, At > 0 && tokens[At - 1].Is("."));
        At++;
        complete = member || !Prefixes.Contains(word);
        if (member) return;
        contract |= Clauses.Contains(word);
        if (word == "match") open.Add(Open.Subject);
        else if (word is "calc" or "by") open.Add(Open.Block);
        else if (word is "as" or "is") Type();
        else if (Binders.Contains(word) && !(Now.Is("[") || Now.Is("{") || Now.Is("<"))) open.Add(Open.Binder);
        else if (word == "case" && open.FindLastIndex(o => o is Open.Subject or Open.Cases) is var i and >= 0)
        {
            open.RemoveRange(i, open.Count - i);
            open.Add(Open.Cases);
        }
    }

    private void Symbol()
    {
        switch (Now.Text)
        {
            case "(" or "[":
                At = DafnyOutline.Matching(tokens, At);
                complete = true;
                break;
            case "|":
                Bar();
                break;
            default:
                if (Now.Is("::") && open.LastIndexOf(Open.Binder) is var binder and >= 0) open[binder] = Open.Range;
                if (Now.Is(",") && open.Count > 1 && open[^1] == Open.Range && open.Contains(Open.Bar)) open[^1] = Open.Binder;
                complete = Now.Is(">") && !contract || Now.Is("*") && At > 0 && Wildcards.Contains(tokens[At - 1].Text);
                break;
        }
        At++;
    }

    /// <summary>A bar opens a size, closes it, divides variables from their range, or is an operator.</summary>
    private void Bar()
    {
        var i = open.FindLastIndex(o => o is Open.Bar or Open.Binder);
        var closes = complete && i >= 0 && open[i] == Open.Bar;
        if (!complete) open.Add(Open.Bar);
        else if (closes) open.RemoveRange(i, open.Count - i);
        else if (i >= 0) open[i] = Open.Range;
        complete = closes;
    }

    /// <summary>The type after <c>as</c> or <c>is</c>; without this, the end of its arguments would look like a comparison.</summary>
    private void Type()
    {
        if (Now.Kind != TokenKind.Word) return;
        At++;
        while (Now.Is(".") && tokens[At + 1].Kind == TokenKind.Word) At += 2;
        complete = true;
        var (end, depth) = (At, 0);
        do
        {
            if (tokens[end].Is("<")) depth++;
            else if (tokens[end].Is(">")) depth--;
            else if (depth == 0 || !(tokens[end].Kind == TokenKind.Word || tokens[end].Text is "," or "." or "(" or ")" or "->" or "~>" or "-->")) return;
            end++;
        } while (depth > 0);
        At = end;
    }
}
