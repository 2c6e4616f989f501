using FsCheck.Fluent;
using Rvm.Diagnostics;
using Rvm.Tool.Bundle;
using Rvm.Tool.Planning;
using Rvm.Tool.SystemDescription;
using Rvm.Tool.Tests.Support;

namespace Rvm.Tool.Tests;

/// <summary>What a right description becomes.</summary>
public class PlanTests
{
    private const string Full = """
        name: full
        memory: 512MiB
        partitions:
          - name: alice
            image: guest.elf
            slice: 2ms
            deadline: 20ms
            budget: 3
            witness_quota: 1000
            capabilities:
              - console: [write]
              - partition: bob
                rights: [write, revoke]
            regions:
              - { name: big, policy: slab, size: 20MiB, map: { ipa: 0x50000000 } }
              - { name: gpio, policy: device, size: 4KiB, address: 0x09030000, map: { ipa: 0x60000000 } }
          - name: bob
            image: other.elf
            start: false
            capabilities:
              - witness_log: [witness]
              - memory_pool: [write]
        edges:
          - { name: there, from: alice, to: bob, capacity: 4 }
          - { name: back, from: bob, to: alice, rights: { from: [write], to: [read, grant] } }
        images:
          - { name: worker, image: raw.bin, load: 0x40000000, code: 4KiB, data: 8KiB }
        """;

    [Fact]
    public void A_shared_region_comes_after_the_partitions_and_before_the_capabilities_for_it()
    {
        using var description = new Describe("""
            name: shared
            shared:
              - { name: model, file: raw.bin, size: 16KiB }
            partitions:
              - name: alice
                image: other.elf
                capabilities:
                  - { shared: model, rights: [read, grant], map: { ipa: 0x50000000, offset: 4KiB } }
                regions:
                  - { name: own, policy: slab, size: 4KiB }
              - name: bob
                image: other.elf
                capabilities:
                  - shared: model
            """);
        Assert.Empty(description.Texts);
        var built = BundleBuilder.Build(description.Plan!);
        var commands = built.Content.Commands;
        var image = commands[0];
        Assert.Equal(9UL, commands[3].Operation);
        const ulong region = 4, contents = 5000;
        Assert.Equal(new BootCommand(9, 4, image.A1 + (image.A2 + 7) / 8, contents), commands[3]);
        Assert.Equal((ulong)built.Words.Length, commands[3].A2 + contents / 8);
        Assert.Equal(
            [new BootCommand(6, 1, 1, region, 5), new BootCommand(4, 1, region, 0x50000, 1, 3, 0), new BootCommand(6, 2, 1, region, 1), new BootCommand(3, 1, 2, 1, 0, 3)],
            commands.Skip(4).Take(4));
        Assert.Equal(["shared region 4 `model`"], built.Origins.Where(o => o.Index == 3).Select(o => o.Text));
    }

    [Fact]
    public void A_device_to_be_leased_comes_before_the_capabilities_for_it()
    {
        using var description = new Describe("""
            name: leases
            devices:
              - { name: gpio, address: 0x09030000 }
              - { name: rtc, address: 0x9010000, size: 8KiB }
            partitions:
              - name: alice
                image: guest.elf
                capabilities:
                  - device: rtc
                  - { device: gpio, rights: [lease, prove, grant] }
              - name: bob
                image: guest.elf
            """);
        Assert.All(description.Texts, t => Assert.Contains("without a policy the kernel denies", t, StringComparison.Ordinal));
        Assert.Equal(2, description.Texts.Count());
        var built = BundleBuilder.Build(description.Plan!);
        Assert.Equal([new(10, 0x9030, 1), new(10, 0x9010, 2), new BootCommand(6, 1, 8, 1, 0x410), new(6, 1, 8, 0, 0x414), new(7, 1)], built.Content.Commands.Skip(3).Take(5));
        Assert.Equal("device 1 `rtc`", built.Origins[4].Text);
        Assert.Equal(["100000000 DeviceLease rtc", "100000001 DeviceLease gpio"], description.Plan!.Partitions[0].Slots.Select(s => $"{s.Handle:x} {s.Kind} {s.Object}"));
        Assert.Empty(description.Plan.Partitions[1].Slots);
    }

