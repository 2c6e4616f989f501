using System.Text;
using System.Text.Json;
using Rvm.Diagnostics;
using Rvm.Tool.Audit;
using Rvm.Tool.Audit.Digests;
using Rvm.Tool.Image;

namespace Rvm.Tool.Release;

/// <summary>Something that is wrong with a release.</summary>
/// <param name="File">the file that is missing, too many or not what it was</param>
public sealed record ReleaseFinding(string File, string Problem);

/// <param name="Key">whose signature holds; null when no key can be read</param>
/// <param name="Pinned">whether the user named the key, so that it is not the folder's own word</param>
public sealed record ReleaseVerdict(IReadOnlyList<ReleaseFinding> Findings, VerifyingKey? Key, bool Pinned, AuditDocument? Audit)
{
    public bool Good => Findings.Count == 0;
}

/// <summary>Checks a folder against everything that a release says of itself. Nothing but the folder and the key is looked at.</summary>
public sealed class ReleaseVerifier
{
    private readonly List<ReleaseFinding> findings = [];
    private readonly Dictionary<string, byte[]> files = [];
    private readonly string folder;

    private ReleaseVerifier(string folder) => this.folder = folder;

    /// <param name="pinned">the publisher's key; null: the one in the folder, which shows that nothing was damaged, but not who made it</param>
    public static ReleaseVerdict Verify(string folder, VerifyingKey? pinned)
    {
        var verifier = new ReleaseVerifier(folder);
        verifier.ReadFolder();
        var key = pinned ?? verifier.OwnKey();
        if (pinned is not null && verifier.OwnKey() is { } own && own.Fingerprint != pinned.Fingerprint) verifier.Add(ReleaseFiles.PublicKey, "another key than the one that was named");
        if (key is not null)
        {
            verifier.Signature(key);
            verifier.Origin(key);
        }
        verifier.Sums();
        var audit = verifier.Audit();
        verifier.Bom();
        return new ReleaseVerdict([.. verifier.findings.Distinct()], key, pinned is not null, audit);
    }

    private void Add(string file, string problem) => findings.Add(new ReleaseFinding(file, problem));

    private void ReadFolder()
    {
        foreach (var name in ReleaseFiles.All)
            if (File.Exists(Path.Combine(folder, name))) files[name] = File.ReadAllBytes(Path.Combine(folder, name));
            else Add(name, "missing");
        foreach (var name in Directory.EnumerateFileSystemEntries(folder).Select(p => Path.GetFileName(p)!).Except(ReleaseFiles.All).Order(StringComparer.Ordinal))
            Add(name, "no part of the release");
    }

    private VerifyingKey? OwnKey()
    {
        if (!files.TryGetValue(ReleaseFiles.PublicKey, out var pem)) return null;
        try
        {
            return VerifyingKey.Parse(Encoding.UTF8.GetString(pem), ReleaseFiles.PublicKey);
        }
        catch (UserErrorException e)
        {
            if (findings.All(f => f.File != ReleaseFiles.PublicKey)) Add(ReleaseFiles.PublicKey, e.Message);
            return null;
        }
    }

    /// <summary>When the signature does not hold, the sums tell whether they were changed or the signature was.</summary>
    private void Signature(VerifyingKey key)
    {
        if (!files.TryGetValue(ReleaseFiles.Sums, out var sums) || !files.TryGetValue(ReleaseFiles.Signature, out var signature) || key.Verifies(sums, signature)) return;
        var complete = ReleaseFiles.Summed.All(files.ContainsKey);
        if (complete && Encoding.UTF8.GetString(sums) == ReleaseFiles.SumsOf(files)) Add(ReleaseFiles.Signature, "the signature does not hold");
        else Add(ReleaseFiles.Sums, $"{ReleaseFiles.Signature} is no signature of it by this key");
    }

    private void Origin(VerifyingKey key)
    {
        if (!files.TryGetValue(ReleaseFiles.Provenance, out var file)) return;
        if (Provenance.Subjects(file, key, out var problem) is not { } subjects)
        {
            Add(ReleaseFiles.Provenance, problem);
            return;
        }
        foreach (var name in ReleaseFiles.Subjects.Except(subjects.Keys)) Add(ReleaseFiles.Provenance, $"does not speak of {name}");
        foreach (var (name, digest) in subjects)
            if (!ReleaseFiles.Subjects.Contains(name)) Add(ReleaseFiles.Provenance, $"speaks of {name}, which is no part of the release");
            else if (files.TryGetValue(name, out var bytes) && ImageDigest.Hash(bytes) != digest) Add(name, $"not the file that {ReleaseFiles.Provenance} speaks of");
    }

