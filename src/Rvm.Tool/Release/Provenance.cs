using System.Text.Json;
using System.Text.Json.Serialization;
using Rvm.Tool.Audit;
using Rvm.Tool.Audit.Digests;

namespace Rvm.Tool.Release;

/// <summary>
/// How the release was made: an in-toto Statement v1 with the predicate SLSA provenance v1, in a DSSE envelope. What is signed is not the JSON but
/// <c>DSSEv1 LENGTH TYPE LENGTH PAYLOAD</c>, so no reader has to agree about JSON first.
/// </summary>
public static class Provenance
{
    public const string PayloadType = "application/vnd.in-toto+json", StatementType = "https://in-toto.io/Statement/v1", PredicateType = "https://slsa.dev/provenance/v1";

    private sealed record Envelope(
        [property: JsonPropertyName("payloadType")] string PayloadType, [property: JsonPropertyName("payload")] string Payload,
        [property: JsonPropertyName("signatures")] IReadOnlyList<EnvelopeSignature> Signatures);

    private sealed record EnvelopeSignature([property: JsonPropertyName("keyid")] string KeyId, [property: JsonPropertyName("sig")] string Sig);

    /// <param name="subjects">the files of the release that it speaks of</param>
    public static string Statement(IReadOnlyDictionary<string, byte[]> subjects, Materials materials, IReadOnlyList<ToolVersion> tools, string version) =>
        JsonSerializer.Serialize(new
        {
            _type = StatementType,
            subject = ReleaseFiles.Subjects.Select(name => new { name, digest = new { sha256 = ImageDigest.Hash(subjects[name]) } }),
            predicateType = PredicateType,
            predicate = new
            {
                buildDefinition = new
                {
                    buildType = "urn:rvm:make-release:v1",
                    externalParameters = new { target = "release", version },
                    internalParameters = new { configuration = "Release" },
                    resolvedDependencies = Dependencies(materials),
                },
                runDetails = new { builder = new { id = "urn:rvm:builder:checkout", version = tools.ToDictionary(t => t.Name, t => t.Version) } },
            },
        }, Sbom.Options);

    private static IEnumerable<object> Dependencies(Materials materials)
    {
        if (materials.Commit is { } commit) yield return new { name = "repository", digest = new Dictionary<string, string> { ["gitCommit"] = commit } };
        yield return new { name = "sources", digest = new Dictionary<string, string> { ["sha256"] = materials.SourceDigest } };
        foreach (var p in materials.Packages)
            yield return p.Sha512 is null ? new { uri = p.Purl } : new { uri = p.Purl, digest = new Dictionary<string, string> { ["sha512"] = p.Sha512 } };
    }

    public static string Sign(string statement, SigningKey key)
    {
        var payload = ReleaseFiles.Utf8(statement);
        return JsonSerializer.Serialize(new Envelope(PayloadType, Convert.ToBase64String(payload),
            [new EnvelopeSignature(key.Public.Fingerprint, Convert.ToBase64String(key.Sign(Encoded(payload))))]), Sbom.Options) + "\n";
    }

    /// <summary>The digests that a signed statement gives to its subjects; null, and the reason, when it is none or the key did not sign it.</summary>
    public static IReadOnlyDictionary<string, string>? Subjects(byte[] file, VerifyingKey key, out string problem)
    {
        problem = "";
        try
        {
            var envelope = JsonSerializer.Deserialize<Envelope>(file);
            if (envelope is not { PayloadType: PayloadType, Payload: not null, Signatures.Count: 1 }) return Fail("not a DSSE envelope with an in-toto statement and one signature", out problem);
            var payload = Convert.FromBase64String(envelope.Payload);
            if (!key.Verifies(Encoded(payload), Convert.FromBase64String(envelope.Signatures[0].Sig))) return Fail("its signature does not hold", out problem);
            using var statement = JsonDocument.Parse(payload);
            var root = statement.RootElement;
            if (root.GetProperty("_type").GetString() != StatementType || root.GetProperty("predicateType").GetString() != PredicateType) return Fail("not a provenance statement", out problem);
            return root.GetProperty("subject").EnumerateArray().ToDictionary(s => s.GetProperty("name").GetString()!, s => s.GetProperty("digest").GetProperty("sha256").GetString()!);
        }
        catch (Exception e) when (e is JsonException or FormatException or KeyNotFoundException or InvalidOperationException or ArgumentException)
        {
            return Fail($"cannot be read: {e.Message.ReplaceLineEndings(" ")}", out problem);
        }
    }

    private static IReadOnlyDictionary<string, string>? Fail(string why, out string problem)
    {
        problem = why;
        return null;
    }

    /// <summary>DSSE's pre-authentication encoding.</summary>
    private static byte[] Encoded(byte[] payload) => [.. ReleaseFiles.Utf8($"DSSEv1 {PayloadType.Length} {PayloadType} {payload.Length} "), .. payload];
}
