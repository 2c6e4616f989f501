using System.Text.Json;

namespace Rvm.Tool.Closure;

/// <summary>A Dafny program after resolution, as src/Rvm.Closure writes it down inside Dafny. Files are relative to the checkout.</summary>
public sealed record ResolvedProgram(int Version, IReadOnlyList<ResolvedModule> Modules, IReadOnlyList<ResolvedSymbol> Symbols)
{
    private const int Known = 1;

    private static readonly JsonSerializerOptions Options = new() { PropertyNamingPolicy = JsonNamingPolicy.CamelCase };

    /// <exception cref="JsonException">the text is not one of this version</exception>
    public static ResolvedProgram Read(string json, Proof.Checkout checkout)
    {
        var program = JsonSerializer.Deserialize<ResolvedProgram>(json, Options);
        if (program?.Version != Known) throw new JsonException($"version {program?.Version} of a resolved program, expected {Known}");
        string Relative(string file) => Path.IsPathRooted(file) ? checkout.Relative(file) : file;
        return program with
        {
            Modules = [.. program.Modules.Select(m => m with { File = Relative(m.File) })],
            Symbols = [.. program.Symbols.Select(s => s with { File = Relative(s.File), Marks = [.. s.Marks.Select(m => m with { File = Relative(m.File) })] })],
        };
    }
}

/// <param name="Kind">concrete, abstract or replaceable</param>
/// <param name="Refines">the module whose declarations it takes over</param>
/// <param name="Library">it comes from a binary library (.doo), not from a source</param>
public sealed record ResolvedModule(string Name, string File, int Line, string Kind, string? Refines, bool Library, IReadOnlyList<string> Attributes);

/// <summary>A declaration. What it refers to are indices into the symbols of the program.</summary>
/// <param name="Body">whether it has one; null when its kind has none</param>
/// <param name="Text">the tokens of what it says, each separated by a space: of a lemma or method without the body, of a type without its members</param>
/// <param name="Statement">what its meaning refers to: contract, definition, types</param>
/// <param name="Proof">what only its proof or its code refers to</param>
/// <param name="Marks">what a reader of proofs has to know of, attributes included</param>
public sealed record ResolvedSymbol(
    string Name, string Kind, string Module, string File, int Line, int Column, bool Ghost, bool? Body, string Text,
    IReadOnlyList<int> Statement, IReadOnlyList<int> Proof, IReadOnlyList<Mark> Marks)
{
    public bool Has(string attribute) => Marks.Any(m => m.Rule == "attribute" && (m.Text == attribute || m.Text.StartsWith(attribute + " ", StringComparison.Ordinal)));

    public bool IsExtern => Has("extern");

    /// <summary>Believed instead of proved.</summary>
    public bool IsTrusted => Body == false || IsExtern || Has("axiom");
}

/// <param name="Rule">attribute, or the rule that it breaks: assume, expect, no-body, decreases-star, skeleton</param>
public sealed record Mark(string Rule, string Text, string File, int Line, int Column);
