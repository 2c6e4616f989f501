using System.CommandLine;
using Rvm.Diagnostics;
using Rvm.Tool.Audit;
using Rvm.Tool.Audit.Digests;
using Rvm.Tool.Bundle;
using Rvm.Tool.Commands;
using Rvm.Tool.Image;
using Rvm.Tool.Planning;
using Spectre.Console;

namespace Rvm.Tool.Inspect;

/// <summary><c>rvm inspect</c>: is what I run what was proved?</summary>
public static class InspectCommand
{
    private const string AuditFile = "artifacts/audit/audit.json";

    public static Command Create()
    {
        var image = new Argument<string>("IMAGE") { Description = "A kernel, or a bootable file of `rvm build`" };
        var system = new Argument<string?>("SYSTEM.yaml") { Description = "The system that it is to boot (default: the one in the image)", Arity = ArgumentArity.ZeroOrOne };
        var audit = new Option<string?>("--audit") { Description = $"The audit to compare with (default: audit.json beside the image, else {AuditFile})", HelpName = "AUDIT.json" };
        var cores = new Option<int>("--smp") { Description = "Cores of the machine", DefaultValueFactory = _ => 1, HelpName = "N" };
        cores.Validators.Add(r => { if (r.GetValueOrDefault<int>() < 1) r.AddError("--smp is a number of cores, at least 1"); });
        var format = CommandLine.Format();
        var command = new Command("inspect", "Is what I run what was proved? Compares an image with its audit, and says which guarantees hold for a system.") { image, system, audit, cores, format };
        command.SetAction(r => Run(r.GetValue(image)!, r.GetValue(system), r.GetValue(audit), r.GetValue(cores), r.GetValue(format) == "json"));
        return command.WithHelp("Exit status: 0 yes; 1 no, or with reservations, each named; 2 wrong usage.",
            "rvm inspect artifacts/kernel/kernel.elf", "rvm inspect artifacts/systems/hello/hello.elf systems/hello.yaml", "rvm inspect release/kernel.elf systems/intruder.yaml --format json");
    }

    private static int Run(string image, string? system, string? auditFile, int cores, bool json)
    {
        var bag = new DiagnosticBag();
        var described = system is null ? null : Described(system, bag);
        if (system is not null && described is null)
        {
            Output.Diagnostics(bag);
            return ExitCodes.Usage;
        }
        var audit = AuditDocument.Read(auditFile ?? Beside(image) ?? Path.Combine(Workspace.Root, AuditFile));
        InspectionResult result;
        try
        {
            result = Inspection.Of(image, File.ReadAllBytes(image), audit, described, cores);
        }
        catch (ImageException e)
        {
            throw new UserErrorException($"{image}: {e.Message}", e.Mend);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new UserErrorException($"{image} cannot be read: {e.Message}", "name an image of `make build` or `rvm build`");
        }
        if (json) Output.Json(new { result.Answer, result.ImageDigest, result.Reasons, result.Pairs, result.Features });
        else Print(result);
        return result.Yes ? ExitCodes.Good : ExitCodes.Finding;
    }

    /// <summary>The audit of a release lies beside its image.</summary>
    private static string? Beside(string image) =>
        Path.Combine(Path.GetDirectoryName(Path.GetFullPath(image))!, "audit.json") is var path && File.Exists(path) ? path : null;

    internal static InspectedSystem? Described(string file, DiagnosticBag bag)
    {
        if (Planner.FromFile(file, bag) is not { } plan || bag.HasErrors) return null;
        var bundle = BundleBuilder.Build(plan);
        return new InspectedSystem(plan.Name, bundle.Content, bundle.Words,
            [.. bag.All.Where(d => d.Severity == Severity.Warning).Select(d => $"{d.Place}: {d.Message}: {d.Mend}")]);
    }

    private static void Print(InspectionResult result)
    {
        Output.Line($"Is what I run what was proved? [bold]{result.Answer}[/]");
        Output.Line("");
        foreach (var reason in result.Reasons) Output.Line($"  {Mark(reason.Weight)}  {reason.Topic,-8} {Markup.Escape(reason.Text)}");
        if (result.Pairs is { Count: > 0 } pairs) Pairs(pairs);
        Output.Line("");
        var table = Output.Table("feature", "in the theorems", "used", "");
        foreach (var f in result.Features) table.AddRow(f.Name, f.InTheorems ? "yes" : "no", f.Used switch { true => "yes", false => "no", _ => "" }, Markup.Escape(f.Text));
        Output.Print(table);
    }

    private static void Pairs(IReadOnlyList<PairReport> pairs)
    {
        Output.Line("");
        foreach (var pair in pairs.Where(p => p.Interferes || p.Over.Count > 0))
        {
            Output.Line($"  [bold]{pair.A}[/] and [bold]{pair.B}[/]: {(pair.Isolated ? "no frame is in both maps" + Shared(pair.Shared.Count > 0) : "[red]no isolation[/]")}; {(pair.Interferes ? "non-interference does not hold" : "non-interference holds")}");
            if (pair.Exception is { } exception) Output.Line($"    {Markup.Escape(exception)}");
            foreach (var channel in pair.Forward) Output.Line($"    {pair.A} → {pair.B}: {Markup.Escape(channel)}");
            foreach (var channel in pair.Back) Output.Line($"    {pair.B} → {pair.A}: {Markup.Escape(channel)}");
            if (pair.Over.Count > 0) Output.Line($"    one can influence the other over {string.Join(", ", pair.Over)}");
        }
        var apart = pairs.Count(p => !p.Interferes && p.Over.Count == 0);
        if (apart > 0) Output.Line($"  {(apart == pairs.Count ? "all pairs" : "all other pairs")} ({apart:N0}): no frame is in both maps{Shared(pairs.Any(p => p.Shared.Count > 0))} (theorem 3), and neither sees anything of what the other does (theorem 10)");
    }

    private static string Shared(bool any) => any ? " but those of shared regions, which nobody can write" : "";

    private static string Mark(Weight weight) => weight switch { Weight.Yes => "[green]yes [/]", Weight.Note => "    ", Weight.Reservation => "[yellow]but [/]", _ => "[red]no  [/]" };
}
