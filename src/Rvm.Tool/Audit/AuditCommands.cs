using System.CommandLine;
using Rvm.Diagnostics;
using Rvm.Tool.Audit.Drift;
using Rvm.Tool.Audit.Page;
using Rvm.Tool.Commands;
using Rvm.Tool.Proof;
using Place = Rvm.Diagnostics.Place;

namespace Rvm.Tool.Audit;

/// <summary><c>rvm audit</c>: what is claimed, what is proved, what is trusted.</summary>
public static class AuditCommands
{
    private const string Folder = "artifacts/audit";

    public static Command Create()
    {
        var format = new Option<string>("--format") { Description = "text, json for programs (docs/audit.schema.json), or sarif for tools that show findings", DefaultValueFactory = _ => "text" };
        format.AcceptOnlyFromAmong("text", "json", "sarif");
        var compare = new Option<string?>("--compare")
        {
            Description = "Fail on a new assumption, a lost theorem, a changed statement or a budget exceeded since this earlier audit", HelpName = "BASE.json",
        };
        var command = new Command("audit", "List theorems, proof obligations and everything that is trusted; needs the logs of `rvm verify`.") { compare, format };
        command.SetAction(parsed => Run(Checkout.Find(), parsed.GetValue(format)!, parsed.GetValue(compare), Console.Out));
        return command.WithHelp($"Writes {Folder}/audit.html for people, audit.json for programs, audit.sarif and audit.md.\nExit status: 0 clean; 1 findings, or the comparison fails; 2 wrong usage.",
            "rvm audit", "rvm audit --format json", "rvm audit --compare release-0.1/audit.json");
    }

    /// <param name="format">text, json or sarif</param>
    /// <param name="compare">an earlier audit.json, or null</param>
    /// <returns>0 clean, 1 findings, 2 wrong use</returns>
    public static int Run(Checkout? checkout, string format, string? compare, TextWriter output)
    {
        try
        {
            var before = compare is null ? null : Base(compare);
            if (checkout is null) throw new ProverMissing($"no {Checkout.OptionsFile} here or above: run rvm inside a checkout");
            var report = new AuditRun(checkout).Collect();
            var audit = AuditDocument.Parse(AuditWriter.Json(report), $"{Folder}/audit.json");
            var drift = before is null ? null : new PageDrift(compare!, AuditDrift.Between(before, audit));
            Write(checkout, report, audit, drift);
            switch (format)
            {
                case "json": output.Write(AuditWriter.Json(report)); break;
                case "sarif": output.Write(AuditSarif.Of(audit, drift?.Changes ?? [])); break;
                default: Print(output, report, drift); break;
            }
            return report.Clean && drift?.Changes.Any(c => c.Fails) != true ? ExitCodes.Good : ExitCodes.Finding;
        }
        catch (ProverMissing missing)
        {
            Console.Error.WriteLine($"rvm audit: {missing.Message}");
            return ExitCodes.Usage;
        }
    }

    /// <exception cref="UserErrorException">The file is no audit, or one that has no statements to compare with.</exception>
    internal static AuditDocument Base(string file)
    {
        var audit = AuditDocument.Read(file);
        return audit.Claims.Count > 0 ? audit
            : throw new UserErrorException($"{file}: this audit has no statements of theorems, so nothing can be compared with it", "make one with `rvm audit` of this version");
    }

    private static void Write(Checkout checkout, AuditReport report, AuditDocument audit, PageDrift? drift)
    {
        Directory.CreateDirectory(checkout.Path(Folder));
        File.WriteAllText(checkout.Path($"{Folder}/audit.json"), AuditWriter.Json(report));
        File.WriteAllText(checkout.Path($"{Folder}/audit.md"), AuditWriter.Markdown(report));
        File.WriteAllText(checkout.Path($"{Folder}/audit.html"), AuditPage.Html(audit, drift));
        File.WriteAllText(checkout.Path($"{Folder}/audit.sarif"), AuditSarif.Of(audit, drift?.Changes ?? []));
    }

    private static void Print(TextWriter output, AuditReport report, PageDrift? drift)
    {
        AuditWriter.Console(output, report);
        if (drift is not null) DriftText.Write(output, drift.Base, drift.Changes);
        output.WriteLine($"written: {Folder}/audit.html, audit.json, audit.sarif, audit.md");
    }
}

/// <summary>An audit's findings, and what fails of a comparison, as SARIF.</summary>
internal static class AuditSarif
{
    public static string Of(AuditDocument audit, IEnumerable<Change> drift) => Sarif.Log("rvm audit",
    [
        .. audit.Findings.Select(f => new SarifResult(f.Rule, Severity.Error, At(f.Place), f.Message, f.Hint ?? "")),
        .. drift.Select(c => new SarifResult(c.Rule, c.Fails ? Severity.Error : Severity.Note, At(c.Place), c.Message, "", c.Before is null && c.After is null ? null : new { c.Before, c.After })),
    ]) + "\n";

    private static Place At(Proof.Place place) => new(place.File, place.Line, place.Column);
}
