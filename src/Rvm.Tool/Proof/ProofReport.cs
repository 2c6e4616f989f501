using System.Text.Json;
using System.Text.Json.Serialization;

namespace Rvm.Tool.Proof;

/// <summary>Writes the result of a proof run for people or for programs.</summary>
public static class ProofReport
{
    internal static readonly JsonSerializerOptions Json = new()
    {
        WriteIndented = true,
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    public static void Text(TextWriter output, ProofResult result)
    {
        foreach (var finding in result.Findings) Write(output, finding);
        if (result.Findings.Count > 0) output.WriteLine();
        output.WriteLine($"{result.Batches.Count:N0} obligations with {result.Assertions:N0} assertions in {result.Files.Count} files " +
            $"({result.Files.Count - result.Proved} unchanged), {result.Resources:N0} units, {result.Time.TotalSeconds:0.0} s");
        if (result.MostExpensive is { } most)
            output.WriteLine($"most expensive: {most.Symbol} ({most.Kind}), {most.Resources:N0} units" +
                (most.Assertions.Count > 0 ? $", {most.Assertions[0].Place}" : ""));
        output.WriteLine(result.Good ? "everything is proved" : $"NOT PROVED: {Count(result.Findings.Count, "finding")}");
    }

    public static void Program(TextWriter output, ProofResult result) => output.WriteLine(JsonSerializer.Serialize(new
    {
        Verdict = result.Good ? "proved" : "not-proved",
        Obligations = result.Batches.Count,
        result.Assertions,
        Files = result.Files.Count,
        Unchanged = result.Files.Count - result.Proved,
        Units = result.Resources,
        MostExpensive = result.MostExpensive is { } most ? new { most.Symbol, most.Kind, Units = most.Resources } : null,
        Seconds = Math.Round(result.Time.TotalSeconds, 1),
        result.Findings,
    }, Json));

    public static void Write(TextWriter output, Finding finding)
    {
        output.WriteLine($"{finding.Place}: {finding.Rule}: {finding.Message}");
        foreach (var related in finding.Related ?? []) output.WriteLine($"    {related.Place}: {related.Message}");
        if (finding.Hint != null) output.WriteLine($"    hint: {finding.Hint}");
    }

    private static string Count(int n, string what) => n == 1 ? $"1 {what}" : $"{n} {what}s";
}
