using Rvm.Tool.Proof;

namespace Rvm.Tool.Audit;

/// <summary>Lists what the proofs take on trust.</summary>
public sealed class TrustedBase(Checkout checkout, SourceGraph sources)
{
    private const string Platform = "src/Rvm.Platform.Aarch64";
    private const string Core = "src/Rvm.Verified";
    private const string Translation = "translation";
    private const string ReasonMark = "Reason:";

    /// <summary>What stands between the proved Dafny and the C# that is compiled: it edits what Dafny generates, so a mistake there is behind the proofs.</summary>
    private static readonly (string File, string Reason)[] Translators =
    [
        (Core + "/translate.sh", "calls Dafny's own translator and cuts its fixed prelude off; the tests run the very bytes that it makes"),
        (Core + "/inline.awk", "adds lines with an attribute before methods and changes no other line; the attribute says how fast code runs, not what it does"),
        (Core + "/inline.list", "names the methods that get the attribute; a name that is missing stops the build"),
    ];

    public IReadOnlyList<Trusted> All() => [.. Declarations(), .. Edits(), .. Files()];

    /// <summary>Files that must be there because the build uses them, and are not.</summary>
    public IEnumerable<Finding> Missing() =>
        from t in Translators
        where sources.Files.Any(file => file.StartsWith(Core + "/", StringComparison.Ordinal)) && !File.Exists(checkout.Path(t.File))
        select new Finding("missing", new Place(t.File, 0, 0), "a trusted file is not there", "list what took its place in src/Rvm.Tool/Audit/TrustedBase.cs");

    /// <summary>What turns Dafny into C#, and hand-written C# of the core: its files besides Dafny.</summary>
    private IEnumerable<Trusted> Edits() =>
        from file in checkout.Files(Core, ".sh", ".awk", ".list", ".cs")
        let source = File.ReadAllText(checkout.Path(file))
        select new Trusted(Translation, Path.GetFileName(file), file, 1, LineCount.Code(file, source),
            Translators.FirstOrDefault(t => t.File == file).Reason ?? Header(source), null);

    /// <summary>Externs and axioms of the Dafny sources.</summary>
    private IEnumerable<Trusted> Declarations() =>
        from file in sources.Files
        from d in DafnyOutline.Of(sources.Source(file)).Declarations
        where d.Kind != "module" && (d.Has("extern") || d.Has("axiom") || (d.NeedsBody && !d.HasBody))
        select new Trusted(d.Has("extern") ? "extern" : "axiom", d.Name, file, d.Line, 0, Reason(d.Doc ?? ""), OneLine(d.Head));

    /// <summary>Hand-written files of the platform.</summary>
    private IEnumerable<Trusted> Files() =>
        from file in checkout.Files(Platform, ".S", ".s", ".inc", ".cs", ".ld")
        let source = File.ReadAllText(checkout.Path(file))
        select new Trusted(KindOf(file), Path.GetFileName(file), file, 1, LineCount.Code(file, source), Header(source), null);

    private static string KindOf(string file) => Path.GetExtension(file) switch
    {
        ".ld" => "link-script",
        ".cs" when file.StartsWith(Platform + "/CoreLib/", StringComparison.Ordinal) => "core-library",
        ".cs" when file.StartsWith(Platform + "/Facades/", StringComparison.Ordinal) => "facade",
        ".cs" => "hal",
        _ => "assembly",
    };

    /// <summary>The part of a docstring after «Reason:», or all of it.</summary>
    private static string Reason(string doc)
    {
        var mark = doc.IndexOf(ReasonMark, StringComparison.Ordinal);
        return (mark < 0 ? doc : doc[(mark + ReasonMark.Length)..]).Trim();
    }

    private static string OneLine(string text) => string.Join(' ', text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));

    /// <summary>The comment that a file begins with (C# may have its namespace and usings first).</summary>
    private static string Header(string source)
    {
        var comment = source.Split('\n').Select(l => l.Trim())
            .SkipWhile(l => l.Length == 0 || l.StartsWith("using ", StringComparison.Ordinal) || l.StartsWith("namespace ", StringComparison.Ordinal) || l.StartsWith('#'))
            .TakeWhile(IsComment)
            .Select(Plain);
        return string.Join(' ', comment.Where(l => l.Length > 0));
    }

    private static bool IsComment(string line) => line.StartsWith("//", StringComparison.Ordinal) || line.StartsWith("/*", StringComparison.Ordinal) || line.StartsWith('*');

    private static string Plain(string line) =>
        line.Trim('/', '*', ' ').Replace("<summary>", "", StringComparison.Ordinal).Replace("</summary>", "", StringComparison.Ordinal).Trim();
}
