using System.Text.Json;
using System.Text.Json.Serialization;
using Rvm.Diagnostics;
using Rvm.Tool.Audit.Claims;
using Rvm.Tool.Audit.Digests;
using Rvm.Tool.Closure;
using Rvm.Tool.Custody;
using Rvm.Tool.Image.Structure;
using Finding = Rvm.Tool.Proof.Finding;

namespace Rvm.Tool.Audit;

public sealed record AuditTotals(int Theorems, int Obligations, int Unproved, long Units);

/// <summary>An <c>audit.json</c> as it was written, by this rvm or another one. Sections that this rvm does not know are kept in <see cref="Other"/>.</summary>
public sealed record AuditDocument
{
    public const int Format = 1;

    private static readonly JsonSerializerOptions Options = new() { PropertyNamingPolicy = JsonNamingPolicy.CamelCase };

    public int Version { get; init; }

    public string Verdict { get; init; } = "";

    public AuditTotals Totals { get; init; } = new(0, 0, 0, 0);

    public IReadOnlyList<Finding> Findings { get; init; } = [];

    public IReadOnlyList<Theorem> Theorems { get; init; } = [];

    public IReadOnlyList<Obligation> Obligations { get; init; } = [];

    public IReadOnlyList<Trusted> Trusted { get; init; } = [];

    public IReadOnlyList<PartSize> Sizes { get; init; } = [];

    public IReadOnlyList<Budget> Budgets { get; init; } = [];

    public IReadOnlyList<ToolVersion> Tools { get; init; } = [];

    public Verifier? Verifier { get; init; }

    public IReadOnlyList<TheoremClosure> Closures { get; init; } = [];

    public IReadOnlyList<ClosureSymbol> Symbols { get; init; } = [];

    public CustodyChain? Custody { get; init; }

    public IReadOnlyList<ImageCheck> Image { get; init; } = [];

    public ImageDigest? Kernel { get; init; }

    public IReadOnlyList<SteadinessResult> Steadiness { get; init; } = [];

    [JsonExtensionData]
    public Dictionary<string, JsonElement> Other { get; init; } = [];

    /// <summary>The closures, each with the symbols that it means.</summary>
    [JsonIgnore]
    public IReadOnlyList<AuditClaim> Claims => claims ??= [.. Closures.Select(c => AuditClaim.Of(c, this))];

    private IReadOnlyList<AuditClaim>? claims;

    [JsonIgnore]
    public bool Clean => Verdict == "clean" && Findings.Count == 0;

    /// <exception cref="UserErrorException">The text is no audit of a format that this rvm reads.</exception>
    public static AuditDocument Parse(string text, string file)
    {
        try
        {
            var audit = JsonSerializer.Deserialize<AuditDocument>(text, Options);
            if (audit is { Version: Format, Verdict.Length: > 0 })
                return audit.Closures.SelectMany(c => c.Meaning.Concat(c.Trusted)).All(i => i >= 0 && i < audit.Symbols.Count) ? audit
                    : throw new JsonException("a closure names a symbol that is not there");
            throw new UserErrorException($"{file}: {(audit is null or { Version: 0 } ? "this is no audit" : $"an audit in format {audit.Version}, this rvm reads format {Format}")}",
                "name an audit.json that `rvm audit` of this version wrote");
        }
        catch (JsonException e)
        {
            throw new UserErrorException($"{file}: not the JSON of an audit: {e.Message}", "name an audit.json that `rvm audit` wrote");
        }
    }

    /// <exception cref="UserErrorException">The file cannot be read or is no audit.</exception>
    public static AuditDocument Read(string file)
    {
        try
        {
            return Parse(File.ReadAllText(file), file);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new UserErrorException($"{file} cannot be read: {e.Message}", "`rvm audit` writes artifacts/audit/audit.json");
        }
    }
}
