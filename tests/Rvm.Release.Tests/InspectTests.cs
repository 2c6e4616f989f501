using System.Text.Json;
using Rvm.Diagnostics;
using Rvm.Release.Tests.Support;
using Rvm.Tool.Audit;
using Rvm.Tool.Audit.Digests;
using Rvm.Tool.Bundle;
using Rvm.Tool.Image;
using Rvm.Tool.Inspect;
using Rvm.Tool.Planning;
using Rvm.Tool.Tests.Support;

namespace Rvm.Release.Tests;

/// <summary>«Is what I run what was proved?» is answered with yes only when it is, and every reason is named.</summary>
public sealed class InspectTests : IDisposable
{
    private const string Two = "name: two\npartitions:\n  - { name: alice, image: guest.elf }\n  - { name: bob, image: guest.elf }\n";

    private readonly TempFolder folder = new();

    public void Dispose() => folder.Dispose();

    private static InspectionResult Inspect(byte[] image, InspectedSystem? system = null, AuditDocument? audit = null, int cores = 1) =>
        Inspection.Of("image", image, audit ?? SmallAudit.Document, system, cores);

    private static InspectedSystem System(string yaml)
    {
        using var described = new Describe(yaml);
        Assert.True(described.Plan is not null, string.Join('\n', described.Texts));
        var bundle = BundleBuilder.Build(described.Plan!);
        return new InspectedSystem(described.Plan!.Name, bundle.Content, bundle.Words,
            [.. described.Bag.All.Where(d => d.Severity == Severity.Warning).Select(d => d.Message)]);
    }

    private static byte[] Bootable(InspectedSystem system) => KernelImage.Attach(SmallAudit.Kernel, system.Words);

    private static string Against(InspectionResult result) => string.Join('\n', result.Reasons.Where(r => r.Weight >= Weight.Reservation).Select(r => $"{r.Weight} {r.Topic}: {r.Text}"));

    [Fact]
    public void The_audited_kernel_is_what_was_proved()
    {
        var result = Inspect(SmallAudit.Kernel);
        Assert.True(result.Yes, Against(result));
        Assert.Equal("yes", result.Answer);
        Assert.Null(result.Pairs);
    }

    [Fact]
    public void A_bootable_file_is_the_kernel_with_a_system()
    {
        var system = System(Two);
        Assert.True(Inspect(Bootable(system), system) is { Yes: true }, Against(Inspect(Bootable(system), system)));
        var alone = Inspect(Bootable(system));
        Assert.True(alone.Yes, Against(alone));
        Assert.Equal(["alice bob"], alone.Pairs!.Select(p => $"{p.A} {p.B}"));
    }

    /// <summary>What the bundle carries counts, with and without a description.</summary>
    [Theory]
    [InlineData(0, "carries no policy: partition_create, commedge_create, commedge_destroy, leases of devices and policy_activate are always denied")]
    [InlineData(1, "carries a policy, which is active from the beginning and for ever")]
    [InlineData(2, "carries two policies: the first is active from the beginning")]
    public void The_policies_of_the_bundle_are_told(int count, string expected)
    {
        var system = System(Two);
        ulong[] table = [0x3159_4C4F_504D_5652, 1, 136, 136, .. new ulong[132]];
        var content = system.Content with { Policies = [.. Enumerable.Repeat(table, count)] };
        system = system with { Content = content, Words = BundleCodec.Encode(content) };
        foreach (var result in new[] { Inspect(Bootable(system), system), Inspect(Bootable(system)) })
        {
            Assert.True(result.Yes, Against(result));
            Assert.Contains(expected, Assert.Single(result.Reasons, r => r.Topic == "policy").Text, StringComparison.Ordinal);
            var feature = Assert.Single(result.Features, f => f.Name == "policies and proofs");
            Assert.Equal((true, count > 0), (feature.InTheorems, feature.Used));
        }
    }

