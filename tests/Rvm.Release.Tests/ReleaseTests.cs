using System.Text;
using System.Text.Json;
using Rvm.Diagnostics;
using Rvm.Release.Tests.Support;
using Rvm.Tool.Audit.Page;
using Rvm.Tool.Proof;
using Rvm.Tool.Release;
using Rvm.Tool.Tests.Support;

namespace Rvm.Release.Tests;

/// <summary>A release is made of a clean audit only, anybody can check it, and nothing in it can be changed unnoticed.</summary>
public sealed class ReleaseTests : IDisposable
{
    private const int Flips = 12;

    private static readonly Materials Materials = new MaterialReader(new Checkout(Repository.Root)).Read();

    private readonly TempFolder folder = new();
    private readonly SigningKey key;

    public ReleaseTests() => key = SigningKey.Read(OpenSsl.NewKey(folder));

    public void Dispose() => folder.Dispose();

    private static ReleaseInput Input(string? audit = null) =>
        new(SmallAudit.Kernel, audit ?? SmallAudit.Json, AuditPage.Html(SmallAudit.Document, null), File.ReadAllText(Repository.File("docs/theorems.md")), Materials, "0.1.0");

    private string Released()
    {
        var at = folder.At("release");
        ReleaseMaker.Write(ReleaseMaker.Make(Input(), key), at);
        return at;
    }

