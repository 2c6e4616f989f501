using System.Text.Json;
using System.Text.Json.Serialization;
using Rvm.Tool.Proof;

namespace Rvm.Tool.Mutants.Generated;

/// <summary>
/// The mutants that a proof has stopped, or that were no programs, kept line by line while they are tried: a run that was cut short goes on where it ended.
/// What is kept holds for the same proved sources, options and tools only. What survived, what a test stopped and what ran out of
/// time is tried again: neither tests nor the machine's load are part of the key.
/// </summary>
public sealed class Attempts
{
    private static readonly JsonSerializerOptions Options = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase, Converters = { new JsonStringEnumConverter() }, Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    private readonly string _file, _key;
    private readonly Dictionary<(string Id, string Change), Attempt> _kept = [];

    /// <param name="file">where they are kept; other sources' attempts in it are dropped</param>
    /// <param name="key">what they depend on: <see cref="KeyOf"/></param>
    public Attempts(string file, string key)
    {
        (_file, _key) = (file, key);
        if (File.Exists(file))
            foreach (var attempt in File.ReadLines(file).Select(Read).OfType<Attempt>().Where(a => a.Key == key)) _kept[(attempt.Id, attempt.Change)] = attempt;
        Directory.CreateDirectory(Path.GetDirectoryName(file)!);
        File.WriteAllLines(file, _kept.Values.Select(Write));
    }

    /// <summary>How many are known.</summary>
    public int Count => _kept.Count;

    /// <summary>The proved sources, and the options and tools they are proved with.</summary>
    public static string KeyOf(SourceGraph sources, ProverOptions options) => ProofStore.Hash($"{sources.Digest}\n{options.Fingerprint}");

    /// <summary>What became of this mutant; null: that has to be tried.</summary>
    public Attempt? Of(Candidate candidate) => _kept.GetValueOrDefault((candidate.Id, candidate.Text));

    /// <summary>Keeps what a proof said.</summary>
    /// <param name="result">null: the mutant is no program</param>
    public void Keep(Candidate candidate, GeneratedResult? result)
    {
        if (result is not null && !Lasts(result)) return;
        var attempt = new Attempt(_key, candidate.Id, candidate.Text, result?.Killer, result?.By ?? "", result?.Tried ?? [], result?.Time.TotalSeconds ?? 0);
        lock (_kept) File.AppendAllText(_file, Write(attempt) + "\n");
    }

    /// <summary>Whether the same sources, options and tools would say the same again.</summary>
    private static bool Lasts(GeneratedResult result) =>
        result.Killer == Killer.Proof || (result.Killer == Killer.ProofGaveUp && result.By.Contains("out of resource", StringComparison.Ordinal));

    private static string Write(Attempt attempt) => JsonSerializer.Serialize(attempt, Options);

    /// <summary>Null for a line that was cut short.</summary>
    private static Attempt? Read(string line)
    {
        try { return JsonSerializer.Deserialize<Attempt>(line, Options); }
        catch (JsonException) { return null; }
    }
}

/// <summary>An attempt as it is kept.</summary>
/// <param name="Killer">null: no program</param>
/// <param name="Seconds">what it took</param>
public sealed record Attempt(string Key, string Id, string Change, Killer? Killer, string By, IReadOnlyList<string> Tried, double Seconds)
{
    /// <summary>As the result of a candidate; null: no program.</summary>
    public GeneratedResult? Result(Candidate candidate) => Killer is { } killer ? new(candidate, killer, By, Tried, TimeSpan.FromSeconds(Seconds)) : null;
}
