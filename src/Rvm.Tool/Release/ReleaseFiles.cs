using System.Security.Cryptography;
using System.Text;
using Rvm.Tool.Audit.Digests;

namespace Rvm.Tool.Release;

/// <summary>What lies in the folder of a release (docs/release.md).</summary>
public static class ReleaseFiles
{
    public const string Image = "kernel.elf", SymbolMap = "kernel.symbols", AuditPage = "audit.html", Audit = "audit.json", Theorems = "theorems.md",
        Bom = "sbom.spdx.json", Provenance = "provenance.intoto.json", PublicKey = "release-key.pem", Sums = "SHA256SUMS", Signature = "SHA256SUMS.sig";

    /// <summary>The files that the provenance speaks of.</summary>
    public static readonly IReadOnlyList<string> Subjects = [Image, SymbolMap, AuditPage, Audit, Theorems, Bom, PublicKey];

    /// <summary>The files that <see cref="Sums"/> lists, in its order.</summary>
    public static readonly IReadOnlyList<string> Summed = [.. Subjects.Append(Provenance).Order(StringComparer.Ordinal)];

    /// <summary>Every file of a release.</summary>
    public static readonly IReadOnlyList<string> All = [.. Summed, Sums, Signature];

    public const string TheFolder = "artifacts/release";

    /// <summary>The sums as <c>sha256sum</c> writes and reads them.</summary>
    public static string SumsOf(IReadOnlyDictionary<string, byte[]> files) => string.Concat(Summed.Select(name => $"{ImageDigest.Hash(files[name])}  {name}\n"));

    internal static byte[] Utf8(string text) => Encoding.UTF8.GetBytes(text);

    internal static string Sha1(ReadOnlySpan<byte> bytes) => Convert.ToHexStringLower(SHA1.HashData(bytes));
}
