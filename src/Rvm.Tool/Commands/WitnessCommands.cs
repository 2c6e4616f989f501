using System.CommandLine;
using Rvm.Diagnostics;
using Rvm.Tool.Policies;
using Rvm.Tool.Witness;
using Spectre.Console;

namespace Rvm.Tool.Commands;

/// <summary><c>rvm witness show|verify|replay|diff|query</c>: reads and checks witness logs.</summary>
public static class WitnessCommands
{
    private const int MostFindings = 20;

    /// <summary>The command with its subcommands.</summary>
    public static Command Create() =>
        new Command("witness", "Read and check witness logs, which `rvm run --witness FILE` saves.")
        {
            Show(), Verify(), WitnessReplayCommand.Create(), WitnessDiffCommand.Create(), WitnessQueryCommand.Create(),
        }.WithHelp("", "rvm witness show w.bin", "rvm witness verify w.bin", "rvm witness replay w.bin --to 100", "rvm witness query w.bin --partition 2 --refused");

    private static Command Verify()
    {
        var file = new Argument<string>("FILE") { Description = "The log: raw 64-byte records" };
        var bundle = new Option<string?>("--bundle") { Description = "Check too that the log attests this bundle, which `rvm build` wrote", HelpName = "FILE.bundle" };
        var format = CommandLine.Format();
        var command = new Command("verify", "Check that a log is complete and unchanged, from the boot record to SystemEnd; name every record that does not fit.")
        {
            file, bundle, format,
        };
        command.SetAction(r => RunVerify(r.GetValue(file)!, r.GetValue(bundle), r.GetValue(format) == "json"));
        return command.WithHelp("Exit status: 0 good, 1 findings, 2 the file cannot be read.",
            "rvm witness verify w.bin", "rvm witness verify w.bin --bundle artifacts/systems/hello/hello.bundle", "rvm witness verify w.bin --format json");
    }

    private static int RunVerify(string file, string? bundle, bool json)
    {
        var log = RecordTable.Read(file);
        var report = WitnessChain.Verify(log);
        if (bundle is not null && Attestation.Check(log, RecordTable.Read(bundle)) is { } finding) report = report with { Findings = [.. report.Findings, finding] };
        if (json) Output.Json(new { Ok = report.IsGood, File = file, report.Records, report.First, LastHash = RecordTable.Hex(report.LastHash), report.Findings });
        else if (report.IsGood) Output.Line($"{Markup.Escape(file)}: [green]good[/]: {report.Records} records, chain complete from BootAttestation to SystemEnd, last hash {RecordTable.Hex(report.LastHash)}");
        else PrintFindings(file, report);
        return report.IsGood ? ExitCodes.Good : ExitCodes.Finding;
    }

    private static void PrintFindings(string file, WitnessReport report)
    {
        foreach (var f in report.Findings.Take(MostFindings))
        {
            var where = f.Record < 0 ? "" : $" record {f.Sequence} (offset {f.Offset})";
            Output.Line($"{Markup.Escape(file)}:{where}{(f.Field == "" ? "" : " " + f.Field)}: [red]{Markup.Escape(f.Message)}[/]");
        }

        if (report.Findings.Count > MostFindings) Output.Line($"… and {report.Findings.Count - MostFindings} more; --format json lists all");
        Output.Line($"[red]{report.Findings.Count} finding{(report.Findings.Count == 1 ? "" : "s")}[/] in {report.Records} records");
    }

    private static Command Show()
    {
        var file = new Argument<string>("FILE") { Description = "The log: raw 64-byte records" };
        var partition = new Option<ulong?>("--partition") { Description = "Only records by or about this partition (0: boot and the hypervisor)", HelpName = "P" };
        var kind = new Option<string?>("--kind") { Description = "Only records of this kind: a name such as MessageSend, or a number", HelpName = "K" };
        var from = new Option<ulong?>("--from") { Description = "First sequence number to show", HelpName = "N" };
        var to = new Option<ulong?>("--to") { Description = "Last sequence number to show", HelpName = "N" };
        var policy = new Option<string?>("--policy")
        {
            Description = "Where the names of rules are from: a policy's source or table, a bundle or an image (default: what `rvm run` put beside the log)", HelpName = "POLICY",
        };
        var system = PolicyCommands.System();
        var format = CommandLine.Format();
        var command = new Command("show", "Print the records of a log in words, unchecked.")
        {
            file, partition, kind, from, to, policy, system, format,
        };
        command.SetAction(r => RunShow(r.GetValue(file)!, r.GetValue(partition), r.GetValue(kind), (r.GetValue(from), r.GetValue(to)),
            Policies(r.GetValue(file)!, r.GetValue(policy), r.GetValue(system)), r.GetValue(format) == "json"));
        return command.WithHelp(
            "A rule has its name if the log says that the policy with the same digest was active; its number always.\nExit status: 0 shown, 2 wrong usage.",
            "rvm witness show w.bin", "rvm witness show w.bin --partition 2 --kind ProofRejected", "rvm witness show w.bin --from 100 --to 120 --format json");
    }

    private static int RunShow(string file, ulong? partition, string? kindText, (ulong? From, ulong? To) range, ActivePolicy policy, bool json)
    {
        byte? kind = kindText is null ? null : RecordTable.Kind(kindText);
        var log = RecordTable.Read(file);
        var shown = Enumerable.Range(0, log.Length / Abi.RecordBytes).Select(i => WitnessRecord.Read(log.AsSpan(i * Abi.RecordBytes)))
            .Select(r => (Record: r, Text: WitnessText.Explain(r, policy.At(r)))).ToList()
            .Where(shown => shown.Record is var r && (partition is null || WitnessText.Concerns(r, partition.Value)) && (kind is null || r.Kind == kind)
                && r.Sequence >= (range.From ?? 0) && r.Sequence <= (range.To ?? ulong.MaxValue)).ToList();
        if (json) Output.Json(shown.Select(r => RecordTable.ToJson(r.Record, r.Text)));
        else RecordTable.Print(shown);
        if (log.Length % Abi.RecordBytes is > 0 and var rest) Output.ErrorLine($"rvm: the file ends within a record: the last {rest} bytes are not shown");
        foreach (var digest in policy.Unknown)
            Output.ErrorLine($"rvm: no policy at hand has the digest {RecordTable.Hex(digest)}: its rules are shown by number; name it with --policy");
        return ExitCodes.Good;
    }

    private static ActivePolicy Policies(string log, string? policy, string? system)
    {
        if (policy is null) return new(File.Exists(ActivePolicy.Beside(log)) ? PolicyTables.Read(ActivePolicy.Beside(log), new DiagnosticBag()) ?? [] : []);
        var bag = new DiagnosticBag();
        var tables = PolicyTables.ReadOrCompile(policy, system, bag);
        Output.Diagnostics(bag, quote: true);
        return tables is not null ? new(tables) : throw new UserErrorException($"--policy {policy} names no policy", "name a policy's source or table, a bundle or an image");
    }
}
