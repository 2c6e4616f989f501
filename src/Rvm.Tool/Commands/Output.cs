using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using Rvm.Diagnostics;
using Spectre.Console;

namespace Rvm.Tool.Commands;

/// <summary>How every command speaks: tables and colours on a terminal, JSON where a program reads.</summary>
public static class Output
{
    private static readonly JsonSerializerOptions Options = new()
    {
        WriteIndented = true, PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        DefaultIgnoreCondition = JsonIgnoreCondition.Never, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.SnakeCaseLower) },
    };

    /// <summary>Prints one JSON value; property names in snake_case.</summary>
    public static void Json(object value) => global::System.Console.Out.WriteLine(JsonSerializer.Serialize(value, Options));

    /// <summary>One JSON value as text; property names in snake_case.</summary>
    public static string JsonText(object value) => JsonSerializer.Serialize(value, Options);

    /// <summary>A table without a frame, never wrapped; its first row holds the column names.</summary>
    public static Grid Table(params string[] columns)
    {
        var table = new Grid();
        foreach (var _ in columns) table.AddColumn(new GridColumn().NoWrap().Padding(0, 0, 2, 0));
        return table.AddRow([.. columns.Select(c => $"[bold]{Markup.Escape(c)}[/]")]);
    }

    /// <summary>Prints a table.</summary>
    public static void Print(Grid table) => Console(error: false).Write(table);

    /// <summary>Prints a tree.</summary>
    public static void Print(Tree tree) => Console(error: false).Write(tree);

    /// <summary>Prints markup; user text in it must be escaped.</summary>
    public static void Line(string markup) => Console(error: false).MarkupLine(markup);

    /// <summary>Prints markup on standard error.</summary>
    public static void ErrorLine(string markup) => Console(error: true).MarkupLine(markup);

    /// <summary>Prints diagnostics on standard error: place, what, mend.</summary>
    /// <param name="bag">The diagnostics.</param>
    /// <param name="quote">Whether to show the line of each, with a caret under its column.</param>
    public static void Diagnostics(DiagnosticBag bag, bool quote = false)
    {
        var sources = new SourceLines();
        foreach (var d in bag.All)
        {
            var (word, colour) = d.Severity switch { Severity.Error => ("error", "red"), Severity.Warning => ("warning", "yellow"), _ => ("note", "blue") };
            ErrorLine($"{Markup.Escape(d.Place.ToString())}: [{colour}]{word}[/]: {Markup.Escape(d.Message)}");
            if (quote && sources.Find(d.Place) is { } line)
            {
                ErrorLine("    " + Markup.Escape(line));
                ErrorLine("    " + new string([.. line.Take(d.Place.Column - 1).Select(c => c == '\t' ? '\t' : ' ')]) + $"[{colour}]^[/]");
            }

            if (d.Mend != "") ErrorLine($"    [green]mend[/]: {Markup.Escape(d.Mend)}");
        }

        if (bag.HasErrors) ErrorLine($"[red]{bag.ErrorCount} error{(bag.ErrorCount == 1 ? "" : "s")}[/]");
    }

    /// <summary>Diagnostics as a program reads them.</summary>
    public static object ToJson(DiagnosticBag bag) => bag.All.Select(d => new
    {
        d.Severity, d.Place.File, d.Place.Line, d.Place.Column, d.Message, d.Mend,
    }).ToList();

    private static IAnsiConsole Console(bool error)
    {
        var redirected = error ? global::System.Console.IsErrorRedirected : global::System.Console.IsOutputRedirected;
        var console = AnsiConsole.Create(new()
        {
            Out = new AnsiConsoleOutput(error ? global::System.Console.Error : global::System.Console.Out),
            Ansi = redirected ? AnsiSupport.No : AnsiSupport.Detect,
        });
        console.Profile.Width = Math.Max(console.Profile.Width, 400);
        return console;
    }
}