    private void Sums()
    {
        if (!files.TryGetValue(ReleaseFiles.Sums, out var sums)) return;
        var lines = Encoding.UTF8.GetString(sums).Split('\n');
        for (var i = 0; i < Math.Max(lines.Length - 1, ReleaseFiles.Summed.Count); i++)
        {
            var (line, name) = (lines.ElementAtOrDefault(i) ?? "", ReleaseFiles.Summed.ElementAtOrDefault(i));
            if (name is null) Add(ReleaseFiles.Sums, $"line {i + 1} is too many");
            else if (line.Length != 66 + name.Length || line[64..66] != "  " || line[66..] != name || !line[..64].All(char.IsAsciiHexDigitLower)) Add(ReleaseFiles.Sums, $"line {i + 1} does not name {name} and its sum");
            else if (files.TryGetValue(name, out var bytes) && ImageDigest.Hash(bytes) != line[..64]) Add(name, $"not the file that {ReleaseFiles.Sums} lists");
        }
        if (lines[^1].Length > 0) Add(ReleaseFiles.Sums, "the last line does not end");
    }

    private AuditDocument? Audit()
    {
        if (!files.TryGetValue(ReleaseFiles.Audit, out var text)) return null;
        AuditDocument audit;
        try
        {
            audit = AuditDocument.Parse(Encoding.UTF8.GetString(text), ReleaseFiles.Audit);
        }
        catch (UserErrorException e)
        {
            Add(ReleaseFiles.Audit, e.Message);
            return null;
        }
        if (!audit.Clean) Add(ReleaseFiles.Audit, $"the verdict is not clean: {audit.Verdict}, {audit.Findings.Count} findings");
        foreach (var claim in audit.Claims.Where(c => !c.IsProved)) Add(ReleaseFiles.Audit, $"{claim.Name} is not proved: {claim.Outcome}");
        if (audit.Claims.Count == 0) Add(ReleaseFiles.Audit, "there is no theorem");
        Image(audit);
        return audit;
    }

    private void Image(AuditDocument audit)
    {
        if (audit.Kernel is not { } stated)
        {
            Add(ReleaseFiles.Audit, "it speaks of no image");
            return;
        }
        if (files.TryGetValue(ReleaseFiles.SymbolMap, out var map) && Encoding.UTF8.GetString(map) != SymbolMap.Of(stated)) Add(ReleaseFiles.SymbolMap, $"not the symbols of {ReleaseFiles.Audit}");
        if (!files.TryGetValue(ReleaseFiles.Image, out var image) || ImageDigest.Hash(image) == stated.Sha256) return;
        Add(ReleaseFiles.Image, $"not the image that {ReleaseFiles.Audit} speaks of");
        try
        {
            foreach (var difference in ImageComparison.Between(stated, ImageDigest.Of(ReleaseFiles.Image, image))) Add(ReleaseFiles.Image, difference);
        }
        catch (ImageException e)
        {
            Add(ReleaseFiles.Image, e.Message);
        }
    }

    private void Bom()
    {
        if (!files.TryGetValue(ReleaseFiles.Bom, out var text) || !files.TryGetValue(ReleaseFiles.Image, out var image)) return;
        try
        {
            using var bom = JsonDocument.Parse(text);
            var sums = from package in bom.RootElement.GetProperty("packages").EnumerateArray()
                       where package.TryGetProperty("packageFileName", out var name) && name.GetString() == ReleaseFiles.Image
                       from sum in package.GetProperty("checksums").EnumerateArray()
                       where sum.GetProperty("algorithm").GetString() == "SHA256"
                       select sum.GetProperty("checksumValue").GetString();
            if (!sums.Contains(ImageDigest.Hash(image))) Add(ReleaseFiles.Bom, $"it does not describe this {ReleaseFiles.Image}");
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException or InvalidOperationException)
        {
            Add(ReleaseFiles.Bom, $"cannot be read: {e.Message.ReplaceLineEndings(" ")}");
        }
    }
}
