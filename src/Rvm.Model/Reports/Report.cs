using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;
using Rvm.Model.Search;

namespace Rvm.Model.Reports;

/// <summary>Writes what searches have found, for people and for programs.</summary>
public static class Report
{
    private static readonly JsonSerializerOptions Json =
        new() { WriteIndented = true, PropertyNamingPolicy = JsonNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull };

    public const string Header = "configuration       states  transitions  depth     time   compared  verdict";

    /// <summary>A row of the table.</summary>
    public static string Row(Outcome o) => string.Create(CultureInfo.InvariantCulture,
        $"{o.Configuration.Name,-14}{o.States,12:n0}{o.Transitions,13:n0}{o.Depth,7}{o.Time.TotalSeconds,8:f1}s{o.Compared,11:n0}  {Verdict(o)}");

    public static string Verdict(Outcome o) => o switch
    {
        { Violation: not null } => "VIOLATION",
        { Walks: { } w } => $"holds on {w.Number} random walks of seed {w.Seed}",
        { Complete: true } => "holds in every state",
        _ => $"holds as far as searched: depth {o.Depth}",
    };

    /// <summary>A warning when the search shows less than it seems to.</summary>
    public static IEnumerable<string> Warnings(Outcome o) =>
        o.Violation is null && o.NeverSucceeded.ToArray() is { Length: > 0 } never ? [$"{o.Configuration.Name}: never succeeded: {string.Join(", ", never.Select(n => EventText.Name(typeof(Fn), n)))}"] : [];

    /// <summary>What is wrong, and the shortest events that show it.</summary>
    public static IEnumerable<string> Counterexample(Outcome o)
    {
        if (o.Violation is not { } v) yield break;
        yield return $"{o.Configuration.Name}: {v.What}";
        if (o.Walks is { } w) yield return $"  replay it with --random {w.Number} --seed {w.Seed} and the same --length";
        yield return v.Steps.Count == 0 ? "  already after the boot, or found by no single event" : $"  {(o.Walks is null ? "the shortest events" : "events")} that show it, from the state after the boot ({v.Steps.Count}):";
        for (var n = 0; n < v.Steps.Count; n++) yield return $"  {n + 1,3}. {v.Steps[n]}";
    }

    public static string AsJson(IEnumerable<Outcome> outcomes) => JsonSerializer.Serialize(outcomes.Select(o => new
    {
        Configuration = o.Configuration.Name,
        o.Configuration.Shows,
        o.States,
        o.Transitions,
        o.Depth,
        o.Complete,
        o.Layers,
        Walks = o.Walks is { } walks ? new { walks.Number, walks.Seed } : null,
        o.Compared,
        Judgements = new { o.Judged.Asked, o.Judged.Made },
        Seconds = Math.Round(o.Time.TotalSeconds, 1),
        NeverSucceeded = o.NeverSucceeded.Select(n => EventText.Name(typeof(Fn), n)),
        Verdict = Verdict(o),
        Violation = o.Violation is { } v ? new { v.What, Steps = v.Steps.Select(s => s.ToString()) } : null,
    }), Json);
}