    [Fact]
    public void A_description_becomes_the_commands_of_the_interface()
    {
        using var description = new Describe(Full);
        Assert.StartsWith("22:9 Warning without a policy the kernel denies partition_create", Assert.Single(description.Texts), StringComparison.Ordinal);
        var built = BundleBuilder.Build(description.Plan!);
        const ulong Free = 65_536 - 8_192 - 1_000;
        var payload = 8 + 18 * 8UL;
        BootCommand[] expected =
        [
            new(1, payload, 5000, 0x40000, 1, 2, 0x4000_0000),
            new(1, payload + 625, 4099, 0x40000, 1, 2, 0x4000_0000),
            new(1, payload + 625 + 513, 4099, 0x40000, 1, 2, 0x4000_0000),
            new(2, 1, 125_000, 1_250_000, 3, 1000, 0x6563_696c_61, 0),
            new(2, 2, 62_500, 625_000, 0, Free, 0x626f62, 0),
            new(6, 1, 11, 0, 2),
            new(6, 1, 6, 2, 0x22),
            new(6, 2, 9, 0, 0x800),
            new(6, 2, 10, 0, 2),
            new(3, 1, 2, 5120, 0, 3),
            new(4, 1, 4, 0x50000, 0, 4096, 1),
            new(4, 1, 4, 0x51000, 4096, 1024, 1),
            new(3, 1, 3, 1, 0x9030, 3),
            new(4, 1, 5, 0x60000, 0, 1, 3),
            new(5, 1, 2, 4, 0x26, 0x25),
            new(5, 2, 1, 16, 2, 5),
            new(7, 1),
            new(8),
        ];
        Assert.Equal(expected, built.Content.Commands);
        Assert.Equal(expected.Length, built.Origins.Count);
        Assert.Equal(13, built.Origins[6].Place.Line - 0 + 1);
    }

    [Fact]
    public void Slots_follow_capabilities_then_regions_then_edges()
    {
        using var description = new Describe(Full);
        string[] Of(int partition) => [.. description.Plan!.Partitions[partition].Slots.Select(s => $"{s.Handle:x} {s.Kind} {s.Object}".TrimEnd())];
        Assert.Equal(["100000000 Console", "100000001 Partition bob", "100000002 Region big", "100000003 Region gpio", "100000004 CommEdge there (out)", "100000005 CommEdge back (in)"], Of(0));
        Assert.Equal(["100000000 WitnessLog", "100000001 PhysMemPool", "100000002 CommEdge there (in)", "100000003 CommEdge back (out)"], Of(1));
    }

    [Fact]
    public void Count_makes_numbered_partitions_that_share_one_image()
    {
        using var description = new Describe("name: t\npartitions:\n  - { name: w, image: guest.elf, count: 64, capabilities: [{ console: [write] }] }\n");
        var plan = description.Plan!;
        Assert.Equal(64, plan.Partitions.Count);
        Assert.Equal(("w-64", 64), (plan.Partitions[63].Name, plan.Partitions[63].Id));
        Assert.Single(plan.Images);
        Assert.All(plan.Partitions, p => Assert.Equal((65_536UL - 8_192) / 64, p.WitnessQuota));
    }

    [Fact]
    public void Equal_files_are_stored_once_and_extra_images_come_first()
    {
        using var description = new Describe("name: t\npartitions:\n  - { name: a, image: guest.elf }\n  - { name: b, image: ./guest.elf }\n  - { name: c, image: other.elf }\nimages:\n  - { name: child, image: other.elf }\n");
        Assert.Equal(["child", "guest.elf"], description.Plan!.Images.Select(i => i.Name));
        Assert.Equal([1, 1, 0], description.Plan.Partitions.Select(p => p.Image));
    }

