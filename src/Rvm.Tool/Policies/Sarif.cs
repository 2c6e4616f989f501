using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using Rvm.Diagnostics;
using Rvm.Policy.Binding;
using Rvm.Policy.Checks;

namespace Rvm.Tool.Policies;

/// <summary>Findings in the Static Analysis Results Interchange Format, version 2.1.0.</summary>
internal static class Sarif
{
    private static readonly JsonSerializerOptions Options = new()
    {
        WriteIndented = true, PropertyNamingPolicy = JsonNamingPolicy.CamelCase, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    };

    /// <summary>Mistakes in the source.</summary>
    public static string Of(IEnumerable<Diagnostic> diagnostics) =>
        Log(diagnostics.Select(d => new Result("source", d.Severity, d.Place, d.Message, d.Mend, null)));

    /// <summary>What the checks found.</summary>
    public static string Of(CheckReport report) =>
        Log(report.Findings.Select(f => new Result(f.Check, f.Severity, f.Place, f.Message, f.Mend,
            f.Request is null ? null : RequestText.Of(f.Request, report.Policy))));

    private sealed record Result(string Rule, Severity Severity, Place Place, string Message, string Mend, string? Request);

    private static string Log(IEnumerable<Result> results)
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
                    Tool = new { Driver = new { Name = "rvm policy check",
                        Rules = all.Select(r => r.Rule).Distinct().Order(StringComparer.Ordinal).Select(id => new { Id = id }) } },
                    ColumnKind = "utf16CodeUnits",
                    Results = all.Select(Written),
                },
            },
        }, Options);
    }

    private static object Written(Result r) => new
    {
        RuleId = r.Rule,
        Level = r.Severity switch { Severity.Error => "error", Severity.Warning => "warning", _ => "note" },
        Message = new { Text = r.Message + (r.Request is null ? "" : $" (request: {r.Request})") + (r.Mend == "" ? "" : $"; mend: {r.Mend}") },
        Locations = new[]
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
        Properties = r.Request is null ? null : new { r.Request },
    };
}
