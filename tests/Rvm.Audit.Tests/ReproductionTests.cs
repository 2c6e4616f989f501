using System.Diagnostics;
using Rvm.Tool.Audit;
using Rvm.Tool.Audit.Page;
using Rvm.Tool.Custody;
using Rvm.Tool.Proof;

namespace Rvm.Audit.Tests;

/// <summary>The real tools/reproduce.sh on a build in small, and what the audit makes of its record.</summary>
public sealed class ReproductionTests : IDisposable
{
    private const string Source = "spec/Kernel.dfy", Record = Reproduction.File, Kernel = "artifacts/kernel/kernel.elf";

    /// <summary>Four steps that copy; <c>SALT</c> goes into the object.</summary>
    private const string Makefile = """
        setup:
        	mkdir -p artifacts/kernel artifacts/built
        image:
        	cp spec/Kernel.dfy artifacts/built/Kernel.cs && tools/custody.sh translate in spec/Kernel.dfy out artifacts/built/Kernel.cs
        	cp artifacts/built/Kernel.cs artifacts/built/Core.dll && tools/custody.sh compile-Core-Release in artifacts/built/Kernel.cs out artifacts/built/Core.dll
        	(cat artifacts/built/Core.dll; echo SALT) >artifacts/built/managed.o && tools/custody.sh ilc in artifacts/built/Core.dll out artifacts/built/managed.o
        	cp artifacts/built/managed.o artifacts/kernel/kernel.elf && tools/custody.sh link in artifacts/built/managed.o out artifacts/kernel/kernel.elf

        """;

    private readonly TestCheckout checkout = new();

    public ReproductionTests()
    {
        foreach (var script in new[] { "tools/custody.sh", "tools/reproduce.sh" }) checkout.Write(script, File.ReadAllText(TestCheckout.Real.Path(script)));
        checkout.Write(".gitignore", "artifacts/\n");
        checkout.Write("src/Rvm.Platform.Aarch64/Image.targets", "<Project />\n");
        checkout.Write(Source, "module K { }\n");
        Commit("quiet");
    }

    public void Dispose() => checkout.Dispose();

    private void Commit(string salt)
    {
        checkout.Write("Makefile", Makefile.Replace("SALT", salt, StringComparison.Ordinal));
        Assert.Equal(0, Shell("chmod +x tools/*.sh && git init -q . && git add -A && git -c user.name=t -c user.email=t@example.org commit -q -m build && make -s setup image").Status);
    }

    private (int Status, string Output) Shell(string command)
    {
        using var shell = Process.Start(new ProcessStartInfo("bash", ["-c", command + " 2>&1"]) { WorkingDirectory = checkout.Checkout.Root, RedirectStandardOutput = true })!;
        var output = shell.StandardOutput.ReadToEnd();
        shell.WaitForExit();
        return (shell.ExitCode, output);
    }

    private CustodyChain Chain() => new CustodyRun(checkout.Checkout, new SourceGraph(checkout.Checkout)).Collect();

    private (Reproduction Reproduction, List<string> Findings) Audited()
    {
        var chain = Chain();
        return (chain.Reproduction!, [.. CustodyRun.Findings(chain).Where(f => f.Rule == "reproduce").Select(f => f.Message)]);
    }

    [Fact]
    public void Without_a_comparison_it_says_so_and_finds_nothing()
    {
        var (reproduction, findings) = Audited();
        Assert.Equal(Reproduction.NotRun, reproduction.State);
        Assert.StartsWith("not run", reproduction.Note);
        Assert.Empty(reproduction.Clones);
        Assert.Empty(findings);
    }

