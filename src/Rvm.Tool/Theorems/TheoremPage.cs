using System.Text;
using Rvm.Tool.Proof;

namespace Rvm.Tool.Theorems;

/// <summary>Writes <c>docs/theorems.md</c>. The same sources and logs give the same bytes.</summary>
public static class TheoremPage
{
    public const string File = "docs/theorems.md";

    /// <summary>How a line with figures begins: they depend on the logs of proofs, so a comparison leaves these lines out.</summary>
    public const string Units = "- **Resource units**: ";

    public static string Markdown(TheoremReport report)
    {
        var text = new StringBuilder(Introduction(report));
        Contents(text, report);
        Core(text, report.Core);
        text.Append(Words);
        var group = "";
        text.Append("## The claims\n\n");
        foreach (var claim in report.Claims)
        {
            if (claim.Group != group) text.Append($"### {group = claim.Group}\n\n");
            text.Append(group.Length > 0 ? "#### " : "### ");
            Section(text, claim);
        }
        return text.ToString().TrimEnd() + "\n";
    }

    /// <summary>A page without its figures.</summary>
    public static string WithoutUnits(string page) =>
        string.Join('\n', page.ReplaceLineEndings("\n").Split('\n').Select(l => l.StartsWith(Units, StringComparison.Ordinal) ? Units : l));

    private static string Introduction(TheoremReport report) => $"""
        <!-- Written by `rvm theorems`; do not edit. `make theorems` writes it again, and a test fails when it is not what the sources say. -->
        # What is proved

        RVM's kernel is a function that says, for each state and each event, what the next state is, what the caller sees and what the hardware has to do. This page lists the
        {report.Claims.Count} claims that are proved about that function. They stand in full in [`{TheoremRun.TheoremFile}`](../{TheoremRun.TheoremFile}). Each holds for all states and events that its
        statement allows, not only for those that a test has tried. Dafny and the Z3 solver check the proofs; [proofs.md](proofs.md) says how to repeat that.

        A proof is worth as much as its statement. So read the statement, not only the sentence above it, and the definitions that it names. [trust.md](trust.md) says what is trusted
        and what no claim covers: the platform's assembly and device code, the tools, the hardware, timing, DMA.


        """;

    private static string Words => """
        ## How to read a section

        - **Statement** is the claim as it is proved, **proof** the lemma that proves it. What the statement does not require, the claim does not need.
        - **Definitions in the statement** are those that it names; native integers are left out. What the claim means is settled by them and by what they are defined by, and so on:
          who reviews the claim has to read these. Those outside `spec/` are ghost definitions beside a proof, or the contents of the running core.
        - **Rests on** counts every lemma and definition that the statement or the proof mention, directly or through others. Each is proved by itself, without looking into another proof.
        - **Platform contracts** are declarations that are believed, because the platform's C# implements them. **Axioms** would be anything else that is believed; one would fail the build.
        - **Resource units** are what the solver spent. They come from the last proof run and repeat exactly ([proofs.md](proofs.md)); lines without a figure had no current proof when this page was written.
        - **Tests** are those that say `[Trait("Theorem", "NAME")]`. They try cases of the claim on the code that runs, or show that a check of it notices a violation.
          `dotnet test PROJECT --filter Theorem=NAME` runs them.

        What a declaration mentions is found in its text: names are resolved through modules, types and imports as Dafny does it, but only parameters have their types. A member after
        another expression (`a[i].Good()`) stands for every member of that name in the imported modules, and a local variable named like a definition counts as a mention. So the lists
        may be longer than what Dafny really uses, not shorter. A definition is counted with its pre- and postconditions, a type with its fields.


        """;

    private static void Contents(StringBuilder text, TheoremReport report)
    {
        text.Append("## Contents\n\n- [From the claims to the code that runs](#from-the-claims-to-the-code-that-runs)\n- [How to read a section](#how-to-read-a-section)\n- [The claims](#the-claims)\n");
        var group = "";
        foreach (var claim in report.Claims)
        {
            if (claim.Group != group) text.Append($"  - {group = claim.Group}\n");
            text.Append($"{(group.Length > 0 ? "    " : "  ")}- [{Title(claim)}](#{Title(claim).ToLowerInvariant().Replace(' ', '-')})\n");
        }
        text.Append('\n');
    }

    private static void Core(StringBuilder text, RunningCore core)
    {
        text.Append("""
            ## From the claims to the code that runs

            The claims are about the function `Step` of [`spec/Step.dfy`](../spec/Step.dfy) and the states that it leads to. The code that runs is the core in `src/Rvm.Verified`, which Dafny
            compiles to C#. The platform hands it each event by one of the methods below. The proved contract of each but `New` says that it leaves the core in exactly the state, and with
            exactly the effects, that `Step` says: so a claim about `Step` is a claim about the core. Claims that name `CoreState.Core` are about the core's own arrays, such as the
            translation tables that the hardware reads. That the platform hands over what really happened, and executes the effects, is trusted ([trust.md](trust.md)).


            """);
        text.Append($"- **Methods that the platform calls**: {Links(core.Entries)}\n");
        text.Append($"- **The beginning**: {Beginning(core)}\n");
        text.Append($"- They **rest on** {Number(core.RestsOn.Count(s => s.IsLemma), "lemma", "lemmas")} and {Number(core.RestsOn.Count(s => !s.IsLemma), "other declaration", "other declarations")}\n");
        text.Append($"- **Platform contracts**: {Links(core.Trusted)}\n");
        text.Append($"{Units}{Heaviest(core.Whole)}\n\n");
    }

