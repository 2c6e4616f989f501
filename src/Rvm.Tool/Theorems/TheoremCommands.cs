using System.CommandLine;
using System.Text.Json;
using Rvm.Diagnostics;
using Rvm.Tool.Proof;
using Place = Rvm.Tool.Proof.Place;

namespace Rvm.Tool.Theorems;

/// <summary><c>rvm theorems</c>: the claims for people who do not read Dafny.</summary>
public static class TheoremCommands
{
    private static readonly JsonSerializerOptions Options = new()
    {
        WriteIndented = true,
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        DefaultIgnoreCondition = System.Text.Json.Serialization.JsonIgnoreCondition.WhenWritingNull,
        Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    public static Command Create()
    {
        var check = new Option<bool>("--check") { Description = $"write nothing; fail when {TheoremPage.File} is not what the sources say (figures of the solver aside)" };
        var format = new Option<string>("--format") { Description = "text, or json for programs", DefaultValueFactory = _ => "text" };
        format.AcceptOnlyFromAmong("text", "json");
        var command = new Command("theorems", $"Write {TheoremPage.File}: every claim, where it is proved, what it rests on, which tests exercise it.") { check, format };
        command.SetAction(parsed =>
        {
            var checkout = Checkout.Find() ?? throw new UserErrorException($"no {Checkout.OptionsFile} here or above", "run rvm inside a checkout");
            return Run(checkout, parsed.GetValue(check), parsed.GetValue(format) == "json", Console.Out);
        });
        return command;
    }

    /// <returns>0 good, 1 findings</returns>
    public static int Run(Checkout checkout, bool check, bool json, TextWriter output)
    {
        var report = new TheoremRun(checkout).Collect(measure: json || !check);
        var page = TheoremPage.Markdown(report);
        if (!check) Write(checkout, page);
        List<Finding> findings = [.. report.Findings, .. check ? Stale(checkout, page) : [], .. LinkCheck.Broken(checkout, TheoremPage.File, page)];
        if (json) output.WriteLine(JsonSerializer.Serialize(Json(report, findings), Options));
        else
        {
            foreach (var finding in findings) ProofReport.Write(output, finding);
            output.WriteLine($"{(check ? "checked" : "written")}: {TheoremPage.File}, {report.Claims.Count} claims, {findings.Count} findings");
            var priced = report.Claims.Count(c => c.Own.Obligations > 0 && c.Whole.Unproved == 0);
            if (!check && priced < report.Claims.Count)
                output.WriteLine($"  all figures for {priced} claims: the others rest on files without a current proof (`make verify`)");
        }
        return findings.Count == 0 ? ExitCodes.Good : ExitCodes.Finding;
    }

    private static void Write(Checkout checkout, string page)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(checkout.Path(TheoremPage.File))!);
        File.WriteAllText(checkout.Path(TheoremPage.File), page);
    }

    /// <summary>The first line in which the page is not what it should be.</summary>
    private static IEnumerable<Finding> Stale(Checkout checkout, string page)
    {
        var path = checkout.Path(TheoremPage.File);
        var (there, wanted) = (TheoremPage.WithoutUnits(File.Exists(path) ? File.ReadAllText(path) : "").Split('\n'), TheoremPage.WithoutUnits(page).Split('\n'));
        for (var i = 0; i < Math.Max(there.Length, wanted.Length); i++)
        {
            if (there.ElementAtOrDefault(i) == wanted.ElementAtOrDefault(i)) continue;
            yield return new Finding("out-of-date", new Place(TheoremPage.File, i + 1, 0), $"should be: {wanted.ElementAtOrDefault(i) ?? "nothing more"}", "`make theorems` writes it again");
            yield break;
        }
    }

    private static object Json(TheoremReport report, List<Finding> findings) => new
    {
        Version = 1,
        Verdict = findings.Count == 0 ? "clean" : "findings",
        Claims = report.Claims.Select(c => new
        {
            c.Name, c.Sentence, c.Group, Statement = Located(c.Statement), Proofs = c.Proofs.Select(Located), Mentioned = c.Mentioned.Select(Located),
            Meaning = c.Meaning.Select(Located), Lemmas = c.Lemmas.Select(Located), Definitions = c.RestsOn.Count(s => !s.IsLemma), Trusted = c.Trusted.Select(Located),
            Units = c.Own, UnitsOfAll = c.Whole, Tests = c.Tests.Select(t => new { t.Test, t.Place.File, t.Place.Line }),
        }),
        Core = new { Methods = report.Core.Entries.Select(Located), Trusted = report.Core.Trusted.Select(Located), Units = report.Core.Whole },
        Findings = findings,
    };

    private static object Located(Symbol symbol) => new { symbol.Name, symbol.Declaration.Kind, symbol.File, symbol.Declaration.Line };
}