    [Theory]
    [InlineData(".text")]
    [InlineData(".rodata")]
    [InlineData(".data")]
    public void One_flipped_byte_is_no_and_section_and_symbol_are_named(string name)
    {
        var section = ElfSections.Of(SmallAudit.Kernel).Find(name)!;
        foreach (var at in new[] { 0UL, section.Size / 3, section.Size - 1 })
        {
            var bad = (byte[])SmallAudit.Kernel.Clone();
            bad[section.Offset + at] ^= 0x10;
            var symbol = SmallAudit.Report.Kernel!.Symbols.Last(s => s.Section == name && Convert.ToUInt64(s.Address, 16) <= section.Address + at);
            var result = Inspect(bad);
            Assert.Equal("no", result.Answer);
            Assert.Contains($"section {name}", Against(result));
            Assert.Contains($"{symbol.Name} in {name}", Against(result));
        }
    }

    [Fact]
    public void A_byte_outside_of_the_sections_counts_too()
    {
        var bad = (byte[])SmallAudit.Kernel.Clone();
        bad[9] ^= 1;        // padding of the ELF header
        Assert.Contains("outside of the loaded sections", Against(Inspect(bad)));
        Assert.Contains("bytes follow the bundle", Against(Inspect([.. Bootable(System(Two)), 0])));
        Assert.Equal("no", Inspect([.. SmallAudit.Kernel, 0]).Answer);
    }

    [Fact]
    public void A_kernel_changed_under_its_bundle_is_no()
    {
        var (system, bad) = (System(Two), (byte[])SmallAudit.Kernel.Clone());
        bad[ElfSections.Of(bad).Find(".text")!.Offset + 0x900] ^= 1;
        var result = Inspect(KernelImage.Attach(bad, system.Words), system);
        Assert.Equal("no", result.Answer);
        Assert.Contains("section .text", Against(result));
    }

    [Fact]
    public void Another_system_than_the_described_one_is_no_and_the_difference_is_named()
    {
        var (two, more) = (System(Two), System(Two + "edges:\n  - { name: e, from: alice, to: bob }\n"));
        var result = Inspect(Bootable(more), two);
        Assert.Equal("no", result.Answer);
        Assert.Contains("another system than two: boot command 3 is Edge", Against(result));
        var words = (ulong[])two.Words.Clone();
        words[^1] ^= 1;
        Assert.Contains("a guest's image is another one", Against(Inspect(KernelImage.Attach(SmallAudit.Kernel, words), two)));
        words[0] = 1;
        Assert.Contains("the bundle in the image is damaged", Against(Inspect(KernelImage.Attach(SmallAudit.Kernel, words), two)));
    }

    [Fact]
    public void An_audit_with_findings_or_of_nothing_is_no()
    {
        string Of(AuditReport report) => Against(Inspect(SmallAudit.Kernel, audit: AuditDocument.Parse(SmallAudit.JsonOf(report), "")));
        Assert.Contains("spec/State.dfy: no proof", Of(SmallAudit.Report with { Findings = [SmallAudit.Finding] }));
        Assert.Contains("Safe_means_shut is not proved", Of(SmallAudit.Report with { Theorems = [] }));
        Assert.Contains("speaks of no image", Of(SmallAudit.Report with { Kernel = null }));
        Assert.Contains("no theorem", Of(SmallAudit.Report with { Closures = [] }));
    }

    [Fact]
    public void A_device_that_does_DMA_takes_its_owners_pairs_out_of_the_isolation_theorem()
    {
        var system = System("name: dma\npartitions:\n  - name: driver\n    image: guest.elf\n    regions:\n" +
            "      - { name: disk, policy: device, size: 4KiB, address: 0x0a000000, dma: allow }\n  - { name: alice, image: guest.elf }\n  - { name: bob, image: guest.elf }\n");
        var result = Inspect(Bootable(system), system);
        Assert.Equal("with reservations", result.Answer);
        Assert.Contains("driver and alice: the isolation theorems do not hold between them", Against(result));
        Assert.Contains("driver and bob: the isolation theorems do not hold", Against(result));
        Assert.DoesNotContain("alice and bob", Against(result));
        Assert.Equal(["driver alice False", "driver bob False", "alice bob True"], result.Pairs!.Select(p => $"{p.A} {p.B} {p.Isolated}"));
        Assert.Contains("virtio-mmio", result.Pairs![0].Exception);
        Assert.Contains(result.Features, f => f is { Name: "devices that do DMA", InTheorems: false, Used: true });
    }

