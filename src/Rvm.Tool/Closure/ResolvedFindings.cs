using Rvm.Tool.Proof;

namespace Rvm.Tool.Closure;

/// <summary>
/// What in a resolved program lets something unproved pass. It sees what the text of one file does not show: files outside the proved folders, binary libraries,
/// abstract modules and refinement, and whether a declaration really has a body.
/// </summary>
public static class ResolvedFindings
{
    private const string Prove = "prove it instead; what cannot be proved belongs into a contract file under " + Checkout.ContractFolder;

    public static IEnumerable<Finding> In(ResolvedProgram program) => program.Modules.SelectMany(OfModule).Concat(program.Symbols.SelectMany(OfSymbol));

    /// <summary>Declarations that promise something although the log of their file, which counts as complete, has no obligation of theirs.</summary>
    /// <param name="asked">symbols with obligations</param>
    /// <param name="proved">whether a file's log counts as complete</param>
    public static IEnumerable<Finding> Skipped(ResolvedProgram program, IReadOnlySet<string> asked, Func<string, bool> proved) =>
        from s in program.Symbols
        where s.Body == true && !s.IsTrusted && $" {s.Text} ".Contains(" ensures ", StringComparison.Ordinal) && !asked.Contains(s.Name) && IsProved(s.File) && proved(s.File)
        select new Finding("skipped", new Place(s.File, s.Line, s.Column), $"{s.Kind} {s.Name} promises something, and the solver was never asked", "`make verify-all` proves everything from nothing");

    private static IEnumerable<Finding> OfModule(ResolvedModule module)
    {
        var place = new Place(module.File, module.Line, 0);
        if (module.Library)
            yield return new Finding("library", place, $"module {module.Name} comes from a binary library: nothing here proves it", "include its source and prove it");
        else if (module.File.Length > 0 && !IsProved(module.File))
            yield return new Finding("outside", place, $"module {module.Name} is outside the proved folders: Dafny trusts it", $"move it into {string.Join(", ", Checkout.ProofFolders)}");
        if (module.Kind != "concrete")
            yield return new Finding("abstract-module", place, $"module {module.Name} is {module.Kind}: what it declares without a body is believed", "make it a concrete module");
        foreach (var name in module.Attributes.Where(name => name is not ("compile" or "extern")))
            yield return Judge("module " + module.Name, name, place, contracts: false) ?? new Finding("attribute", place, $"{{:{name}}} stands at module {module.Name}", "remove it");
    }

    private static IEnumerable<Finding> OfSymbol(ResolvedSymbol symbol)
    {
        var contracts = symbol.File.StartsWith(Checkout.ContractFolder, StringComparison.Ordinal);
        var (place, name) = (new Place(symbol.File, symbol.Line, symbol.Column), $"{symbol.Kind} {symbol.Name}");
        if (symbol.IsExtern && !contracts)
            yield return new Finding("extern", place, $"extern {name} outside the contract files", $"move it into {Checkout.ContractFolder}");
        else if (symbol.Body == false && !contracts)
            yield return new Finding("no-body", place, $"{name} has no body: it is an axiom", Prove);
        foreach (var mark in symbol.Marks)
            if (Judge(name, mark, contracts) is { } finding) yield return finding;
    }

    private static Finding? Judge(string name, Mark mark, bool contracts)
    {
        var place = new Place(mark.File, mark.Line, mark.Column);
        return mark.Rule switch
        {
            "attribute" => Judge(name, mark.Text, place, contracts),
            "assume" => new Finding("assume", place, $"{name}: `{mark.Text}` takes a claim on trust", Prove),
            "expect" => new Finding("expect", place, $"{name}: `{mark.Text}` stops the kernel at run time instead of being proved", "turn it into a precondition or into a refusal"),
            "decreases-star" => new Finding("decreases-star", place, $"{name}: `decreases *` gives up termination", "name a measure that falls, e.g. `decreases n - i`"),
            _ => new Finding(mark.Rule, place, $"{name}: {mark.Text}: what is not there is believed", Prove),
        };
    }

    private static Finding? Judge(string name, string attribute, Place place, bool contracts) =>
        ForbiddenConstructs.Judge(place.File, attribute.Split(' ') is var words ? new DafnyAttribute(words[0], string.Join(' ', words.Skip(1)), place.Line, place.Column) : null!, contracts) is { } finding
            ? finding with { Message = $"{name}: {finding.Message}" }
            : null;

    private static bool IsProved(string file) => Checkout.ProofFolders.Any(folder => file.StartsWith(folder + "/", StringComparison.Ordinal));
}
