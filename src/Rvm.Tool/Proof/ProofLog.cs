using System.Text.Json;

namespace Rvm.Tool.Proof;

/// <summary>One assertion of a batch, as the log places it (columns from 1).</summary>
public sealed record Assertion(Place Place, string Claim);

/// <summary>One verification condition: what the solver is asked once.</summary>
/// <param name="Symbol">qualified name, e.g. <c>Kernel.Kernel.Alloc</c></param>
/// <param name="Kind">correctness or well-formedness</param>
/// <param name="Outcome">Valid, Invalid, OutOfResource, TimeOut, …</param>
/// <param name="Resources">solver resource units</param>
public sealed record Batch(string Symbol, string Kind, int Number, string Outcome, long Resources, TimeSpan Time, IReadOnlyList<Assertion> Assertions)
{
    internal const string Holds = "Valid";

    public bool Proved => Outcome == Holds && Assertions.Count > 0;
}

/// <summary>What Dafny's json log says about one file.</summary>
public static class ProofLog
{
    /// <summary>The batches of a log.</summary>
    /// <param name="closure">the file and its includes: the log has base names only</param>
    public static IReadOnlyList<Batch> Read(string path, string file, IReadOnlyList<string> closure)
    {
        using var log = JsonDocument.Parse(File.ReadAllText(path));
        return [.. log.RootElement.GetProperty("verificationResults").EnumerateArray().SelectMany(result => Batches(result, file, closure))];
    }

    /// <summary>Divides the log of several files into one for each.</summary>
    /// <param name="owner">the file that declares a symbol, or null when that is not certain</param>
    /// <param name="log">where a file's log belongs</param>
    /// <returns>the number of conditions that hold; null when a result has no owner or there is no log: then nothing was written</returns>
    public static int? Divide(string path, IReadOnlyList<string> files, Func<string, string?> owner, Func<string, string> log)
    {
        if (!File.Exists(path)) return null;
        using var all = JsonDocument.Parse(File.ReadAllText(path));
        var results = all.RootElement.GetProperty("verificationResults").EnumerateArray()
            .ToLookup(result => owner(Symbol(result).Name) is { } file && files.Contains(file) ? file : "");
        if (results.Contains("")) return null;
        foreach (var file in files)
            File.WriteAllText(log(file), $$"""{"verificationResults":[{{string.Join(",\n", results[file].Select(r => r.GetRawText()))}}]}""" + "\n");
        return results.Sum(r => r.Sum(x => x.GetProperty("vcResults").EnumerateArray().Count(vc => vc.GetProperty("outcome").GetString() == Batch.Holds)));
    }

    private static (string Name, string Kind) Symbol(JsonElement result)
    {
        var name = result.GetProperty("name").GetString()!;
        var split = name.LastIndexOf(" (", StringComparison.Ordinal);
        return split < 0 ? (name, "") : (name[..split], name[(split + 2)..^1]);
    }

    private static IEnumerable<Batch> Batches(JsonElement result, string file, IReadOnlyList<string> closure)
    {
        var (symbol, kind) = Symbol(result);
        return result.GetProperty("vcResults").EnumerateArray().Select(vc => new Batch(
            symbol, kind,
            vc.GetProperty("vcNum").GetInt32(),
            vc.GetProperty("outcome").GetString()!,
            vc.GetProperty("resourceCount").GetInt64(),
            TimeSpan.TryParse(vc.GetProperty("runTime").GetString(), out var time) ? time : default,
            [.. vc.GetProperty("assertions").EnumerateArray().Select(a => new Assertion(
                new Place(Owner(a.GetProperty("filename").GetString()!, file, closure), a.GetProperty("line").GetInt32(), a.GetProperty("col").GetInt32()),
                a.GetProperty("description").GetString()!))]));
    }

    private static string Owner(string name, string file, IReadOnlyList<string> closure) =>
        Path.GetFileName(file) == name ? file : closure.FirstOrDefault(f => Path.GetFileName(f) == name) ?? name;
}
