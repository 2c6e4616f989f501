using System.CommandLine;
using Rvm.Diagnostics;
using Rvm.Tool.Replay;
using Spectre.Console;

namespace Rvm.Tool.Commands;

/// <summary><c>rvm witness query</c>: the records about something.</summary>
internal sealed class WitnessQueryCommand
{
    private readonly Argument<string> _file = new("FILE") { Description = "The log: raw 64-byte records" };
    private readonly Option<ulong[]> _partition = new("--partition") { Description = "Records by or about this partition (0: boot and the hypervisor); may be repeated", HelpName = "P" };
    private readonly Option<string[]> _object = new("--object") { Description = $"Records about this object: {ObjectName.Forms}; may be repeated", HelpName = "OBJECT" };
    private readonly Option<string[]> _kind = new("--kind") { Description = "Records of this kind: a name such as MessageSend, or a number; may be repeated", HelpName = "K" };
    private readonly Option<string?> _since = new("--since") { Description = "From this time on: 81.088us, 5ms, 2s since the machine's start, or counts of the timer", HelpName = "TIME" };
    private readonly Option<string?> _until = new("--until") { Description = "Up to this time, which is included", HelpName = "TIME" };
    private readonly Option<bool> _refused = new("--refused") { Description = "Only calls that were refused" };
    private readonly Option<string> _format = CommandLine.Format();

    public static Command Create()
    {
        var query = new WitnessQueryCommand();
        var command = new Command("query", "Print the records about a partition or an object, of a kind, of a time, or of refused calls.")
        {
            query._file, query._partition, query._object, query._kind, query._since, query._until, query._refused, query._format,
        };
        command.SetAction(query.Run);
        return command.WithHelp(
            "A record is about what its fields name and, as the replay knows the state, about the ends of its edge, the object of its capability, what was derived from\n"
            + "a revoked capability, and all that ends with a partition. Different options must all fit, repeated ones need not.\n"
            + "Exit status: 0 the whole log was searched, 1 the log is damaged (only what can be relied on was searched), 2 wrong usage.",
            "rvm witness query w.bin --partition 2 --refused", "rvm witness query w.bin --object edge:0 --kind MessageSend --until 5ms",
            "rvm witness query w.bin --object slot:1.3 --format json");
    }

    private int Run(ParseResult r)
    {
        var (file, json) = (r.GetValue(_file)!, r.GetValue(_format) == "json");
        var answer = WitnessQuery.Ask(RecordTable.Read(file), Filter(r));
        if (json)
        {
            Output.Json(new
            {
                Ok = answer.Damage is null, File = file, answer.Looked, Matched = answer.Found.Count, answer.Damage, StateUnknownFrom = answer.Stateless,
                Records = answer.Found.Select(RecordTable.ToJson),
            });
        }
        else
        {
            RecordTable.Print(answer.Found);
            Output.Line($"{answer.Found.Count} of {answer.Looked} records");
        }

        if (answer.Stateless is { } from && !json)
            Output.ErrorLine($"rvm: from record {from} on the state is not known: ends of edges, objects of capabilities and the like are not counted there");
        if (answer.Damage is { } d && !json)
            Output.ErrorLine($"{Markup.Escape(file)}: record {d.Sequence}: [red]{Markup.Escape(d.Message)}[/]\n    searched were only the {answer.Looked} records that can be relied on");
        return answer.Damage is null ? ExitCodes.Good : ExitCodes.Finding;
    }

    private WitnessFilter Filter(ParseResult r)
    {
        ulong? since = r.GetValue(_since) is { } from ? RecordTable.Time(from, "--since", up: true) : null;
        ulong? until = r.GetValue(_until) is { } to ? RecordTable.Time(to, "--until", up: false) : null;
        if (since > until) throw new UserErrorException("--since is later than --until", "exchange the two");
        return new(r.GetValue(_partition) ?? [], [.. (r.GetValue(_object) ?? []).Select(Object)], [.. (r.GetValue(_kind) ?? []).Select(RecordTable.Kind)], since, until, r.GetValue(_refused));
    }

    private static ObjectName Object(string text) =>
        ObjectName.Parse(text) ?? throw new UserErrorException($"--object {text} names no object", $"write {ObjectName.Forms}");
}
