using Rvm.Tool.Proof;

namespace Rvm.Tool.Theorems;

/// <summary>A declaration and the tokens it is written in: for a module those before its first declaration, for a type those before its first member, and its fields.</summary>
public sealed record Symbol(string File, Declaration Declaration, IReadOnlyList<Token> Tokens)
{
    public string Name => Declaration.Name;

    public string Module => Name.Split('.')[0];

    /// <summary>The name of the module or type around it.</summary>
    public string Scope => Name.LastIndexOf('.') is var dot and >= 0 ? Name[..dot] : "";

    public bool IsLemma => Declaration.Kind == "lemma";

    public bool IsModule => Declaration.Kind == "module";

    /// <summary>Believed instead of proved.</summary>
    public bool IsTrusted => !IsModule && (Declaration.Has("extern") || Declaration.Has("axiom") || (Declaration.NeedsBody && !Declaration.HasBody));
}

/// <summary>
/// Every declaration of the proved files, and which of them a piece of Dafny mentions. Names are resolved through modules, types and imports. A member after
/// a parameter is the one of its type; after another expression it stands for every member of that name in the imported modules. So what is found may be more
/// than what is meant, not less.
/// </summary>
public sealed class SymbolTable
{
    private sealed record Scope(Dictionary<string, string> Aliases, List<string> Opened);

    private readonly Dictionary<string, Symbol> symbols = new(StringComparer.Ordinal);
    private readonly Dictionary<string, Scope> modules = new(StringComparer.Ordinal);
    private readonly Dictionary<string, HashSet<string>> imported = new(StringComparer.Ordinal);
    private readonly Dictionary<string, List<Symbol>> members = new(StringComparer.Ordinal);
    private readonly Dictionary<string, Symbol> fields = new(StringComparer.Ordinal);
    private readonly Dictionary<(string Module, string Constructor), Symbol> constructors = [];

    public SymbolTable(SourceGraph sources)
    {
        foreach (var file in sources.Files) Read(file, sources.Source(file));
        foreach (var symbol in symbols.Values.Where(s => Find(s.Scope) is { IsModule: false }).ToList())
            if (symbol.Declaration.Kind is "var" or "const") { fields[symbol.Name] = symbol; Join(Find(symbol.Scope)!, symbol); }
            else Under(members, Last(symbol.Name)).Add(symbol);
        foreach (var symbol in symbols.Values.Where(s => s.Declaration.Kind is "datatype" or "codatatype"))
            foreach (var constructor in Constructors(symbol.Tokens)) constructors.TryAdd((symbol.Module, constructor), symbol);
    }

    public IEnumerable<Symbol> All => symbols.Values;

    public Symbol? Find(string name) => symbols.GetValueOrDefault(name);

    /// <summary>The field of a type, by its qualified name.</summary>
    public Symbol? Field(string name) => fields.GetValueOrDefault(name);

    /// <summary>What a path of names stands for, such as <c>k.caps.Check</c>, when every step of it is known; then the index is that of its last word.</summary>
    /// <param name="at">the declaration that the tokens belong to</param>
    public Symbol? Resolve(Symbol at, IReadOnlyList<Token> tokens, ref int i)
    {
        if (ModuleOf(at.Module, tokens[i].Text) != null) return Path(at, tokens, ref i)?[0] is { } found ? Inner(found, tokens, ref i) : null;
        if (TypeOf(at, tokens[i].Text) is { } type) return Inner(type, tokens, ref i);
        return Named(at, tokens[i].Text).FirstOrDefault() is { } named ? Inner(named, tokens, ref i) : null;
    }

    /// <summary>The type of a parameter, of <c>this</c> or of a field of the type around a declaration.</summary>
    private Symbol? TypeOf(Symbol at, string name)
    {
        if (name == "this") return Find(at.Scope) is { IsModule: false } around ? around : null;
        return Parameters(at).TryGetValue(name, out var type) ? type : FieldType($"{at.Scope}.{name}");
    }

    private Symbol? FieldType(string field) => Field(field) is { } symbol ? Typed(symbol, symbol.Tokens, 1) : null;

    /// <summary>The declaration that is the type after a name and its colon.</summary>
    private Symbol? Typed(Symbol at, IReadOnlyList<Token> tokens, int name)
    {
        if (name + 2 >= tokens.Count || !tokens[name + 1].Is(":") || tokens[name + 2].Kind != TokenKind.Word) return null;
        var path = name + 2;
        return (Path(at, tokens, ref path) ?? Named(at, tokens[path].Text)).LastOrDefault();
    }

    /// <summary>Follows members from a type on, as far as the path goes; the index is at the last word that is known.</summary>
    private Symbol? Inner(Symbol from, IReadOnlyList<Token> tokens, ref int i)
    {
        while (i + 2 < tokens.Count && tokens[i + 1].Is(".") && tokens[i + 2].Kind == TokenKind.Word)
        {
            var name = $"{from.Name}.{tokens[i + 2].Text}";
            if ((Find(name) ?? FieldType(name)) is not { } next) return null;
            (from, i) = (next, i + 2);
        }
        return from;
    }

