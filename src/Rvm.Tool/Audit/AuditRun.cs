using Rvm.Tool.Audit.Digests;
using Rvm.Tool.Closure;
using Rvm.Tool.Custody;
using Rvm.Tool.Image.Structure;
using Rvm.Tool.Proof;
using Rvm.Tool.Theorems;
using Rvm.Tool.Work;

namespace Rvm.Tool.Audit;

/// <summary>Collects the audit from the sources and the logs of the last proof run; it proves nothing itself.</summary>
public sealed class AuditRun(Checkout checkout)
{
    private const string TheoremFile = "spec/Theorem.dfy";
    private const string Kernel = "artifacts/kernel/kernel.elf", Map = "artifacts/kernel/kernel.map";
    private const int SpecLines = 1500, TheoremLines = 60, Externs = 25, AssemblyLines = 500, ProofRatio = 5;

    private static readonly (string Part, string Folder, string[] Suffixes)[] Parts =
    [
        ("spec", "spec", [".dfy"]),
        ("core", "src/Rvm.Verified", [".dfy"]),
        ("proof", "proofs", [".dfy"]),
        ("platform", "src/Rvm.Platform.Aarch64", [".cs", ".S", ".s", ".inc", ".ld"]),
    ];

    private readonly SourceGraph sources = new(checkout);

    public AuditReport Collect()
    {
        var prover = ProverOptions.Read(checkout);
        var store = new ProofStore(checkout, sources, prover.Fingerprint);
        var steadiness = new SteadinessFiles(checkout, sources.Digest);
        var obligations = sources.Files.SelectMany(file => Obligations(file, store)).Select(o => steadiness.Marked(o with { Solver = prover.SolverName })).ToList();
        var theorems = sources.Files.SelectMany(file => Theorems(file, store, obligations)).ToList();
        var trust = new TrustedBase(checkout, sources);
        var trusted = trust.All();
        List<PartSize> sizes = [.. Parts.Select(Size), .. Core()];
        var budgets = Budgets(sizes, trusted, obligations, prover);
        var (program, unresolved) = new ProgramResolver(checkout, sources, prover.DafnyVersion).Resolve();
        var closures = program == null ? null : new ClosureRun(program, obligations, Sentences());
        List<Finding> findings = [.. trust.Missing(), .. Findings(store, obligations, theorems, trusted, budgets)];
        if (unresolved != null) findings.Add(unresolved);
        var asked = obligations.Select(o => o.Symbol.Split(' ')[0]).ToHashSet();
        List<Finding> resolved = program == null ? [] : [.. ResolvedFindings.In(program), .. ResolvedFindings.Skipped(program, asked, store.IsProved)];
        var named = resolved.Select(f => (f.Rule, f.Place.File, f.Place.Line)).ToHashSet();     // what the resolved program shows names the declaration
        findings = [.. findings.Where(f => !named.Contains((f.Rule, f.Place.File, f.Place.Line))), .. resolved];
        var image = Image();
        findings.AddRange(image.Where(c => !c.Holds).Select(c => new Finding("image", new Place(Kernel, 0, 0), $"{c.Name}: it does not hold that {c.Claim}: {c.Detail}")));
        var custody = new CustodyRun(checkout, sources).Collect();
        findings.AddRange(CustodyRun.Findings(custody));
        findings.AddRange(steadiness.Findings);
        return new AuditReport(findings, theorems, obligations, trusted, sizes, budgets, ToolVersions.Of(checkout, prover))
        {
            Verifier = new Verifier(prover.DafnyVersion, prover.SolverVersion, prover.ResourceLimit, prover.Arguments),
            Closures = closures?.Theorems ?? [],
            Symbols = closures?.Symbols ?? [],
            Kernel = ImageDigest.Of(checkout),
            Custody = custody,
            Image = image,
            Steadiness = steadiness.Results,
        };
    }

    /// <summary>Structural properties of the kernel, when it has been built.</summary>
    private IReadOnlyList<ImageCheck> Image() =>
        File.Exists(checkout.Path(Kernel)) && File.Exists(checkout.Path(Map))
            ? new StructureRun(File.ReadAllBytes(checkout.Path(Kernel)), File.ReadAllText(checkout.Path(Map)), Disassembly.Of(checkout.Path(Kernel))).Checks()
            : [];

    /// <summary>What the theorems say in English, and under which heading.</summary>
    private Dictionary<string, (string Sentence, string Group)> Sentences() =>
        sources.Files.Contains(TheoremFile)
            ? DafnyOutline.Of(sources.Source(TheoremFile)).Declarations.DistinctBy(d => d.Name).ToDictionary(d => d.Name, d => (d.Doc ?? "", TheoremRun.Group(sources.Source(TheoremFile), d.Line)))
            : [];

    private IEnumerable<Obligation> Obligations(string file, ProofStore store)
    {
        var lines = DafnyOutline.Of(sources.Source(file)).Declarations.DistinctBy(d => d.Name).ToDictionary(d => d.Name, d => d.Line);
        var fresh = store.IsProved(file);
        return store.Batches(file).Select(b => new Obligation(
            b.Symbol, file, lines.TryGetValue(b.Symbol, out var line) ? line : b.Assertions.FirstOrDefault()?.Place.Line ?? 0,
            b.Kind, b.Number, !fresh ? "stale" : b.Proved ? "proved" : b.Outcome, b.Assertions.Count, b.Resources));
    }