    [Fact]
    public void A_justified_derivation_is_accepted_with_a_note()
    {
        using var description = new Describe(
            "name: t\npartitions:\n  - name: a\n    image: guest.elf\n    capabilities: [{ console: [write, grant] }]\n  - name: b\n    image: guest.elf\n    capabilities: [{ console: [write], from: a }]\n");
        Assert.NotNull(description.Plan);
        Assert.Contains("a root of its own", Assert.Single(description.Bag.All).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_memory_limit_is_exact()
    {
        // 256 MiB less the 96 MiB below the first free frame, less the image's three pages.
        const ulong Free = (256UL << 20) - (96UL << 20) - 3 * 4096;
        string Text(ulong size) => $"name: t\nmemory: 256MiB\npartitions:\n  - name: a\n    image: guest.elf\n    regions:\n      - {{ name: r, policy: slab, size: {size} }}\n";
        using var fits = new Describe(Text(Free));
        using var tooLarge = new Describe(Text(Free + 4096));
        Assert.NotNull(fits.Plan);
        Assert.Null(tooLarge.Plan);
    }

    [Fact]
    public void The_table_limit_is_exact()
    {
        // The image takes a level-2 and a level-3 table, a region elsewhere one more level-2 table and one level-3 table for each 2 MiB.
        string Text(int megabytes) => $"name: t\npartitions:\n  - name: a\n    image: guest.elf\n    regions:\n      - {{ name: r, policy: slab, size: {megabytes}MiB, map: {{ ipa: 0x80000000 }} }}\n";
        using var fits = new Describe(Text(24));
        using var tooLarge = new Describe(Text(26));
        Assert.NotNull(fits.Plan);
        Assert.Null(tooLarge.Plan);
    }

    [Theory]
    [InlineData("4096", 4096L)]
    [InlineData("0x1_0000", 65536L)]
    [InlineData("64KiB", 65536L)]
    [InlineData("64 KiB", 65536L)]
    [InlineData("1GiB", 1L << 30)]
    [InlineData("1KB", null)]
    [InlineData("-1", null)]
    [InlineData("", null)]
    [InlineData("99999999999999GiB", null)]
    public void Sizes(string text, long? bytes) => Assert.Equal((ulong?)bytes, Units.Size(text, out _));

    [Theory]
    [InlineData("16ns", 1L)]
    [InlineData("15ns", null)]
    [InlineData("1us", 62L)]
    [InlineData("1µs", 62L)]
    [InlineData("1ms", 62_500L)]
    [InlineData("1s", 62_500_000L)]
    [InlineData("69s", null)]
    [InlineData("1", null)]
    [InlineData("1h", null)]
    public void Durations(string text, long? counts) => Assert.Equal((ulong?)counts, Units.Counts(text, out _));

    [Fact]
    public void Groups_are_partition_numbers_and_a_counted_name_is_all_of_them()
    {
        using var description = new Describe("name: t\npartitions:\n  - { name: a, image: guest.elf }\n  - { name: w, image: guest.elf, count: 3 }\ngroups:\n  workers: [w]\n  some: [w-3, a, a]\n  none: []\n");
        var names = description.Plan!.Names;
        Assert.Equal([1, 2, 3, 4], names.Partitions.Values.Order());
        Assert.Equal(2, names.Partitions["w-1"]);
        Assert.Equal<IEnumerable<int>>([2, 3, 4], names.Groups["workers"]);
        Assert.Equal<IEnumerable<int>>([1, 4], names.Groups["some"]);
        Assert.Empty(names.Groups["none"]);
        Assert.Empty(description.Plan.Policies);
    }

    [Fact]
    public void A_policy_is_read_with_the_names_of_its_system()
    {
        using var folder = new TempFolder();
        folder.Write("guest.elf", ElfBuilder.Guest());
        var system = folder.Write("s.yaml", "name: t\npolicy: p.rvmp\npartitions:\n  - { name: a, image: guest.elf }\ngroups: { all: [a] }\n");
        folder.Write("p.rvmp", "policy p \"x\"\npermit x \"r\"\n  when caller in all\n");
        var bag = new DiagnosticBag();
        Assert.Equal("x", Planner.FromFile(system, bag)!.Policies[0].Policy.Rules[0].Name);
        Assert.Empty(bag.All);
        folder.Write("p.rvmp", "policy p \"x\"\npermit x \"r\"\n  when caller in al\n");
        Assert.Null(Planner.FromFile(system, bag));
        Assert.Contains(bag.All, d => d.Severity == Severity.Error && d.Place.File.EndsWith("p.rvmp", StringComparison.Ordinal) && d.Place.Line == 3);
    }

    [Theory]
    [InlineData("", "memory_pool: [write, prove]", 1)]
    [InlineData("", "memory_pool: [write]", 1)]
    [InlineData("", "console: [write]", 0)]
    [InlineData("policy: p.rvmp\n", "memory_pool: [write, prove]", 0)]
    [InlineData("policy: p.rvmp\n", "memory_pool: [write]", 1)]
    [InlineData("policy: p.rvmp\n", "policy: [write]", 1)]
    [InlineData(Rtc, "device: rtc", 1)]
    [InlineData(Rtc + "policy: p.rvmp\n", "device: rtc", 0)]
    [InlineData(Rtc + "policy: p.rvmp\n", "device: rtc, rights: [lease, grant]", 1)]
    [InlineData("policy: p.rvmp\n", "policy: [write, prove]", 0)]
    public void Capabilities_for_calls_that_will_be_denied_are_warned_of(string policy, string capability, int warnings)
    {
        using var folder = new TempFolder();
        folder.Write("guest.elf", ElfBuilder.Guest());
        folder.Write("p.rvmp", "policy p \"x\"\npermit x \"r\"\n  when call = partition_create\n");
        var system = folder.Write("s.yaml", $"name: t\n{policy}partitions:\n  - {{ name: a, image: guest.elf, capabilities: [{{ {capability} }}] }}\n");
        var bag = new DiagnosticBag();
        Assert.NotNull(Planner.FromFile(system, bag));
        Assert.Equal(warnings, bag.All.Count(d => d.Severity == Severity.Warning && d.Message.Contains("denies", StringComparison.Ordinal)));
    }

    private const string Rtc = "devices: [{ name: rtc, address: 0x09010000 }]\n";

    [Fact]
    public void Both_policies_are_in_the_bundle_and_a_standby_needs_a_first_one()
    {
        using var folder = new TempFolder();
        folder.Write("guest.elf", ElfBuilder.Guest());
        foreach (var name in new[] { "p", "q" }) folder.Write(name + ".rvmp", $"policy {name} \"x\"\npermit {name}-rule \"r\"\n  when call = partition_create\n");
        const string Partitions = "partitions:\n  - { name: a, image: guest.elf }\n";
        var bag = new DiagnosticBag();
        var plan = Planner.FromFile(folder.Write("s.yaml", "name: t\npolicy: p.rvmp\nstandby_policy: q.rvmp\n" + Partitions), bag)!;
        var words = BundleBuilder.Build(plan).Words;
        var content = BundleCodec.Decode(words, out _)!;
        Assert.Equal(["p", "q"], content.Policies.Select(p => Rvm.Policy.Table.TableCodec.Decode(p, out _)!.Text.Name));
        Assert.Equal(((ulong)words.Length - words[7], words[4] + words[5]), (words[6], words[6]));
        Assert.Null(Planner.FromFile(folder.Write("s.yaml", "name: t\nstandby_policy: q.rvmp\n" + Partitions), bag));
        Assert.Contains(bag.All, d => d is { Severity: Severity.Error, Place.Line: 2 });
    }

    [Fact]
    public void Any_text_is_planned_or_refused_without_a_throw()
    {
        var lines = Gen.Elements("name: t", "partitions:", "  - name: a", "    image: guest.elf", "    capabilities: [{console: [write]}]", "edges: 5", "  - x", "    - [", "&a", "*a", "? b", "\t", "---", "memory: 1GiB",
            "    regions: [{name: r, policy: slab, size: 4KiB, map: {ipa: 0x1000}}]", "    count: 18446744073709551615", "    budget: -1", "'", "    regions: {}", "    capabilities: [null, [], {}]");
        Prop.ForAll(Gen.ListOf(lines).Select(l => string.Join('\n', l)).ToArbitrary(), text =>
        {
            using var description = new Describe(text);
            return description.Plan is not null || description.Bag.HasErrors;
        }).Holds();
    }
}