    /// <summary>The declarations that tokens mention, in order of their first mention.</summary>
    /// <param name="at">the declaration that the tokens belong to</param>
    public IReadOnlyList<Symbol> Mentioned(Symbol at, IReadOnlyList<Token> tokens)
    {
        var found = new List<Symbol>();
        var parameters = Parameters(at);
        for (var i = 0; i < tokens.Count; i++)
        {
            if (tokens[i].Kind != TokenKind.Word) continue;
            if (tokens[i].Is("import")) i = EndOfImport(tokens, i) - 1;
            else if (i > 0 && tokens[i - 1].Is(".")) found.AddRange(Members(at.Module, tokens[i].Text));
            else if (parameters.TryGetValue(tokens[i].Text, out var type)) found.AddRange(OfParameter(type, tokens, ref i));
            else found.AddRange(Made(i > 0 && tokens[i - 1].Is("new"), Path(at, tokens, ref i) ?? Named(at, tokens[i].Text)));
        }
        return [.. found.Where(s => s != at && !s.IsModule).Distinct()];
    }

    /// <summary>Everything that tokens mention, and what is mentioned there, and so on.</summary>
    /// <param name="follow">whether a declaration belongs to the result and is looked into</param>
    public IReadOnlyCollection<Symbol> Closure(IEnumerable<Symbol> start, Func<Symbol, bool> follow)
    {
        var seen = new HashSet<Symbol>();
        var open = new Stack<Symbol>(start.Where(follow));
        while (open.TryPop(out var next))
            if (seen.Add(next))
                foreach (var symbol in Mentioned(next, next.Tokens).Where(follow)) open.Push(symbol);
        return seen;
    }

    private void Read(string file, string source)
    {
        var tokens = DafnyLexer.Tokens(source);
        var places = new Dictionary<(int, int), int>();
        for (var i = 0; i < tokens.Count; i++) places[(tokens[i].Line, tokens[i].Column)] = i;
        var declarations = DafnyOutline.Of(source).Declarations;
        for (var i = 0; i < declarations.Count; i++)
        {
            var (start, end) = (Start(i), i + 1 < declarations.Count ? Start(i + 1) : tokens.Count - 1);
            var symbol = new Symbol(file, declarations[i], [.. tokens.Skip(start).Take(end - start)]);
            symbols.TryAdd(symbol.Name, symbol);
            Import(symbol);
        }

        int Start(int i) => places[(declarations[i].Line, declarations[i].Column)];
    }

    private void Import(Symbol symbol)
    {
        if (!modules.TryGetValue(symbol.Module, out var scope)) modules[symbol.Module] = scope = new Scope(new(StringComparer.Ordinal), []);
        for (var i = 0; i < symbol.Tokens.Count; i++)
        {
            if (!symbol.Tokens[i].Is("import")) continue;
            var words = symbol.Tokens.Take(EndOfImport(symbol.Tokens, i)).Skip(i + 1).Where(t => t.Kind == TokenKind.Word).Select(t => t.Text).ToList();
            var opened = words.Remove("opened");
            if (words.Count == 0) continue;
            scope.Aliases[words[0]] = words[^1];
            if (opened) scope.Opened.Add(words[^1]);
        }
    }

    /// <summary>The index after <c>import [opened] Name [= Module]</c>.</summary>
    private static int EndOfImport(IReadOnlyList<Token> tokens, int at)
    {
        at++;
        if (at < tokens.Count && tokens[at].Is("opened")) at++;
        at++;
        while (at + 1 < tokens.Count && (tokens[at].Is("=") || tokens[at].Is("."))) at += 2;
        return Math.Min(at, tokens.Count);
    }

    /// <summary>The parameters and results of a declaration, each with the type that it is declared with, when that is a declaration too.</summary>
    private Dictionary<string, Symbol?> Parameters(Symbol at)
    {
        var found = new Dictionary<string, Symbol?>(StringComparer.Ordinal);
        var (tokens, open) = (at.Tokens, 0);
        if (at.IsModule || at.Declaration.Kind is "datatype" or "codatatype") return found;
        while (open < tokens.Count && tokens[open].Text is not ("(" or "{" or "=" or ":=")) open++;
        while (open < tokens.Count && tokens[open].Is("("))
        {
            var close = DafnyOutline.Matching(tokens, open);
            for (var i = open + 1; i + 2 < close; i++)
                if (tokens[i].Kind == TokenKind.Word && tokens[i + 1].Is(":"))
                {
                    var (name, path) = (tokens[i].Text, i + 2);
                    found[name] = tokens[path].Kind == TokenKind.Word ? (Path(at, tokens, ref path) ?? Named(at, tokens[path].Text)).FirstOrDefault() : null;
                }
            open = close + 1;
            if (open < tokens.Count && tokens[open].Is("returns")) open++;
        }
        return found;
    }