    private IEnumerable<Theorem> Theorems(string file, ProofStore store, List<Obligation> obligations)
    {
        var fresh = store.IsProved(file);
        return
            from d in DafnyOutline.Of(sources.Source(file)).Declarations
            where file == TheoremFile ? d.Kind is "lemma" or "method" : d.Kind == "lemma" && d.Doc != null
            let own = obligations.Where(o => o.File == file && o.Symbol == d.Name).ToList()
            let outcome = !fresh ? "stale" : own.Count > 0 && own.All(o => o.Outcome == "proved") ? "proved" : "not-proved"
            select new Theorem(d.Name, d.Doc ?? "", file, d.Line, outcome, own.Sum(o => o.Resources));
    }

    private PartSize Size((string Part, string Folder, string[] Suffixes) part)
    {
        var texts = checkout.Files(part.Folder, part.Suffixes).Select(f => (Path: f, Text: File.ReadAllText(checkout.Path(f)))).ToList();
        return new PartSize(part.Part, texts.Count, texts.Sum(t => LineCount.Code(t.Path, t.Text)), texts.Sum(t => LineCount.All(t.Text)));
    }

    /// <summary>The lines of the core that run, and those that only prove.</summary>
    private IEnumerable<PartSize> Core()
    {
        var lemmas = sources.Files.SelectMany(file => DafnyOutline.Of(sources.Source(file)).Declarations)
            .ToLookup(d => d.Kind == "lemma", d => d.Name.Split('.')[^1]);
        var names = lemmas[true].Except(lemmas[false]).ToHashSet();
        var files = checkout.Files("src/Rvm.Verified", ".dfy").Select(file => GhostCode.Lines(sources.Source(file), names)).ToList();
        yield return new PartSize("core-runs", files.Count(f => f.Runs > 0), files.Sum(f => f.Runs), files.Sum(f => f.Runs));
        yield return new PartSize("core-ghost", files.Count(f => f.Ghost > 0), files.Sum(f => f.Ghost), files.Sum(f => f.Ghost));
    }

    private List<Budget> Budgets(List<PartSize> sizes, IReadOnlyList<Trusted> trusted, List<Obligation> obligations, ProverOptions prover) =>
    [
        new("lines of specification", sizes.Single(s => s.Part == "spec").Code, SpecLines, Binding: false),
        new($"lines of {TheoremFile}", sources.Files.Contains(TheoremFile) ? LineCount.Code(TheoremFile, sources.Source(TheoremFile)) : 0, TheoremLines),
        new("lines of proof for 100 lines that run", 100 * (Lines(sizes, "proof") + Lines(sizes, "core-ghost")) / Math.Max(1, Lines(sizes, "core-runs")), 100 * ProofRatio, Binding: false),
        new("externs with a contract", trusted.Count(t => t.Kind == "extern"), Externs),
        new("lines of assembly", trusted.Where(t => t.Kind == "assembly").Sum(t => t.Lines), AssemblyLines - 1),
        new("axioms besides externs", trusted.Count(t => t.Kind == "axiom"), 0),
        new("units of the most expensive obligation", obligations.Select(o => o.Resources).DefaultIfEmpty().Max(), prover.ResourceLimit),
    ];

    private static long Lines(List<PartSize> sizes, string part) => sizes.Single(s => s.Part == part).Code;

    private IEnumerable<Finding> Findings(
        ProofStore store, List<Obligation> obligations, List<Theorem> theorems, IReadOnlyList<Trusted> trusted, List<Budget> budgets)
    {
        const string verify = "`make verify` proves what changed";
        if (sources.Files.Count == 0) yield return new Finding("empty", new Place("spec", 0, 0), "there is nothing to audit: no Dafny file");
        foreach (var file in sources.Files.Where(file => !store.IsProved(file)))
            yield return new Finding("stale", new Place(file, 0, 0), "no proof of the present text", verify);
        foreach (var o in obligations.Where(o => o.Outcome is not ("proved" or "stale")))
            yield return new Finding("not-proved", new Place(o.File, o.Line, 0), $"{o.Symbol} ({o.Kind}): {o.Outcome}", verify);
        foreach (var finding in sources.Findings.Concat(sources.Files.SelectMany(file => ForbiddenConstructs.In(file, sources.Source(file)))))
            yield return finding;
        foreach (var finding in WorkRules.Of(sources).Findings) yield return finding;
        foreach (var t in theorems.Where(t => t.Sentence.Length == 0))
            yield return new Finding("no-sentence", new Place(t.File, t.Line, 0), $"theorem {t.Name} has no docstring", "say in one sentence what it claims");
        foreach (var t in theorems.Where(t => t.Outcome == "not-proved"))
            yield return new Finding("no-claim", new Place(t.File, t.Line, 0), $"theorem {t.Name} has no proved obligation", "a lemma that claims nothing is no theorem");
        foreach (var t in trusted.Where(t => t.Kind is "extern" or "axiom" or "translation" && t.Reason.Length == 0))
            yield return new Finding("no-reason", new Place(t.File, t.Line, 0), $"{t.Kind} {t.Name} gives no reason", "say in its docstring why it is trusted");
        foreach (var budget in budgets.Where(b => b.Binding && !b.Met))
            yield return new Finding("budget", new Place("docs/proofs.md", 0, 0), $"{budget.Name}: {budget.Value:N0}, allowed are {budget.Limit:N0}");
    }
}
