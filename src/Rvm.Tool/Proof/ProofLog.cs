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
    public bool Proved => Outcome == "Valid" && Assertions.Count > 0;
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

    private static IEnumerable<Batch> Batches(JsonElement result, string file, IReadOnlyList<string> closure)
    {
        var name = result.GetProperty("name").GetString()!;
        var split = name.LastIndexOf(" (", StringComparison.Ordinal);
        var (symbol, kind) = split < 0 ? (name, "") : (name[..split], name[(split + 2)..^1]);
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
