using System.CommandLine;
using Rvm.Diagnostics;
using Rvm.Tool.Replay;
using Rvm.Tool.SystemDescription;
using Spectre.Console;

namespace Rvm.Tool.Commands;

/// <summary><c>rvm witness replay</c>: the structural state that a log leads to.</summary>
internal static class WitnessReplayCommand
{
    public static Command Create()
    {
        var file = new Argument<string>("FILE") { Description = "The log: raw 64-byte records, from record 0 on" };
        var to = new Option<ulong?>("--to") { Description = "The last record to apply (default: the log's last)", HelpName = "SEQ" };
        var memory = new Option<string?>("--memory") { Description = "RAM of the machine, to say what has never been given out", HelpName = "SIZE" };
        var format = CommandLine.Format();
        var command = new Command("replay", "Rebuild the structural state from a log and print it: partitions, capabilities and their derivation, regions and maps, edges.")
        {
            file, to, memory, format,
        };
        command.SetAction(r => Run(r.GetValue(file)!, r.GetValue(to), r.GetValue(memory), r.GetValue(format) == "json"));
        return command.WithHelp(
            "The state is the fold of the log (spec/Apply.dfy). The replay stops before the first record that is damaged, not chained, of a kind that this tool does not\n"
            + "know, or that no kernel writes in that state; it prints the state there and what is lost.\n"
            + "Exit status: 0 replayed to the end or to --to, 1 stopped before, 2 wrong usage.",
            "rvm witness replay w.bin", "rvm witness replay w.bin --to 120", "rvm witness replay w.bin --format json");
    }

    private static int Run(string file, ulong? to, string? memory, bool json)
    {
        ulong? limit = memory is null ? null : (Abi.RamBase + Size(memory)) / Abi.Page;
        var log = RecordTable.Read(file);
        var result = WitnessReplay.Run(log, to, limit);
        if (to is not null && result.Stop is null && result.Last?.Sequence != to) throw Beyond(file, to.Value, log.Length / Abi.RecordBytes);
        if (json) Output.Json(ToJson(file, result, limit));
        else Print(file, result, log.Length / Abi.RecordBytes, limit);
        return result.Stop is null ? ExitCodes.Good : ExitCodes.Finding;
    }

    /// <summary>The error for a record that a log, complete as it is, does not have.</summary>
    public static UserErrorException Beyond(string file, ulong sequence, int records) =>
        new($"{file} has no record {sequence}: it ends with record {records - 1}", $"write a number from 0 to {records - 1}");

    /// <summary>Says on standard error why a replay stopped, and what is lost.</summary>
    public static void PrintStop(string file, ReplayResult result)
    {
        if (result.Stop is not { } stop) return;
        var good = result.Last is { } last ? $"the last good point is record {last.Sequence} at {RecordTable.Microseconds(last.Timestamp)}" : "there is no good point";
        Output.ErrorLine($"{Markup.Escape(file)}: record {stop.Sequence}: [red]{Markup.Escape(stop.Message)}[/]");
        Output.ErrorLine($"    {good}; {Markup.Escape(Lost(stop, result.Loss!))}");
    }

    private static string Lost(ReplayStop stop, ReplayLoss loss)
    {
        var end = loss.Ends ? "" : "; the file does not reach SystemEnd, so more may be missing";
        if (loss.Records == 0) return "no record of the file is lost" + end;
        var range = loss.Records == 1 ? $"record {stop.Sequence} is lost" : $"{loss.Records} records from {stop.Sequence} on are lost";
        var kinds = string.Join(", ", loss.Kinds.Select(k => $"{k.Count} {k.Kind}"));
        return $"{range}{(loss.Whole == 0 ? "" : $", {loss.Whole} of them whole: {kinds}")}{end}";
    }

    private static void Print(string file, ReplayResult result, int records, ulong? limit)
    {
        var at = result.Last is { } last ? $"after record {last.Sequence} of {records}, at {RecordTable.Microseconds(last.Timestamp)}" : "before the first record";
        StructureView.Print($"{file}: {at}", result, limit);
        PrintStop(file, result);
    }

    private static object ToJson(string file, ReplayResult result, ulong? limit) => new
    {
        Ok = result.Stop is null, File = file, result.Applied, result.Last?.Sequence, result.Last?.Timestamp, result.Stop,
        Loss = result.Loss is not { } loss ? null : new { loss.Records, loss.Whole, Kinds = loss.Kinds.Select(k => new { k.Kind, k.Count }), loss.Ends },
        State = StructureView.ToJson(result, limit),
    };

    private static ulong Size(string text) =>
        Units.Size(text, out var mend) is { } bytes and >= 1 << 20 ? bytes : throw new UserErrorException($"--memory {text} is not a size", mend);
}
