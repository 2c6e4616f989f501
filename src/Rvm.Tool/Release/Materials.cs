using System.Text.Json;
using System.Text.RegularExpressions;
using System.Xml.Linq;
using Rvm.Tool.Audit.Digests;
using Rvm.Tool.Proof;

namespace Rvm.Tool.Release;

/// <summary>A source file. Digests in hexadecimal.</summary>
public sealed record SourceFile(string Path, string Sha1, string Sha256);

/// <summary>A package that went in.</summary>
/// <param name="Purl">its package URL, such as <c>pkg:nuget/Dafny@4.11.0</c></param>
/// <param name="Sha512">of the package file, in hexadecimal; null when the package manager keeps none</param>
/// <param name="Role">what it is for</param>
public sealed record MaterialPackage(string Name, string Version, string Purl, string? Sha512, string Role);

/// <summary>Everything that went into a release besides the machine: sources, NuGet and Debian packages.</summary>
/// <param name="Commit">of the repository; null outside of one</param>
/// <param name="Created">when the commit was made, as <c>2026-01-31T12:00:00Z</c>: the same sources give the same release</param>
public sealed record Materials(string? Commit, string Created, IReadOnlyList<SourceFile> Sources, IReadOnlyList<MaterialPackage> Packages)
{
    /// <summary>One digest for all sources: SHA-256 over their lines in <c>sha256sum</c>'s format.</summary>
    public string SourceDigest => ImageDigest.Hash(ReleaseFiles.Utf8(string.Concat(Sources.Select(s => $"{s.Sha256}  {s.Path}\n"))));
}

/// <summary>Finds out what goes into a release of a checkout.</summary>
public sealed partial class MaterialReader(Checkout checkout)
{
    private const string Setup = "tools/setup.sh", Manifest = ".config/dotnet-tools.json", Undated = "1970-01-01T00:00:00Z";

    /// <summary>Folders whose files the image, its proofs or the audit are made of.</summary>
    private static readonly string[] Folders = ["spec", "proofs", "src", "tools", ".config"];

    private static readonly string[] TopFiles = ["Makefile", "Directory.Build.props", "dfyconfig.toml", "global.json", "rvm"];

    /// <summary>What is changed in the checkout and not committed; empty when nothing is, or outside of a repository.</summary>
    public string Uncommitted => Git("status", "--porcelain", "--", ".").Trim('\n');

    public Materials Read()
    {
        var commit = Git("rev-parse", "HEAD").Trim();
        var date = DateTimeOffset.TryParse(Git("log", "-1", "--format=%cI").Trim(), out var at) ? $"{at.UtcDateTime:yyyy-MM-ddTHH:mm:ss}Z" : Undated;
        return new Materials(commit.Length == 40 ? commit : null, date, [.. Sources()],
            [.. NuGet().DistinctBy(p => p.Purl).OrderBy(p => p.Purl, StringComparer.Ordinal), .. Debian()]);
    }

    private string Git(params string[] arguments) => Directory.Exists(checkout.Path(".git")) || File.Exists(checkout.Path(".git")) ? Tools.Output("git", arguments, checkout.Root) : "";

    private IEnumerable<SourceFile> Sources() =>
        from path in Folders.SelectMany(folder => checkout.Files(folder, "")).Concat(TopFiles.Where(f => File.Exists(checkout.Path(f)))).Order(StringComparer.Ordinal)
        let bytes = File.ReadAllBytes(checkout.Path(path))
        select new SourceFile(path, ReleaseFiles.Sha1(bytes), ImageDigest.Hash(bytes));

    /// <summary>What the projects under src/ were restored with or download, and the tools of the manifest.</summary>
    private IEnumerable<MaterialPackage> NuGet()
    {
        foreach (var assets in checkout.Files("src", ".csproj").Select(p => Path.Combine(Path.GetDirectoryName(checkout.Path(p))!, "obj", "project.assets.json")).Where(File.Exists))
        {
            using var json = JsonDocument.Parse(File.ReadAllText(assets));
            foreach (var library in json.RootElement.GetProperty("libraries").EnumerateObject().Where(l => l.Value.GetProperty("type").GetString() == "package"))
                yield return NuGet(library.Name.Split('/')[0], library.Name.Split('/')[1], "library of the rvm command");
        }
        foreach (var download in checkout.Files("src", ".csproj").SelectMany(p => XDocument.Load(checkout.Path(p)).Descendants("PackageDownload")))
            if (download.Attribute("Version")!.Value.Trim('[', ']') is var version && !version.Contains("$(", StringComparison.Ordinal))      // else it is the manifest's, below
                yield return NuGet(download.Attribute("Include")!.Value, version, "compiles the image");
        if (!File.Exists(checkout.Path(Manifest))) yield break;
        using var manifest = JsonDocument.Parse(File.ReadAllText(checkout.Path(Manifest)));
        foreach (var tool in manifest.RootElement.GetProperty("tools").EnumerateObject())
            yield return NuGet(tool.Name, tool.Value.GetProperty("version").GetString()!, "proves and translates the core");
    }

    private static MaterialPackage NuGet(string name, string version, string role)
    {
        var folder = Environment.GetEnvironmentVariable("NUGET_PACKAGES") is { Length: > 0 } named ? named
            : Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".nuget", "packages");
        var (lower, number) = (name.ToLowerInvariant(), version.ToLowerInvariant());
        var digest = Path.Combine(folder, lower, number, $"{lower}.{number}.nupkg.sha512");
        return new MaterialPackage(name, version, $"pkg:nuget/{name}@{version}",
            File.Exists(digest) ? Convert.ToHexStringLower(Convert.FromBase64String(File.ReadAllText(digest).Trim())) : null, role);
    }

    /// <summary>The packages that setup installs, in the versions that are installed here.</summary>
    private IEnumerable<MaterialPackage> Debian()
    {
        if (!File.Exists(checkout.Path(Setup))) yield break;
        foreach (var name in PackageList().Match(File.ReadAllText(checkout.Path(Setup))).Groups[1].Value.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries).Order(StringComparer.Ordinal))
        {
            var installed = Tools.Output("dpkg-query", ["-W", "-f", "${Version} ${Architecture}", name]).Trim().Split(' ');
            if (installed.Length == 2) yield return new MaterialPackage(name, installed[0], $"pkg:deb/debian/{name}@{Uri.EscapeDataString(installed[0])}?arch={installed[1]}", null, "tool from the distribution");
        }
    }

    [GeneratedRegex("""^packages=\(([^)]*)\)""", RegexOptions.Multiline)]
    private static partial Regex PackageList();
}
