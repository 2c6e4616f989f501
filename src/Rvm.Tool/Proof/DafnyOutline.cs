namespace Rvm.Tool.Proof;

/// <summary>An attribute <c>{:name arguments}</c> and the place where it stands.</summary>
public sealed record DafnyAttribute(string Name, string Arguments, int Line, int Column);

/// <summary>A declaration of a Dafny file.</summary>
/// <param name="Kind">the keyword: module, class, lemma, function, method, …</param>
/// <param name="Name">qualified with the modules and types around it, as in the verifier's log</param>
/// <param name="Head">signature and contract, as written</param>
/// <param name="HasBody">false means: taken on trust, for the kinds that are proved</param>
public sealed record Declaration(
    string Kind, string Name, int Line, int Column, IReadOnlyList<DafnyAttribute> Attributes, string? Doc, string Head, bool HasBody)
{
    /// <summary>Whether it stands under <c>ghost</c> or another word that keeps it out of the program.</summary>
    public bool Ghost { get; init; }

    /// <summary>Where it stands among the tokens: from its first modifier to the last token of its body; the body's opening brace, or the end.</summary>
    public (int First, int Body, int End) Tokens { get; init; }

    private static readonly HashSet<string> Proved =
        ["lemma", "function", "predicate", "method", "constructor", "iterator", "copredicate", "colemma"];

    /// <summary>Whether this kind of declaration needs a body to be proved.</summary>
    public bool NeedsBody => Proved.Contains(Kind);

    public bool Has(string attribute) => Attributes.Any(a => a.Name == attribute);
}

/// <summary>The declarations and includes of one Dafny file. <see cref="HeadReader"/> tells a body from the other braces.</summary>
public sealed class DafnyOutline
{
    private static readonly HashSet<string> Scopes = ["module", "class", "trait", "datatype", "codatatype", "newtype", "type"];

    private static readonly HashSet<string> Kinds =
        [.. Scopes, "lemma", "function", "predicate", "method", "constructor", "iterator", "copredicate", "colemma",
         "const", "var", "import", "export", "include"];

    private static readonly HashSet<string> Ghosts = ["ghost", "twostate", "least", "greatest"];

    private readonly string source;
    private readonly IReadOnlyList<Token> tokens;
    private readonly List<Declaration> declarations = [];
    private readonly List<(string Path, int Line, int Column)> includes = [];
    private readonly Stack<string> scopes = new();
    private int at;

    private DafnyOutline(string source, IReadOnlyList<Token> tokens)
    {
        (this.source, this.tokens) = (source, tokens);
        while (Now.Kind != TokenKind.End) Declare();
    }

    public IReadOnlyList<Declaration> Declarations => declarations;

    public IReadOnlyList<(string Path, int Line, int Column)> Includes => includes;

    public static DafnyOutline Of(string source) => new(source, DafnyLexer.Tokens(source));

    /// <summary>Reads the attribute that begins at a token, if one does; the end is the index after its closing brace.</summary>
    public static DafnyAttribute? AttributeAt(string source, IReadOnlyList<Token> tokens, int index, out int end)
    {
        end = index;
        if (!tokens[index].Is("{") || index + 2 >= tokens.Count || !tokens[index + 1].Is(":")) return null;
        var close = Matching(tokens, index);
        var name = tokens[index + 2];
        end = close + 1;
        return new DafnyAttribute(name.Text, source[Math.Min(name.EndOffset, tokens[close].Offset)..tokens[close].Offset].Trim(), name.Line, name.Column);
    }

    private Token Now => tokens[Math.Min(at, tokens.Count - 1)];

    /// <summary>The index of the bracket that closes the one at an index.</summary>
    internal static int Matching(IReadOnlyList<Token> tokens, int open)
    {
        var depth = 0;
        for (var i = open; i < tokens.Count; i++)
        {
            if (tokens[i].Kind != TokenKind.Symbol) continue;
            if (tokens[i].Text is "{" or "(" or "[") depth++;
            else if (tokens[i].Text is "}" or ")" or "]" && --depth == 0) return i;
        }
        return tokens.Count - 2;     // never closed: everything up to the end
    }

    private void Declare()
    {
        if (Now.Is("}"))
        {
            if (scopes.Count > 0) scopes.Pop();
            at++;
            return;
        }
        var (doc, attributes, first) = (Now.Doc, new List<DafnyAttribute>(), at);
        while (TakeModifier() || TakeAttribute(attributes)) doc ??= Now.Doc;
        if (Now.Kind != TokenKind.Word || !Kinds.Contains(Now.Text)) { at++; return; }
        var kind = tokens[at++];
        if (kind.Text == "include") { Include(); return; }
        while (TakeAttribute(attributes)) { }
        Finish(kind, first, attributes, doc);
    }

    private bool TakeModifier()
    {
        if (!HeadReader.IsModifier(Now)) return false;
        at++;
        return true;
    }

    private bool TakeAttribute(List<DafnyAttribute> attributes)
    {
        if (AttributeAt(source, tokens, at, out var end) is not { } attribute) return false;
        attributes.Add(attribute);
        at = end;
        return true;
    }

    private void Include()
    {
        if (Now.Kind != TokenKind.Text) return;
        includes.Add((Now.Text.TrimStart('@').Trim('"'), Now.Line, Now.Column));
        at++;
    }

    private void Finish(Token kind, int first, List<DafnyAttribute> attributes, string? doc)
    {
        var name = Name(kind.Text);
        var start = at;
        (var body, at) = HeadReader.Read(source, tokens, at, Kinds, attributes.Add);
        var head = source[kind.Offset..tokens[at - 1].EndOffset];       // what follows, a comment too, belongs to the next declaration
        if (kind.Text is not ("import" or "export"))
            declarations.Add(new Declaration(kind.Text, Qualified(name), kind.Line, kind.Column, attributes, doc, Plain(head), body)
            {
                Ghost = kind.Text == "lemma" || tokens.Take(first..at).TakeWhile(t => t != kind).Any(t => Ghosts.Contains(t.Text)),
                Tokens = (first, at, body ? Matching(tokens, at) + 1 : at),
            });
        if (!body) { if (at == start && Now.Kind != TokenKind.End && !HeadReader.Begins(Now, Kinds)) at++; return; }
        if (Scopes.Contains(kind.Text)) { scopes.Push(name); at++; return; }
        at = Matching(tokens, at) + 1;
        if (!Now.Is("by") || !tokens[at + 1].Is("method")) return;
        at += 2;
        if (Now.Is("{")) at = Matching(tokens, at) + 1;
    }

    private string Name(string kind)
    {
        var name = "";
        while (Now.Kind is TokenKind.Word or TokenKind.Number && !HeadReader.IsPrefix(Now))
        {
            name += tokens[at++].Text;
            if (!Now.Is(".")) break;
            name += tokens[at++].Text;
        }
        return name.Length > 0 ? name : kind == "constructor" ? "_ctor" : "_";
    }

    private string Qualified(string name) => string.Join('.', scopes.Reverse().Append(name));

    private static string Plain(string head) => string.Join('\n', head.Split('\n').Select(l => l.TrimEnd()));
}