    [Fact]
    public void A_release_is_good_and_complete()
    {
        var verdict = ReleaseVerifier.Verify(Released(), key.Public);
        Assert.True(verdict.Good, string.Join('\n', verdict.Findings));
        Assert.True(verdict.Pinned);
        Assert.True(ReleaseVerifier.Verify(folder.At("release"), null).Good);
        Assert.Equal(ReleaseFiles.All.Order(StringComparer.Ordinal), Directory.EnumerateFiles(folder.At("release")).Select(f => Path.GetFileName(f)!).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void The_same_input_and_key_give_the_same_bytes()
    {
        var (one, two) = (ReleaseMaker.Make(Input(), key), ReleaseMaker.Make(Input(), key));
        Assert.Equal(ReleaseFiles.All.Order(StringComparer.Ordinal), one.Keys.Order(StringComparer.Ordinal));
        Assert.All(one, file => Assert.Equal(file.Value, two[file.Key]));
    }

    [Fact]
    public void A_stranger_checks_it_with_openssl_and_sha256sum()
    {
        var at = Released();
        var sums = RvmProcess.Start("sha256sum", ["--check", "--strict", ReleaseFiles.Sums], [], at);
        Assert.True(sums.ExitCode == 0, sums.All);
        string[] verify = ["pkeyutl", "-verify", "-pubin", "-inkey", ReleaseFiles.PublicKey, "-rawin", "-in", ReleaseFiles.Sums, "-sigfile", ReleaseFiles.Signature];
        var good = OpenSsl.Run(at, verify);
        Assert.True(good.ExitCode == 0, good.All);
        File.AppendAllText(Path.Combine(at, ReleaseFiles.Sums), "\n");
        Assert.NotEqual(0, OpenSsl.Run(at, verify).ExitCode);
        var pem = OpenSsl.Run(folder.Root, "pkey", "-in", "release.key", "-pubout").Output;
        Assert.Equal(pem, File.ReadAllText(Path.Combine(at, ReleaseFiles.PublicKey)));
        Assert.Equal(key.Public.Fingerprint, VerifyingKey.Parse(pem, "").Fingerprint);
    }

    [Fact]
    public void The_envelope_of_the_provenance_is_signed_as_DSSE_says()
    {
        var at = Released();
        using var envelope = JsonDocument.Parse(File.ReadAllText(Path.Combine(at, ReleaseFiles.Provenance)));
        var payload = envelope.RootElement.GetProperty("payload").GetBytesFromBase64();
        folder.Write("pae", [.. Encoding.UTF8.GetBytes($"DSSEv1 28 application/vnd.in-toto+json {payload.Length} "), .. payload]);
        folder.Write("pae.sig", envelope.RootElement.GetProperty("signatures")[0].GetProperty("sig").GetBytesFromBase64());
        var good = OpenSsl.Run(folder.Root, "pkeyutl", "-verify", "-inkey", "release.key", "-rawin", "-in", "pae", "-sigfile", "pae.sig");
        Assert.True(good.ExitCode == 0, good.All);
        using var statement = JsonDocument.Parse(payload);
        Assert.Equal("https://slsa.dev/provenance/v1", statement.RootElement.GetProperty("predicateType").GetString());
        Assert.Equal(ReleaseFiles.Subjects, statement.RootElement.GetProperty("subject").EnumerateArray().Select(s => s.GetProperty("name").GetString()));
    }

    public static TheoryData<string> Files => [.. ReleaseFiles.All];

    [Theory]
    [MemberData(nameof(Files))]
    public void One_flipped_bit_is_found_and_its_file_named(string name)
    {
        var at = Path.Combine(Released(), name);
        var good = File.ReadAllBytes(at);
        var random = new Random(name.Length);
        foreach (var bit in Enumerable.Range(0, Flips).Select(_ => random.NextInt64(good.Length * 8L)).Append(0).Append(good.Length * 8L - 1))
        {
            var bad = (byte[])good.Clone();
            bad[bit / 8] ^= (byte)(1 << (int)(bit % 8));
            File.WriteAllBytes(at, bad);
            Assert.Contains(name, ReleaseVerifier.Verify(folder.At("release"), null).Findings.Select(f => f.File));
            Assert.Contains(name, ReleaseVerifier.Verify(folder.At("release"), key.Public).Findings.Select(f => f.File));
        }
        File.WriteAllBytes(at, good);
        Assert.True(ReleaseVerifier.Verify(folder.At("release"), key.Public).Good);
    }

    [Theory]
    [MemberData(nameof(Files))]
    public void A_file_that_is_missing_or_emptied_is_named(string name)
    {
        var at = Path.Combine(Released(), name);
        File.WriteAllBytes(at, []);
        Assert.Contains(name, ReleaseVerifier.Verify(folder.At("release"), null).Findings.Select(f => f.File));
        File.Delete(at);
        Assert.Contains(new ReleaseFinding(name, "missing"), ReleaseVerifier.Verify(folder.At("release"), null).Findings);
    }

    [Fact]
    public void A_file_too_many_is_named()
    {
        var at = Released();
        File.WriteAllText(Path.Combine(at, "README"), "");
        Assert.Equal([new ReleaseFinding("README", "no part of the release")], ReleaseVerifier.Verify(at, key.Public).Findings);
    }

    [Fact]
    public void A_whole_release_of_somebody_else_is_refused_by_the_publishers_key()
    {
        var other = SigningKey.Read(OpenSsl.NewKey(folder, "other.key"));
        ReleaseMaker.Write(ReleaseMaker.Make(Input(), other), folder.At("release"));
        Assert.True(ReleaseVerifier.Verify(folder.At("release"), null).Good);
        var named = ReleaseVerifier.Verify(folder.At("release"), key.Public).Findings.Select(f => f.File).ToList();
        Assert.Contains(ReleaseFiles.PublicKey, named);
        Assert.Contains(ReleaseFiles.Signature, named);
    }

    [Fact]
    public void A_signed_release_whose_audit_speaks_of_another_image_is_refused()
    {
        var files = ReleaseMaker.Make(Input(), key).ToDictionary();
        files[ReleaseFiles.Image] = (byte[])SmallAudit.Kernel.Clone();
        files[ReleaseFiles.Image][0x10100] ^= 1;
        files[ReleaseFiles.Provenance] = Encoding.UTF8.GetBytes(Provenance.Sign(Provenance.Statement(files, Materials, [], "0.1.0"), key));
        files[ReleaseFiles.Sums] = Encoding.UTF8.GetBytes(ReleaseFiles.SumsOf(files));
        files[ReleaseFiles.Signature] = key.Sign(files[ReleaseFiles.Sums]);
        ReleaseMaker.Write(files, folder.At("release"));
        var findings = ReleaseVerifier.Verify(folder.At("release"), key.Public).Findings;
        Assert.Contains(findings, f => f.File == ReleaseFiles.Image && f.Problem.Contains("section .text", StringComparison.Ordinal));
        Assert.Contains(findings, f => f.File == ReleaseFiles.Bom);
    }

    [Fact]
    public void Nothing_is_released_without_a_clean_audit()
    {
        string Refused(string audit) => Assert.Throws<UserErrorException>(() => ReleaseMaker.Make(Input(audit), key)) is { ExitCode: 1 } e ? e.Message : "";
        Assert.Contains("spec/State.dfy: stale", Refused(SmallAudit.JsonOf(SmallAudit.Report with { Findings = [SmallAudit.Finding] })));
        Assert.Contains("not proved", Refused(SmallAudit.JsonOf(SmallAudit.Report with { Closures = [SmallAudit.Report.Closures[0] with { Unproved = 1 }] })));
        Assert.Contains("or none at all", Refused(SmallAudit.JsonOf(SmallAudit.Report with { Closures = [] })));
        Assert.Contains("no image", Refused(SmallAudit.JsonOf(SmallAudit.Report with { Kernel = null })));
        Assert.Contains("another image", Refused(SmallAudit.JsonOf(SmallAudit.Report with { Kernel = SmallAudit.Report.Kernel! with { Sha256 = "00" } })));
    }

    [Fact]
    public void A_wrong_key_is_refused_with_the_command_that_makes_one()
    {
        UserErrorException Refused(string? file) => Assert.Throws<UserErrorException>(() => SigningKey.Read(file));
        Assert.Contains("openssl genpkey -algorithm ed25519", Refused(null).Mend);
        Assert.Contains("openssl genpkey -algorithm ed25519", Refused(folder.At("nothing.key")).Mend);
        Assert.Equal(0, OpenSsl.Run(folder.Root, "genpkey", "-algorithm", "x25519", "-out", "x.key").ExitCode);
        Assert.Contains("not an Ed25519 key", Refused(folder.At("x.key")).Message);
        Assert.Equal(0, OpenSsl.Run(folder.Root, "pkey", "-in", "release.key", "-aes256", "-passout", "pass:x", "-out", "e.key").ExitCode);
        Assert.Contains("encrypted", Refused(folder.At("e.key")).Message);
        Assert.Contains("BEGIN PRIVATE KEY", Refused(folder.Write("text", "hello")).Message);
        Assert.Contains("not a key", Refused(folder.Write("short", "-----BEGIN PRIVATE KEY-----\nMAAA\n-----END PRIVATE KEY-----\n")).Message);
    }

    [Fact]
    public void A_folder_with_something_else_is_not_written_over()
    {
        folder.Write("precious/notes.txt", "mine");
        Assert.Contains("notes.txt", Assert.Throws<UserErrorException>(() => ReleaseMaker.Write(ReleaseMaker.Make(Input(), key), folder.At("precious"))).Message);
        Assert.Equal(["notes.txt"], Directory.EnumerateFileSystemEntries(folder.At("precious")).Select(f => Path.GetFileName(f)!));
    }

    [Fact]
    public void The_command_tells_good_from_bad_and_from_wrong_usage()
    {
        var at = Released();
        folder.Write("pub.pem", key.Public.Pem);
        var good = RvmProcess.Run(Repository.Root, "release", "verify", at, "--key", folder.At("pub.pem"));
        Assert.True(good.ExitCode == 0, good.All);
        Assert.Contains(key.Public.Fingerprint, good.Output);
        File.AppendAllText(Path.Combine(at, ReleaseFiles.Theorems), " ");
        var bad = RvmProcess.Run(Repository.Root, "release", "verify", at);
        Assert.Equal(1, bad.ExitCode);
        Assert.Contains("theorems.md: error", bad.Errors);
        using var json = JsonDocument.Parse(RvmProcess.Run(Repository.Root, "release", "verify", at, "--format", "json").Output);
        Assert.Equal(ReleaseFiles.Theorems, json.RootElement.GetProperty("findings")[0].GetProperty("file").GetString());
        Assert.Equal(2, RvmProcess.Run(Repository.Root, "release", "verify", folder.At("nowhere")).ExitCode);
        var keyless = RvmProcess.Run(Repository.Root, "release", "make");
        Assert.Equal(2, keyless.ExitCode);
        Assert.Contains("openssl genpkey -algorithm ed25519", keyless.Errors);
    }

    [Fact]
    public void Links_to_sources_become_text_since_the_sources_are_not_there()
    {
        Assert.Equal("see `State.Kernel` (spec/State.dfy:46), proofs.md and [below](#below)",
            ReleaseMaker.WithoutLinks("see [`State.Kernel`](../spec/State.dfy#L46), [proofs.md](proofs.md) and [below](#below)"));
        Assert.DoesNotContain("](../", Encoding.UTF8.GetString(ReleaseMaker.Make(Input(), key)[ReleaseFiles.Theorems]));
    }
}
