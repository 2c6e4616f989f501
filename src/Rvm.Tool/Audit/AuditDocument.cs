using System.Text.Json;
using System.Text.Json.Serialization;
using Rvm.Diagnostics;
using Rvm.Tool.Audit.Claims;
using Rvm.Tool.Audit.Digests;
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

    public IReadOnlyList<AuditClaim> Claims { get; init; } = [];

    public IReadOnlyList<AuditDefinition> Definitions { get; init; } = [];

    public ImageDigest? Image { get; init; }

    [JsonExtensionData]
    public Dictionary<string, JsonElement> Other { get; init; } = [];

    [JsonIgnore]
    public bool Clean => Verdict == "clean" && Findings.Count == 0;

    /// <exception cref="UserErrorException">The text is no audit of a format that this rvm reads.</exception>
    public static AuditDocument Parse(string text, string file)
    {
        try
        {
            var audit = JsonSerializer.Deserialize<AuditDocument>(text, Options);
            if (audit is { Version: Format, Verdict.Length: > 0 }) return audit;
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