    [Fact]
    public void A_device_without_DMA_is_no_reservation()
    {
        var result = Inspect(SmallAudit.Kernel, System("name: rtc\npartitions:\n  - name: a\n    image: guest.elf\n    regions: [{ name: rtc, policy: device, size: 4KiB, address: 0x09010000 }]\n  - { name: b, image: guest.elf }\n"));
        Assert.True(result.Yes, Against(result));
        Assert.True(result.Pairs!.Single().Isolated);
    }

    [Fact]
    public void A_device_that_two_may_lease_is_a_channel_and_one_that_one_may_lease_is_none()
    {
        var system = System("""
            name: leases
            devices: [{ name: rtc, address: 0x09010000 }, { name: gpio, address: 0x09030000 }]
            partitions:
              - { name: a, image: guest.elf, capabilities: [{ device: rtc }, { device: gpio }] }
              - { name: b, image: guest.elf, capabilities: [{ device: rtc, rights: [lease, prove, grant] }] }
              - { name: c, image: guest.elf, capabilities: [{ device: gpio, rights: [grant] }] }
            """);
        var result = Inspect(SmallAudit.Kernel, system);
        var pairs = result.Pairs!.ToDictionary(p => p.A + p.B);
        Assert.Equal(("both may lease device 0 (4 KiB at 0x9010000): whether it is free b learns, and what a leaves in its registers b finds", true, true),
            (Assert.Single(pairs["ab"].Forward), pairs["ab"].Interferes, pairs["ab"].Isolated));
        Assert.Single(pairs["ab"].Back);
        Assert.All(["ac", "bc"], pair => Assert.False(pairs[pair].Interferes));
        Assert.Contains(result.Reasons, r => r is { Weight: Weight.Note, Topic: "devices" } && r.Text.StartsWith("device 0 (4 KiB at 0x9010000) can be leased by a, b, one at a time (b may pass that on); a lease ends with its time", StringComparison.Ordinal));
        Assert.Contains(result.Reasons, r => r.Text.StartsWith("device 1 (4 KiB at 0x9030000) can be leased by a, one at a time", StringComparison.Ordinal));
        Assert.Contains(result.Features, f => f is { Name: "devices leased for a time", Used: true });
    }

    [Fact]
    public void A_device_that_does_DMA_and_can_be_leased_takes_its_lessees_pairs_out_of_the_isolation_theorem()
    {
        var result = Inspect(SmallAudit.Kernel, System("""
            name: dma
            devices: [{ name: disk, address: 0x0a000000, dma: allow }]
            partitions:
              - { name: a, image: guest.elf, capabilities: [{ device: disk }] }
              - { name: b, image: guest.elf }
              - { name: c, image: guest.elf }
            """));
        Assert.Equal(["a b False", "a c False", "b c True"], result.Pairs!.Select(p => $"{p.A} {p.B} {p.Isolated}"));
        Assert.Contains("a has, or may lease, a device that can read and write all memory by itself (virtio-mmio at 0xa000000)", Against(result));
    }

    [Fact]
    public void More_than_one_core_is_a_reservation() => Assert.Contains("Reservation cores", Against(Inspect(SmallAudit.Kernel, cores: 4)));

