using System.Text.RegularExpressions;
using Rvm.Diagnostics;
using Rvm.Tool.Audit;
using Rvm.Tool.Audit.Digests;

namespace Rvm.Tool.Release;

/// <summary>What a release is made of.</summary>
/// <param name="Audit">the text of audit.json, which speaks of <paramref name="Image"/></param>
/// <param name="Page">the audit for people</param>
/// <param name="Theorems">docs/theorems.md</param>
public sealed record ReleaseInput(byte[] Image, string Audit, string Page, string Theorems, Materials Materials, string Version);

/// <summary>Puts a release together. The same input and key give the same bytes.</summary>
public static partial class ReleaseMaker
{
    /// <summary>The files of the release by name.</summary>
    /// <exception cref="UserErrorException">The audit is not clean, or speaks of another image.</exception>
    public static IReadOnlyDictionary<string, byte[]> Make(ReleaseInput input, SigningKey key)
    {
        var audit = AuditDocument.Parse(input.Audit, ReleaseFiles.Audit);
        Refuse(audit, input.Image);
        var files = new Dictionary<string, byte[]>
        {
            [ReleaseFiles.Image] = input.Image,
            [ReleaseFiles.SymbolMap] = ReleaseFiles.Utf8(SymbolMap.Of(audit.Kernel!)),
            [ReleaseFiles.Audit] = ReleaseFiles.Utf8(input.Audit),
            [ReleaseFiles.AuditPage] = ReleaseFiles.Utf8(input.Page),
            [ReleaseFiles.Theorems] = ReleaseFiles.Utf8(WithoutLinks(input.Theorems)),
            [ReleaseFiles.Bom] = ReleaseFiles.Utf8(Sbom.Of(input.Image, input.Materials, audit.Tools, input.Version)),
            [ReleaseFiles.PublicKey] = ReleaseFiles.Utf8(key.Public.Pem),
        };
        files[ReleaseFiles.Provenance] = ReleaseFiles.Utf8(Provenance.Sign(Provenance.Statement(files, input.Materials, audit.Tools, input.Version), key));
        files[ReleaseFiles.Sums] = ReleaseFiles.Utf8(ReleaseFiles.SumsOf(files));
        files[ReleaseFiles.Signature] = key.Sign(files[ReleaseFiles.Sums]);
        return files;
    }

    private static void Refuse(AuditDocument audit, byte[] image)
    {
        const string mend = "`make release` proves what changed, builds the image and audits both";
        if (!audit.Clean)
            throw new UserErrorException($"the audit is not clean, so there is nothing to release: {audit.Findings.Count} findings, the first: {audit.Findings.Select(f => $"{f.Place}: {f.Rule}: {f.Message}").FirstOrDefault()}",
                "`rvm audit` lists them; " + mend, ExitCodes.Finding);
        if (audit.Claims.Count == 0 || audit.Claims.FirstOrDefault(c => !c.IsProved) is not null)
            throw new UserErrorException("the audit has a theorem that is not proved, or none at all", mend, ExitCodes.Finding);
        if (audit.Kernel is null) throw new UserErrorException("the audit speaks of no image", mend, ExitCodes.Finding);
        if (audit.Kernel.Sha256 != ImageDigest.Hash(image)) throw new UserErrorException("the audit speaks of another image", mend, ExitCodes.Finding);
    }

    /// <summary>Writes the files into a folder that holds nothing, or an earlier release.</summary>
    /// <exception cref="UserErrorException">The folder holds something else, or cannot be written.</exception>
    public static void Write(IReadOnlyDictionary<string, byte[]> files, string folder)
    {
        try
        {
            Directory.CreateDirectory(folder);
            if (Directory.EnumerateFileSystemEntries(folder).Select(p => Path.GetFileName(p)!).Except(ReleaseFiles.All).Order(StringComparer.Ordinal).FirstOrDefault() is { } stranger)
                throw new UserErrorException($"{folder} holds {stranger}, which is no part of a release", "remove it, or name an empty folder with --output");
            foreach (var old in ReleaseFiles.All) File.Delete(Path.Combine(folder, old));
            foreach (var (name, bytes) in files) File.WriteAllBytes(Path.Combine(folder, name), bytes);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new UserErrorException($"{folder} cannot be written: {e.Message}", "mend the path or its permissions, or name another folder with --output");
        }
    }

    /// <summary>The sources do not come with a release: a link to one becomes its text, with the place behind it.</summary>
    public static string WithoutLinks(string page) => SourceLink().Replace(page, m =>
    {
        var (text, target) = (m.Groups[1].Value, m.Groups[2].Value.Replace("#L", ":", StringComparison.Ordinal));
        if (target.StartsWith("../", StringComparison.Ordinal)) target = target[3..];
        else target = "docs/" + target;
        return target.Contains(text.Trim('`'), StringComparison.Ordinal) ? text : $"{text} ({target})";
    });

    [GeneratedRegex("""\[([^\[\]]*)\]\(((?!#|https?:)[^()\s]+)\)""")]
    private static partial Regex SourceLink();
}