    /// <summary>The member that stands after a parameter, if one does; then the index is that of the member.</summary>
    private List<Symbol> OfParameter(Symbol? type, IReadOnlyList<Token> tokens, ref int i)
    {
        if (type == null || i + 2 >= tokens.Count || !tokens[i + 1].Is(".") || Find($"{type.Name}.{tokens[i + 2].Text}") is not { } member) return [];
        i += 2;
        return [member];
    }

    /// <summary>After <c>new</c>, a type stands for its constructor too.</summary>
    private IEnumerable<Symbol> Made(bool made, IEnumerable<Symbol> named) =>
        made ? named.SelectMany(s => Find($"{s.Name}._ctor") is { } constructor ? [s, constructor] : new[] { s }) : named;

    /// <summary>What a path that begins with a module's name stands for; then the index is that of its last word.</summary>
    private List<Symbol>? Path(Symbol at, IReadOnlyList<Token> tokens, ref int i)
    {
        if (ModuleOf(at.Module, tokens[i].Text) is not { } module) return null;
        var end = i;
        while (After(end) is { } name)
        {
            end += 2;
            if (InModule(module, name) is { } symbol)
            {
                i = end;
                return After(end) is { } inner && Find($"{symbol.Name}.{inner}") is { } member ? [symbol, member] : [symbol];
            }
            if (ModuleOf(module, name) is not { } next) break;
            module = next;
        }
        return null;

        string? After(int index) => index + 2 < tokens.Count && tokens[index + 1].Is(".") && tokens[index + 2].Kind == TokenKind.Word ? tokens[index + 2].Text : null;
    }

    private string? ModuleOf(string module, string name)
    {
        if (!modules.TryGetValue(module, out var scope)) return null;
        if (scope.Aliases.TryGetValue(name, out var target)) return target;
        return scope.Opened.Select(o => modules.TryGetValue(o, out var opened) ? opened.Aliases.GetValueOrDefault(name) : null).FirstOrDefault(o => o != null);
    }

    /// <summary>What a name stands for without a path: a member of the type around it, else of the module, else of the modules opened there.</summary>
    private IEnumerable<Symbol> Named(Symbol at, string name)
    {
        foreach (var scope in new[] { at.Name, at.Scope })
            if (Find($"{scope}.{name}") is { } member) return [member];
        if (InModule(at.Module, name) is { } own) return [own];
        return modules.TryGetValue(at.Module, out var module) ? module.Opened.Select(o => InModule(o, name)).OfType<Symbol>() : [];
    }

    private Symbol? InModule(string module, string name)
    {
        var plain = name.TrimEnd('?');
        return Find(module.Length == 0 ? name : $"{module}.{name}") ?? constructors.GetValueOrDefault((module, plain)) ?? Find($"{module}.{plain}");
    }

    private IEnumerable<Symbol> Members(string module, string name) =>
        members.TryGetValue(name, out var found) ? found.Where(m => Imports(module).Contains(m.Module)) : [];

    /// <summary>The module and everything that it imports, directly or not.</summary>
    private HashSet<string> Imports(string module)
    {
        if (imported.TryGetValue(module, out var known)) return known;
        var seen = new HashSet<string>(StringComparer.Ordinal);
        var open = new Stack<string>([module]);
        while (open.TryPop(out var next))
            if (seen.Add(next) && modules.TryGetValue(next, out var scope))
                foreach (var target in scope.Aliases.Values) open.Push(target);
        return imported[module] = seen;
    }

    /// <summary>The names after <c>=</c> and after each bar outside brackets.</summary>
    private static IEnumerable<string> Constructors(IReadOnlyList<Token> tokens)
    {
        var at = 0;
        while (at < tokens.Count && !tokens[at].Is("=")) at++;
        var expected = true;
        for (at++; at < tokens.Count && !tokens[at].Is("{"); at++)
        {
            if (tokens[at].Is("(")) at = DafnyOutline.Matching(tokens, at);
            else if (tokens[at].Is("|")) expected = true;
            else if (expected && tokens[at].Kind == TokenKind.Word && !HeadReader.IsModifier(tokens[at]))
            {
                expected = false;
                yield return tokens[at].Text;
            }
        }
    }

    /// <summary>A field belongs to its type.</summary>
    private void Join(Symbol type, Symbol field)
    {
        symbols[type.Name] = symbols[type.Name] with { Tokens = [.. symbols[type.Name].Tokens, .. field.Tokens] };
        symbols.Remove(field.Name);
    }

    private static List<Symbol> Under(Dictionary<string, List<Symbol>> lists, string key) =>
        lists.TryGetValue(key, out var list) ? list : lists[key] = [];

    private static string Last(string name) => name[(name.LastIndexOf('.') + 1)..];
}
