using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using Rvm.Diagnostics;

namespace Rvm.Tool.Commands;

/// <summary>One result of a SARIF log.</summary>
/// <param name="Rule">short name of what was looked for</param>
/// <param name="Place">a file of the user's; an empty file name leaves the location out</param>
/// <param name="Properties">further data for programs; null: none</param>
public sealed record SarifResult(string Rule, Severity Severity, Place Place, string Message, string Mend, object? Properties = null);

/// <summary>Findings in the Static Analysis Results Interchange Format, version 2.1.0.</summary>
public static class Sarif
{
    private static readonly JsonSerializerOptions Options = new()
    {
        WriteIndented = true, PropertyNamingPolicy = JsonNamingPolicy.CamelCase, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    };

    /// <summary>A log with one run.</summary>
    /// <param name="command">the command that found the results, such as <c>rvm audit</c></param>
    public static string Log(string command, IEnumerable<SarifResult> results)
    {
        var all = results.ToList();
        return JsonSerializer.Serialize(new Dictionary<string, object>
        {
            ["$schema"] = "https://json.schemastore.org/sarif-2.1.0.json",
            ["version"] = "2.1.0",
            ["runs"] = new[]
            {
                new
                {
                    Tool = new { Driver = new { Name = command,
                        Rules = all.Select(r => r.Rule).Distinct().Order(StringComparer.Ordinal).Select(id => new { Id = id }) } },
                    ColumnKind = "utf16CodeUnits",
                    Results = all.Select(Written),
                },
            },
        }, Options);
    }

    private static object Written(SarifResult r) => new
    {
        RuleId = r.Rule,
        Level = r.Severity switch { Severity.Error => "error", Severity.Warning => "warning", _ => "note" },
        Message = new { Text = r.Message + (r.Mend == "" ? "" : $"; mend: {r.Mend}") },
        Locations = r.Place.File == "" ? null : new[]
        {
            new
            {
                PhysicalLocation = new
                {
                    ArtifactLocation = new { Uri = r.Place.File.Replace('\\', '/') },
                    Region = r.Place.Line == 0 ? null : new { StartLine = r.Place.Line, StartColumn = Math.Max(1, r.Place.Column) },
                },
            },
        },
        r.Properties,
    };
}
