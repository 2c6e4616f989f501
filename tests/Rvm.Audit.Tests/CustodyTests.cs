using System.Diagnostics;
using Rvm.Tool.Custody;
using Rvm.Tool.Proof;

namespace Rvm.Audit.Tests;

/// <summary>A build in small: files where the real one has them, recorded by the real tools/custody.sh. Then one of them is touched.</summary>
public sealed class CustodyTests : IDisposable
{
    private const string Source = "spec/Kernel.dfy", Generated = "src/Rvm.Verified/obj/generated/Kernel.cs", Compiled = "src/Rvm.Verified/obj/Release/net10.0/Rvm.Verified.dll",
        Read = "src/Rvm.Verified/bin/Release/net10.0/Rvm.Verified.dll", Object = "src/Rvm.Platform.Aarch64/obj/image/managed.o", Kernel = "artifacts/kernel/kernel.elf",
        Boot = "src/Rvm.Platform.Aarch64/Boot/start.S", Tested = "tests/Rvm.Verified.Tests/bin/Debug/net10.0/Rvm.Verified.dll";

    private readonly TestCheckout checkout = new();

    public CustodyTests()
    {
        checkout.Write("tools/custody.sh", File.ReadAllText(TestCheckout.Real.Path("tools/custody.sh")));
        checkout.Write("src/Rvm.Platform.Aarch64/Image.targets", "<Project />\n");
        foreach (var (file, text) in new[] { (Source, "module K { }"), (Generated, "// C#"), (Compiled, "IL"), (Read, "IL"), (Object, "code"), (Boot, "nop"), (Kernel, "image") }) checkout.Write(file, text + "\n");
        Step("translate", [Source], [Generated]);
        Step("compile-Rvm.Verified-Release", [Generated], [Compiled]);
        Step("ilc", [Read], [Object]);
        Step("link", [Object, Boot], [Kernel]);
    }

    public void Dispose() => checkout.Dispose();

    private void Step(string name, string[] given, string[] made)
    {
        var shell = Process.Start(new ProcessStartInfo("bash", ["tools/custody.sh", name, "in", .. given, "out", .. made]) { WorkingDirectory = checkout.Checkout.Root })!;
        shell.WaitForExit();
        Assert.Equal(0, shell.ExitCode);
    }

    private CustodyChain Chain() => new CustodyRun(checkout.Checkout, new SourceGraph(checkout.Checkout)).Collect();

    private List<string> Findings() => [.. CustodyRun.Findings(Chain()).Select(f => $"{f.Place.File}: {f.Message}")];

    [Fact]
    public void A_chain_that_nobody_touched_is_good()
    {
        Assert.Empty(Findings());
        Assert.Equal(["source", "generated", "assembly", "assembly", "object", "image"], Chain().Links.Select(l => l.Stage));
        Assert.All(Chain().Links, l => Assert.Equal(l.Recorded, l.Digest));
    }

    [Fact]
    public void A_patched_byte_in_the_assembly_is_named()
    {
        checkout.Write(Read, "iL\n");
        Assert.Contains($"{Read}: assembly changed: it is not what the ahead-of-time compiler read: it was touched afterwards", Findings());
    }

    [Fact]
    public void An_assembly_patched_before_it_was_read_is_named()
    {
        checkout.Write(Read, "iL\n");
        Step("ilc", [Read], [Object]);
        Assert.Equal([$"{Read}: assembly changed: the ahead-of-time compiler read other bytes than the compiler wrote"], Findings());
    }

    [Fact]
    public void A_stale_generated_file_is_named()
    {
        checkout.Write(Source, "module K { const N := 1 }\n");
        Assert.Equal([$"{Source}: source stale: changed since the translation: {Source}", $"{Generated}: generated stale: changed since the translation ran: {Source}"], Findings());
        checkout.Write("spec/More.dfy", "module M { }\n");
        Assert.Contains("spec/More.dfy", Findings()[0]);
    }

    [Fact]
    public void An_edited_generated_file_is_named()
    {
        checkout.Write(Generated, "// another C#\n");
        Assert.Contains($"{Generated}: generated changed: it is not what the translation wrote: it was touched afterwards", Findings());
        Step("compile-Rvm.Verified-Release", [Generated], [Compiled]);
        Assert.Contains($"{Compiled}: assembly changed: the compiler was given something else than the step before had made: {Generated}", Findings());
    }

    [Fact]
    public void A_hand_edited_object_is_named()
    {
        checkout.Write(Object, "c0de\n");
        Assert.Contains($"{Object}: object changed: it is not what the ahead-of-time compiler wrote: it was touched afterwards", Findings());
        Step("link", [Object, Boot], [Kernel]);
        Assert.Contains($"{Kernel}: image changed: the linker was given something else than the step before had made: {Object}", Findings());
    }

    [Fact]
    public void Older_assembly_and_a_touched_image_are_named()
    {
        checkout.Write(Boot, "wfi\n");
        Assert.Equal([$"{Kernel}: image stale: changed since the linker ran: {Boot}"], Findings());
        checkout.Write(Kernel, "imagE\n");
        Assert.Equal([$"{Kernel}: image changed: it is not what the linker wrote: it was touched afterwards"], Findings());
    }

    [Fact]
    public void Tests_that_load_other_bytes_and_steps_without_a_record_are_named()
    {
        checkout.Write(Tested, "IL of another build\n");
        Assert.Equal([$"{Tested}: assembly changed: the tests load other bytes than are in the image"], Findings());
        File.Delete(checkout.Checkout.Path("artifacts/custody/ilc.txt"));
        Assert.Contains($"{Object}: object unrecorded: no record of the step that makes it", Findings());
        File.Delete(checkout.Checkout.Path(Kernel));
        File.Delete(checkout.Checkout.Path("artifacts/custody/link.txt"));
        Assert.Contains($"{Kernel}: image missing: no record of the step that makes it", Findings());
    }
}
