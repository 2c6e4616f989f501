namespace Rvm.Tool.Proof;

/// <summary>
/// What of a file those that include it may depend on. It is divided into declarations and a frame (imports, exports, heads of modules). A file needs the frame
/// of everything that it includes and each declaration that it names, or that one of those names, and so on. Names are compared as words, whatever they
/// mean, so too much is needed rather than too little. A declaration that no chain of names reaches is none that a proof can see.
/// </summary>
public sealed class SourceSlices
{
    /// <summary>Words in the head of a type that are no names.</summary>
    private static readonly HashSet<string> Common =
        ["class", "trait", "datatype", "codatatype", "newtype", "type", "ghost", "extends", "witness", "int", "nat", "bool", "real", "char", "string", "object",
         "seq", "set", "iset", "map", "imap", "multiset", "array", "true", "false", "if", "then", "else", "in", "forall", "exists"];

    private readonly List<(string[] Names, string[] Words, string Text)> declarations = [];

    public SourceSlices(string source)
    {
        var tokens = DafnyLexer.Tokens(source);
        var inside = new bool[tokens.Count];
        foreach (var d in DafnyOutline.Of(source).Declarations.Where(d => d.Kind != "module"))
        {
            var scope = d.Kind is "class" or "trait" or "datatype" or "codatatype" or "newtype" or "type";
            var own = Enumerable.Range(d.Tokens.First, (scope ? d.Tokens.Body : d.Tokens.End) - d.Tokens.First).ToList();
            foreach (var i in own) inside[i] = true;
            var words = own.Select(i => tokens[i]).Where(t => t.Kind == TokenKind.Word).Select(Plain).Distinct().ToArray();
            var parts = d.Name.Split('.');
            string[] names = d.Kind switch
            {
                "constructor" => [.. parts.Select(Plain)],
                "var" => [.. own.Where(i => tokens[i + 1].Is(":") || tokens[i + 1].Is(",")).Select(i => Plain(tokens[i]))],
                _ when scope => [.. words.Where(word => !Common.Contains(word))],       // with the names of constructors and fields
                _ => [Plain(parts[^1])],
            };
            declarations.Add((names, words, d.Name + "\0" + string.Join('\0', own.Select(i => tokens[i].Text))));
        }
        Words = tokens.Where(t => t.Kind == TokenKind.Word).Select(Plain).ToHashSet();
        Frame = string.Join('\0', tokens.Where((_, i) => !inside[i]).Select(t => t.Text));
        FrameWords = tokens.Where((t, i) => !inside[i] && t.Kind == TokenKind.Word).Select(Plain).ToHashSet();
    }

    /// <summary>Every word of the file.</summary>
    public IReadOnlySet<string> Words { get; }

    /// <summary>The tokens outside all declarations.</summary>
    public string Frame { get; }

    public IReadOnlySet<string> FrameWords { get; }

    /// <summary>Whether a module takes over the declarations of another without naming them.</summary>
    public bool Refines => FrameWords.Contains("refines");

    /// <summary>For each file the tokens that another one needs.</summary>
    public static IReadOnlyList<string> Needed(IReadOnlyList<SourceSlices> files, SourceSlices reader)
    {
        var everything = reader.Refines || files.Any(f => f.Refines);
        var words = reader.Words.Concat(files.SelectMany(f => f.FrameWords)).ToHashSet();
        var all = files.SelectMany(f => f.declarations).ToList();
        var byName = all.SelectMany((d, i) => d.Names.Select(name => (name, i))).ToLookup(x => x.name, x => x.i);
        var (reached, open) = (new HashSet<int>(), new Stack<string>(words));
        while (open.TryPop(out var word))
            foreach (var i in byName[word])
                if (reached.Add(i))
                    foreach (var next in all[i].Words)
                        if (words.Add(next)) open.Push(next);
        var (texts, at) = (new List<string>(), 0);
        foreach (var file in files)
        {
            texts.Add(string.Join('\n', [file.Frame, .. file.declarations.Where((_, i) => everything || reached.Contains(at + i)).Select(d => d.Text)]));
            at += file.declarations.Count;
        }
        return texts;
    }

    /// <summary><c>Some?</c> asks for <c>Some</c>, and <c>K?</c> is the type of references to <c>K</c> or null.</summary>
    private static string Plain(Token token) => Plain(token.Text);

    private static string Plain(string word) => word.TrimEnd('?');
}