    /// <summary>Claims about reachable states begin with the predicate First.</summary>
    private static string Beginning(RunningCore core) => core.Claimed.FirstOrDefault(s => s.Name.EndsWith(".First", StringComparison.Ordinal)) is { } first
        ? $"the contract of `New` says that the core begins in a state {Link(first)}, from which the claims about reachable states start"
        : "the contract of `New` says that the core begins in a valid state with an empty log; it does not say that this is a state `First`, from which the claims about reachable states start";

    private static void Section(StringBuilder text, Claim claim)
    {
        text.Append($"{Title(claim)}\n\n{claim.Sentence}\n\n```dafny\n{Statement(claim.Statement.Declaration.Head)}\n```\n\n");
        text.Append($"- **Statement**: {Link(claim.Statement)}; **proof**: {(claim.Proofs.Count > 0 ? Links(claim.Proofs) : "the solver, without a lemma")}\n");
        text.Append($"- **Definitions in the statement**: {Links(claim.Mentioned.Where(s => s.Declaration.Kind != "newtype"))}\n");
        text.Append($"- With what they are defined by: {Number(claim.Meaning.Count, "definition", "definitions")} ({Files(claim.Meaning)})\n");
        text.Append($"- **Rests on** {Number(claim.Lemmas.Count(), "lemma", "lemmas")}{(claim.Lemmas.Any() ? $" ({Files(claim.Lemmas)})" : "")} ");
        text.Append($"and {Number(claim.RestsOn.Count(s => !s.IsLemma), "definition", "definitions")}\n");
        text.Append($"- **Platform contracts**: {Externs(claim)}; **axioms**: {Axioms(claim)}\n");
        text.Append($"{Units}{Cost(claim)}\n");
        text.Append($"- **Tests**: {Tests(claim)}\n\n");
    }

    internal static string Title(Claim claim) => claim.Name.Replace('_', ' ');

    /// <summary>A statement on one line gets a line for each clause.</summary>
    internal static string Statement(string head)
    {
        if (head.Contains('\n'))
        {
            var lines = head.Split('\n');
            var indent = lines.Skip(1).Where(l => l.Length > 0).Min(l => l.Length - l.TrimStart().Length);
            return string.Join('\n', lines.Select((l, i) => i == 0 ? l : "  " + l[Math.Min(indent, l.Length)..]));
        }
        var breaks = DafnyLexer.Tokens(head).Where(t => t.Offset > 0 && t.Text is "requires" or "ensures" or "decreases").Select(t => t.Offset).Append(head.Length).ToList();
        return string.Join("\n  ", breaks.Prepend(0).Zip(breaks, (from, to) => head[from..to].Trim()));
    }

    private static string Externs(Claim claim) => claim.Trusted.Any(t => t.Declaration.Has("extern"))
        ? Links(claim.Trusted.Where(t => t.Declaration.Has("extern")))
        : "none in the proof; the core has [those above](#from-the-claims-to-the-code-that-runs)";

    private static string Axioms(Claim claim) => claim.Trusted.Any(t => !t.Declaration.Has("extern")) ? Links(claim.Trusted.Where(t => !t.Declaration.Has("extern"))) : "none";

    private static string Cost(Claim claim) => claim.Own.Obligations > 0 ? $"{claim.Own.Total:N0} at the statement; {Heaviest(claim.Whole)}" : Heaviest(claim.Whole);

    private static string Heaviest(Cost cost) => cost.HeaviestSymbol == null
        ? "no current proof"
        : $"{cost.Total:N0} for everything it rests on ({Number(cost.Obligations, "obligation", "obligations")}), the heaviest {cost.Heaviest:N0} (`{cost.HeaviestSymbol}`)" +
          (cost.Unproved > 0 ? $"; not counted: {Number(cost.Unproved, "file", "files")} without a current proof" : "");

    private static string Tests(Claim claim) => claim.Tests.Count == 0
        ? "none"
        : string.Join(", ", claim.Tests.Select(t => $"{(t.Test.Contains('.') ? "" : "all of ")}[`{t.Test}`](../{t.Place.File}#L{t.Place.Line})"));

    /// <summary>Folder by folder, how many of the symbols each file declares.</summary>
    private static string Files(IEnumerable<Symbol> symbols) => string.Join("; ", symbols
        .GroupBy(s => s.File).GroupBy(f => Checkout.ProofFolders.First(p => f.Key.StartsWith(p + "/", StringComparison.Ordinal)))
        .Select(folder => $"`{folder.Key}/`: {string.Join(", ", folder.Select(f => $"[{f.Key[(folder.Key.Length + 1)..^4]}](../{f.Key}) {f.Count()}"))}"));

    private static string Links(IEnumerable<Symbol> symbols) => string.Join(", ", symbols.Select(Link).DefaultIfEmpty("none"));

    private static string Link(Symbol symbol) => $"[`{symbol.Name}`](../{symbol.File}#L{symbol.Declaration.Line})";

    private static string Number(int n, string one, string many) => n == 1 ? $"1 {one}" : $"{n:N0} {many}";
}
