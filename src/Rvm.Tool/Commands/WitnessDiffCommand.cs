using System.CommandLine;
using Rvm.Diagnostics;
using Rvm.Tool.Replay;
using Rvm.Tool.Witness;
using Spectre.Console;

namespace Rvm.Tool.Commands;

/// <summary><c>rvm witness diff</c>: what two logs, or two points of one log, differ in.</summary>
internal static class WitnessDiffCommand
{
    public static Command Create()
    {
        var a = new Argument<string>("A") { Description = "A log: raw 64-byte records, from record 0 on" };
        var b = new Argument<string?>("B") { Description = "Another log, to compare with", Arity = ArgumentArity.ZeroOrOne };
        var from = new Option<ulong?>("--from") { Description = "With one log: compare the state after this record …", HelpName = "SEQ" };
        var to = new Option<ulong?>("--to") { Description = "… with that after this one", HelpName = "SEQ" };
        var format = CommandLine.Format();
        var command = new Command("diff", "Compare two logs (first differing record and field, then the states they lead to), or two points of one log.") { a, b, from, to, format };
        command.SetAction(r =>
        {
            var (other, first, last, json) = (r.GetValue(b), r.GetValue(from), r.GetValue(to), r.GetValue(format) == "json");
            if (other is not null && (first ?? last) is not null) throw new UserErrorException("--from and --to go with one log, not with two", "leave them out, or name one log");
            if (other is not null) return Logs(r.GetValue(a)!, other, json);
            if (first is null || last is null) throw new UserErrorException("there is nothing to compare with", "name a second log, or two points of this one: --from SEQ --to SEQ");
            return Points(r.GetValue(a)!, first.Value, last.Value, json);
        });
        return command.WithHelp("Exit status: 0 no difference, 1 differences, or a log that cannot be replayed so far, 2 wrong usage.",
            "rvm witness diff yesterday.bin today.bin", "rvm witness diff w.bin --from 19 --to 120", "rvm witness diff a.bin b.bin --format json");
    }

    private static int Points(string file, ulong from, ulong to, bool json)
    {
        var log = RecordTable.Read(file);
        var (before, after) = (WitnessReplay.Run(log, from), WitnessReplay.Run(log, to));
        foreach (var (result, at) in new[] { (before, from), (after, to) })
            if (result.Stop is null && result.Last?.Sequence != at) throw WitnessReplayCommand.Beyond(file, at, log.Length / Abi.RecordBytes);
        var differences = Difference.Between(before.Structure, after.Structure);
        var whole = before.Stop is null && after.Stop is null;
        if (json) Output.Json(new { Ok = whole && differences.Count == 0, File = file, From = Side(before), To = Side(after), Structure = differences.Select(ToJson) });
        else
        {
            Print($"after record {Last(before)} and after record {Last(after)}", differences);
            WitnessReplayCommand.PrintStop(file, before.Stop is null ? after : before);
        }

        return whole && differences.Count == 0 ? ExitCodes.Good : ExitCodes.Finding;
    }

    private static int Logs(string a, string b, bool json)
    {
        var (left, right) = (RecordTable.Read(a), RecordTable.Read(b));
        var first = RecordDifference.First(left, right);
        var (before, after) = (WitnessReplay.Run(left), WitnessReplay.Run(right));
        var differences = Difference.Between(before.Structure, after.Structure);
        var same = first is null && differences.Count == 0 && before.Stop is null && after.Stop is null;
        if (json) Output.Json(new { Ok = same, A = Side(before, a), B = Side(after, b), FirstDifference = first, Structure = differences.Select(ToJson) });
        else
        {
            Print(a, b, first);
            Print($"after record {Last(before)} of {a} and after record {Last(after)} of {b}", differences);
            WitnessReplayCommand.PrintStop(a, before);
            WitnessReplayCommand.PrintStop(b, after);
        }

        return same ? ExitCodes.Good : ExitCodes.Finding;
    }

    private static void Print(string a, string b, RecordDifference? first)
    {
        if (first is null)
        {
            Output.Line("the logs are the same, byte for byte");
            return;
        }

        Output.Line($"first difference: record {first.Record}: [red]{Markup.Escape(first.Message)}[/]");
        foreach (var (file, r) in new[] { (a, first.A), (b, first.B) }) Output.Line($"    {Markup.Escape(file)}: {Markup.Escape(r is null ? "no such record" : Say(r))}");
    }

    private static string Say(WitnessRecord r) =>
        $"{RecordTable.Microseconds(r.Timestamp)}, {(r.Subject == 0 ? "rvm" : $"partition {r.Subject}")}: {WitnessKind.Name(r.Kind)}: {WitnessText.Explain(r)}";

    private static void Print(string points, IReadOnlyList<Difference> differences)
    {
        if (differences.Count == 0)
        {
            Output.Line($"structure: the same {Markup.Escape(points)}");
            return;
        }

        Output.Line($"structure: {differences.Count} difference{(differences.Count == 1 ? "" : "s")} between {Markup.Escape(points)}");
        foreach (var d in differences)
        {
            var sign = d.Change switch { Change.Added => "[green]+[/]", Change.Removed => "[red]-[/]", _ => "[yellow]~[/]" };
            Output.Line($"  {sign} {d.Name}: {Markup.Escape(string.Join(", ", d.Fields.Select(f => Say(d.Change, f))))}");
        }
    }

    private static string Say(Change change, (string Field, string? Before, string? After) f) =>
        change == Change.Changed ? $"{f.Field} {f.Before ?? "none"} → {f.After ?? "none"}" : $"{f.Field} {f.Before ?? f.After}";

    private static string Last(ReplayResult result) => result.Last is { } last ? $"{last.Sequence}" : "none";

    private static object Side(ReplayResult result, string? file = null) => new { File = file, result.Applied, result.Last?.Sequence, result.Last?.Timestamp, result.Stop };

    private static object ToJson(Difference d) => new { d.Change, Thing = d.Name, Fields = d.Fields.Select(f => new { f.Field, f.Before, f.After }) };
}