    [Fact]
    public void Channels_name_their_capability_or_edge_and_ways_over_others_are_told()
    {
        var pairs = Inspect(SmallAudit.Kernel, System("""
            name: channels
            partitions:
              - { name: a, image: guest.elf }
              - { name: b, image: guest.elf }
              - { name: c, image: guest.elf, capabilities: [{ partition: b, rights: [revoke] }] }
              - { name: d, image: guest.elf }
            edges:
              - { name: e, from: a, to: b, rights: { from: [write], to: [read] } }
            """)).Pairs!.ToDictionary(p => p.A + p.B);
        Assert.Contains("edge 0 from a to b", pairs["ab"].Forward.Concat(pairs["ab"].Back));
        Assert.Contains("c may end b (slot 0 of c, partition b [revoke]), which a sees: edge 0 from a to b", pairs["ac"].Back);
        Assert.Empty(pairs["ac"].Forward);
        Assert.Contains("c may end it: slot 0 of c, partition b [revoke]", pairs["bc"].Back);
        Assert.Contains(pairs["bc"].Forward, r => r.StartsWith("c holds a capability for b", StringComparison.Ordinal));
        Assert.All(["ad", "bd", "cd"], pair => Assert.False(pairs[pair].Interferes));
        Assert.All(["ad", "bd", "cd"], pair => Assert.Empty(pairs[pair].Over));
        var chain = PairReport.All(InitialState.Of(System(Two + "  - { name: carol, image: guest.elf }\nedges:\n  - { name: e, from: alice, to: bob }\n  - { name: f, from: bob, to: carol }\n").Content));
        Assert.Equal(["bob"], chain.Single(p => p.A == "alice" && p.B == "carol").Over);
    }

    [Fact]
    public void The_command_answers_by_its_exit_status()
    {
        folder.Write("audit.json", SmallAudit.Json);
        folder.Write("kernel.elf", SmallAudit.Kernel);
        ProcessResult Rvm(params string[] arguments) => RvmProcess.Run(folder.Root, ["inspect", .. arguments]);
        var yes = Rvm("kernel.elf");
        Assert.True(yes.ExitCode == 0, yes.All);
        Assert.StartsWith("Is what I run what was proved? yes", yes.Output);
        Assert.Equal(1, Rvm("kernel.elf", "--smp", "2").ExitCode);
        using var json = JsonDocument.Parse(Rvm("kernel.elf", "--format", "json").Output);
        Assert.Equal("yes", json.RootElement.GetProperty("answer").GetString());
        folder.Write("bad.elf", [.. SmallAudit.Kernel, 0]);
        Assert.Equal(1, Rvm("bad.elf").ExitCode);
        folder.Write("text", "no ELF");
        Assert.All([["text"], ["nothing"], ["kernel.elf", "nothing.yaml"], ["kernel.elf", "--audit", "text"], ["kernel.elf", "--smp", "0"]],
            (string[] wrong) => Assert.Equal(2, Rvm(wrong).ExitCode));
    }

    [Fact]
    public void The_command_names_what_differs_in_the_kernel_inside_a_bootable_file()
    {
        folder.Write("audit.json", SmallAudit.Json);
        var good = Bootable(System(Two));
        folder.Write("two.elf", good);
        ProcessResult Rvm() => RvmProcess.Run(folder.Root, "inspect", "two.elf");
        Assert.True(Rvm() is { ExitCode: 0 }, Rvm().All);
        var at = ElfSections.Of(good).Find(".text")!;
        var symbol = SmallAudit.Report.Kernel!.Symbols.Last(s => s.Section == ".text" && Convert.ToUInt64(s.Address, 16) <= at.Address + 0x900);
        good[at.Offset + 0x900] ^= 1;
        folder.Write("two.elf", good);
        var bad = Rvm();
        Assert.Equal(1, bad.ExitCode);
        Assert.StartsWith("Is what I run what was proved? no", bad.Output);
        Assert.Contains("the kernel is not the audited one: section .text", bad.Output);
        Assert.Contains(symbol.Name, bad.Output);
    }
}
