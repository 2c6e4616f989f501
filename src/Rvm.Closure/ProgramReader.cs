using System.Text;
using System.Text.Json;
using Microsoft.Dafny;

namespace Rvm.Closure;

/// <summary>A resolved program as a table of symbols. Places are those of the sources; what Dafny made up itself has none and is left out.</summary>
internal sealed class ProgramReader(Microsoft.Dafny.Program program)
{
    private const int Version = 1;

    private static readonly JsonSerializerOptions Options = new() { PropertyNamingPolicy = JsonNamingPolicy.CamelCase, Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private readonly List<Declaration> symbols = [];
    private readonly Dictionary<Declaration, int> indices = [];

    public string Json()
    {
        var modules = program.RawModules().Where(m => !Names.IsBuiltIn(m)).ToList();
        foreach (var declaration in modules.SelectMany(Declarations)) Add(declaration);
        var rows = symbols.Select(Row).ToList();     // walks may meet more symbols only in what is built in
        return JsonSerializer.Serialize(new { Version, Modules = modules.Select(Module), Symbols = rows }, Options);
    }

    private static IEnumerable<Declaration> Declarations(ModuleDefinition module) =>
        module.TopLevelDecls.SelectMany(d => d is TopLevelDeclWithMembers type ? [d, .. type.Members] : new Declaration[] { d })
            .Where(d => Names.Symbol(d) == d);

    private void Add(Declaration declaration)
    {
        if (indices.TryAdd(declaration, symbols.Count)) symbols.Add(declaration);
    }

    private static object Module(ModuleDefinition module) => new
    {
        Name = module.FullDafnyName,
        File = Path(module.Origin),
        module.Origin.line,
        Kind = module.ModuleKind.ToString().ToLowerInvariant(),
        Refines = module.Implements?.Target.ToString(),
        Library = module.Origin.Uri is { } uri && !uri.IsFile || Path(module.Origin).EndsWith(".doo", StringComparison.Ordinal),
        Attributes = module.Attributes.AsEnumerable().Select(a => a.Name).ToArray(),
    };

    private object Row(Declaration declaration)
    {
        var walk = new Walk(declaration);
        return new
        {
            Name = Names.Of(declaration),
            Kind = Names.Kind(declaration),
            Module = declaration switch { MemberDecl m => m.EnclosingClass.EnclosingModuleDefinition.FullDafnyName, TopLevelDecl t => t.EnclosingModuleDefinition.FullDafnyName, _ => "" },
            File = Path(declaration.Origin),
            Line = declaration.StartToken.line,
            Column = declaration.StartToken.col,
            Ghost = declaration is MemberDecl { IsGhost: true },
            Body = HasBody(declaration),
            Text = Text(declaration),
            Statement = Indices(walk.Said),
            Proof = Indices(walk.Used.Concat(Overrides(declaration))),
            Marks = walk.Marks.Where(m => m.Origin.line > 0 && IsWritten(m)).Select(m => new { m.Rule, m.Text, File = Path(m.Origin), m.Origin.line, Column = m.Origin.col }).ToArray(),
        };
    }

    /// <summary>A body that is not there is believed; null: nothing to have one.</summary>
    private static bool? HasBody(Declaration declaration) => declaration switch
    {
        MethodOrConstructor method => method.Body != null,
        Function function => function.Body != null,
        _ => null,
    };

    /// <summary>A call of a trait's member may be one of whatever overrides it.</summary>
    private IEnumerable<Declaration> Overrides(Declaration declaration) =>
        declaration is MemberDecl { EnclosingClass: TraitDecl } ? symbols.Where(s => s is MemberDecl { OverriddenMember: { } over } && over == declaration) : [];

    private int[] Indices(IEnumerable<Declaration> declarations) => [.. declarations.Where(indices.ContainsKey).Select(d => indices[d]).Distinct().Order()];

    /// <summary>Attributes that Dafny adds by itself begin with an underscore; nobody can write them, because the parser refuses such names.</summary>
    private static bool IsWritten(Mark mark) => mark.Rule != "attribute" || !mark.Text.StartsWith('_');

    private static string Path(IOrigin origin) => origin.Uri is { } uri ? uri.IsFile ? uri.LocalPath : uri.ToString() : "";

    /// <summary>The tokens of what a declaration says, each separated by a space: of a lemma or method without its body, of a type without its members.</summary>
    private static string Text(Declaration declaration)
    {
        var end = declaration is MethodOrConstructor { Body: { } body } ? body.StartToken
            : declaration is TopLevelDeclWithMembers { Members: var members } && members.Where(m => m.StartToken.line > 0 && m.StartToken.Uri == declaration.StartToken.Uri && m.StartToken.pos > declaration.StartToken.pos).MinBy(m => m.StartToken.pos) is { } member ? member.StartToken : null;
        var text = new StringBuilder();
        for (var token = declaration.StartToken; token is { line: > 0 } && token != end; token = token.Next)
        {
            text.Append(text.Length > 0 ? " " : "").Append(token.val);
            if (token == declaration.EndToken) break;
        }
        return text.ToString();
    }
}
