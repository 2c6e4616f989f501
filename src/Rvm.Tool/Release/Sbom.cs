using System.Text.Encodings.Web;
using System.Text.Json;
using Rvm.Tool.Audit;
using Rvm.Tool.Audit.Digests;

namespace Rvm.Tool.Release;

/// <summary>The bill of materials as SPDX 2.3 in JSON: the image, its sources with digests, packages and tools with versions.</summary>
public static class Sbom
{
    internal static readonly JsonSerializerOptions Options = new() { WriteIndented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private const string Unknown = "NOASSERTION", Image = "SPDXRef-Image", Sources = "SPDXRef-Sources", Document = "SPDXRef-DOCUMENT";

    public static string Of(byte[] image, Materials materials, IReadOnlyList<ToolVersion> tools, string version)
    {
        List<object> packages = [ImagePackage(image, version), SourcePackage(materials, version)];
        List<object> relations = [Relation(Document, "DESCRIBES", Image), Relation(Image, "GENERATED_FROM", Sources)];
        foreach (var (package, i) in materials.Packages.Select((p, i) => (p, i)))
        {
            packages.Add(Package(package, $"SPDXRef-Package-{i + 1}"));
            relations.Add(Relation($"SPDXRef-Package-{i + 1}", "BUILD_TOOL_OF", Image));
        }
        foreach (var (tool, i) in tools.Select((t, i) => (t, i)))
        {
            packages.Add(Tool(tool, $"SPDXRef-Tool-{i + 1}"));
            relations.Add(Relation($"SPDXRef-Tool-{i + 1}", "BUILD_TOOL_OF", Image));
        }
        relations.AddRange(materials.Sources.Select((_, i) => Relation(Sources, "CONTAINS", $"SPDXRef-File-{i + 1}")));
        return JsonSerializer.Serialize(new
        {
            spdxVersion = "SPDX-2.3", dataLicense = "CC0-1.0", SPDXID = Document, name = $"rvm-{version}",
            documentNamespace = $"urn:rvm:sbom:{version}:{ImageDigest.Hash(image)}",
            creationInfo = new { created = materials.Created, creators = new[] { $"Tool: rvm-{version}" } },
            packages,
            files = materials.Sources.Select((s, i) => new
            {
                fileName = "./" + s.Path, SPDXID = $"SPDXRef-File-{i + 1}", fileTypes = new[] { "SOURCE" },
                checksums = new[] { Checksum("SHA1", s.Sha1), Checksum("SHA256", s.Sha256) }, licenseConcluded = Unknown, copyrightText = Unknown,
            }),
            relationships = relations,
        }, Options) + "\n";
    }

    private static object ImagePackage(byte[] image, string version) => new
    {
        name = "RVM kernel image", SPDXID = Image, versionInfo = version, packageFileName = ReleaseFiles.Image, downloadLocation = Unknown, filesAnalyzed = false,
        checksums = new[] { Checksum("SHA1", ReleaseFiles.Sha1(image)), Checksum("SHA256", ImageDigest.Hash(image)) },
        primaryPackagePurpose = "OPERATING-SYSTEM", licenseConcluded = Unknown, licenseDeclared = Unknown, copyrightText = Unknown,
    };

    private static object SourcePackage(Materials materials, string version) => new
    {
        name = "RVM sources", SPDXID = Sources, versionInfo = materials.Commit ?? version, downloadLocation = Unknown, filesAnalyzed = true,
        packageVerificationCode = new { packageVerificationCodeValue = VerificationCode(materials) },
        primaryPackagePurpose = "SOURCE", licenseConcluded = Unknown, licenseDeclared = Unknown, licenseInfoFromFiles = new[] { Unknown }, copyrightText = Unknown,
    };

    /// <summary>SPDX 2.3 §7.9: SHA-1 over the sorted SHA-1 digests of all files.</summary>
    internal static string VerificationCode(Materials materials) =>
        ReleaseFiles.Sha1(ReleaseFiles.Utf8(string.Concat(materials.Sources.Select(s => s.Sha1).Order(StringComparer.Ordinal))));

    private static object Package(MaterialPackage p, string id) => new
    {
        name = p.Name, SPDXID = id, versionInfo = p.Version, downloadLocation = Unknown, filesAnalyzed = false, comment = p.Role,
        checksums = p.Sha512 is null ? [] : new[] { Checksum("SHA512", p.Sha512) },
        externalRefs = new[] { new { referenceCategory = "PACKAGE-MANAGER", referenceType = "purl", referenceLocator = p.Purl } },
        licenseConcluded = Unknown, licenseDeclared = Unknown, copyrightText = Unknown,
    };

    private static object Tool(ToolVersion tool, string id) => new
    {
        name = tool.Name, SPDXID = id, versionInfo = tool.Version, downloadLocation = Unknown, filesAnalyzed = false, primaryPackagePurpose = "APPLICATION",
        comment = "as the program itself says", licenseConcluded = Unknown, licenseDeclared = Unknown, copyrightText = Unknown,
    };

    private static object Checksum(string algorithm, string value) => new { algorithm, checksumValue = value };

    private static object Relation(string from, string type, string to) => new { spdxElementId = from, relationshipType = type, relatedSpdxElement = to };
}