    [Fact]
    public void Two_clones_with_one_image_are_shown_with_their_digest()
    {
        var (status, output) = Shell("tools/reproduce.sh");
        Assert.True(status == 0, output);
        var (reproduction, findings) = Audited();
        Assert.Equal((Reproduction.Yes, "two clean clones give the image that is here"), (reproduction.State, reproduction.Note));
        Assert.Equal(["a", "another/folder/with/a/longer/name"], reproduction.Clones.Select(c => c.Folder));
        Assert.All(reproduction.Clones, c => Assert.Equal(Chain().ImageDigest, c.Digest));
        Assert.Equal(Shell("git rev-parse HEAD").Output.Trim(), reproduction.Commit);
        Assert.Empty(findings);

        var report = new AuditReport([], [], [], [], [], [], []) { Custody = Chain() };
        var page = AuditPage.Html(AuditDocument.Parse(AuditWriter.Json(report), "audit.json"), null);
        Assert.Contains("Reproduced from clean clones", page);
        foreach (var text in new[] { reproduction.Note, reproduction.Commit!, "clone another/folder/with/a/longer/name", reproduction.Clones[0].Digest }) Assert.Contains(text, page);
        Assert.Contains("two clean clones give the image that is here", AuditWriter.Markdown(report));

        File.Delete(checkout.Checkout.Path(Kernel));
        Assert.Equal((Reproduction.Yes, "two clean clones give the same image; there is none here to compare with it"), (Audited().Reproduction.State, Audited().Reproduction.Note));
    }

    [Fact]
    public void A_build_that_its_folder_shows_in_is_a_finding_that_names_the_step()
    {
        Commit("$(CURDIR)");
        var (status, output) = Shell("tools/reproduce.sh");
        Assert.Equal(1, status);
        Assert.Contains("the first step that differs is ilc", output);
        var (reproduction, findings) = Audited();
        Assert.Equal(Reproduction.No, reproduction.State);
        Assert.NotEqual(reproduction.Clones[0].Digest, reproduction.Clones[1].Digest);
        Assert.Equal(["two clean clones of the same commit give different bytes: the first step that differs is ilc"], findings);
    }

    [Fact]
    public void An_image_that_the_clones_do_not_give_is_a_finding()
    {
        Assert.Equal(0, Shell("tools/reproduce.sh").Status);
        var good = Audited().Reproduction.Clones[0].Digest;
        checkout.Write(Kernel, "another image\n");
        var finding = Assert.Single(Audited().Findings);
        Assert.Equal($"the image here, {Chain().ImageDigest}, is not that of the two clean clones, {good}", finding);
        Assert.Equal(1, Shell("tools/reproduce.sh").Status);
    }

    [Fact]
    public void A_record_that_was_edited_into_two_digests_or_into_nothing_is_a_finding()
    {
        Assert.Equal(0, Shell("tools/reproduce.sh").Status);
        var record = File.ReadAllText(checkout.Checkout.Path(Record));
        var good = Audited().Reproduction.Clones[0].Digest;
        checkout.Write(Record, record.Replace($"clone {good} another", $"clone {new string('0', 64)} another", StringComparison.Ordinal));
        Assert.StartsWith("two clean clones of the same commit give different images", Assert.Single(Audited().Findings));
        foreach (var gone in new[] { "result", "commit", "built", "clone", "in" })
        {
            checkout.Write(Record, string.Concat(record.Split('\n').Where(l => !l.StartsWith(gone + " ", StringComparison.Ordinal)).Select(l => l + "\n")));
            Assert.Equal(["the record does not say what was compared"], Audited().Findings);
        }
        checkout.Write(Record, $"same {good} 1234 2026-01-01T00:00:00Z\n");
        Assert.Equal(["the record does not say what was compared"], Audited().Findings);
    }

    [Fact]
    public void What_was_compared_of_older_sources_is_a_note()
    {
        Assert.Equal(0, Shell("tools/reproduce.sh").Status);
        checkout.Write(Source, "module K { const N := 1 }\n");
        var (reproduction, findings) = Audited();
        Assert.Equal((Reproduction.Older, $"the clones were of older sources: {Source} has changed since"), (reproduction.State, reproduction.Note));
        Assert.Empty(findings);
    }
}
