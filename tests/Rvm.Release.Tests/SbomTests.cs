using System.Security.Cryptography;
using System.Text.Json;
using Rvm.Release.Tests.Support;
using Rvm.Tool.Proof;
using Rvm.Tool.Release;
using Rvm.Tool.Tests.Support;

namespace Rvm.Release.Tests;

/// <summary>The bill of materials is SPDX 2.3 and leaves nothing out.</summary>
public sealed class SbomTests
{
    private static readonly Materials Materials = new MaterialReader(new Checkout(Repository.Root)).Read();

    private static readonly JsonElement Bom = JsonDocument.Parse(Sbom.Of(SmallAudit.Kernel, Materials, SmallAudit.Report.Tools, "0.1.0")).RootElement;

    private static List<string> Ids => [.. Bom.GetProperty("packages").EnumerateArray().Concat(Bom.GetProperty("files").EnumerateArray()).Select(e => e.GetProperty("SPDXID").GetString()!)];

    [Fact]
    public void It_has_what_SPDX_asks_for()
    {
        Assert.Equal(("SPDX-2.3", "CC0-1.0", "SPDXRef-DOCUMENT"), (Text(Bom, "spdxVersion"), Text(Bom, "dataLicense"), Text(Bom, "SPDXID")));
        Assert.Matches("^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:]{8}Z$", Text(Bom.GetProperty("creationInfo"), "created"));
        Assert.Equal(Ids.Count, Ids.Distinct().Count());
        Assert.All(Ids, id => Assert.Matches("^SPDXRef-[A-Za-z0-9.-]+$", id));
        Assert.All(Bom.GetProperty("packages").EnumerateArray(), p => Assert.True(p.TryGetProperty("name", out _) && p.TryGetProperty("downloadLocation", out _)));
        var known = Ids.Append("SPDXRef-DOCUMENT").ToHashSet();
        Assert.All(Bom.GetProperty("relationships").EnumerateArray(), r => Assert.True(known.Contains(Text(r, "spdxElementId")) && known.Contains(Text(r, "relatedSpdxElement"))));
    }

    [Theory]
    [InlineData("pkg:nuget/dafny@")]
    [InlineData("pkg:nuget/runtime.linux-x64.Microsoft.DotNet.ILCompiler@")]
    [InlineData("pkg:nuget/BouncyCastle.Cryptography@")]
    [InlineData("pkg:deb/debian/z3@")]
    [InlineData("pkg:deb/debian/gcc-aarch64-linux-gnu@")]
    public void Packages_are_there_with_version_and_digest(string purl)
    {
        var package = Bom.GetProperty("packages").EnumerateArray().Single(p => p.TryGetProperty("externalRefs", out var refs) && Text(refs[0], "referenceLocator").StartsWith(purl, StringComparison.Ordinal));
        Assert.NotEmpty(Text(package, "versionInfo"));
        if (purl.StartsWith("pkg:nuget", StringComparison.Ordinal)) Assert.Matches("^[0-9a-f]{128}$", Text(package.GetProperty("checksums")[0], "checksumValue"));
    }

    [Fact]
    public void Every_source_is_there_with_its_digest()
    {
        var files = Bom.GetProperty("files").EnumerateArray().ToDictionary(f => Text(f, "fileName"), f => f.GetProperty("checksums")[1]);
        foreach (var path in new[] { "spec", "proofs", "src/Rvm.Verified", "src/Rvm.Platform.Aarch64/Boot" }.SelectMany(folder => new Checkout(Repository.Root).Files(folder, ".dfy", ".S")))
            Assert.Equal(Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(Repository.File(path)))), Text(files["./" + path], "checksumValue"));
        var sha1 = string.Concat(Bom.GetProperty("files").EnumerateArray().Select(f => Text(f.GetProperty("checksums")[0], "checksumValue")).Order(StringComparer.Ordinal));
        var sources = Bom.GetProperty("packages").EnumerateArray().Single(p => Text(p, "SPDXID") == "SPDXRef-Sources");
        Assert.Equal(Convert.ToHexStringLower(SHA1.HashData(System.Text.Encoding.ASCII.GetBytes(sha1))), Text(sources.GetProperty("packageVerificationCode"), "packageVerificationCodeValue"));
    }

    private static string Text(JsonElement element, string name) => element.GetProperty(name).GetString()!;
}
