using Rvm.Diagnostics;
using Rvm.Tool.Tests.Support;

namespace Rvm.Tool.Tests;

/// <summary>Each mistake in a description is reported once, where it stands (at the marker «), with a mend.</summary>
public class DescriptionErrorTests
{
    private const string Alice = "name: t\npartitions:\n  - name: alice\n    image: guest.elf\n";
    private const string Bob = "  - name: bob\n    image: guest.elf\n";
    private const string Region = Alice + "    regions:\n      - name: r\n        policy: slab\n";

    private const string Shared = "shared:\n  - { name: model, file: raw.bin }\n" + Alice;

    public static TheoryData<string, string> Mistakes() => new()
    {
        // YAML, keys, types, units
        { "name: t\npartitions: [«", "YAML syntax" },
        { "«- a\n", "the system is a list" },
        { "name: t\npartitions: «nobody\n", "not a list" },
        { Alice + "«edgs: []\n", "unknown key `edgs`" },
        { Alice + "    «capabilites: []\n", "unknown key `capabilites`" },
        { Alice + "    start: true\n    «start: false\n", "stands twice" },
        { "name: «T!\npartitions:\n  - name: alice\n    image: guest.elf\n", "is not a name" },
        { "name: t\npartitions:\n  - name: «a-name-of-16-char\n    image: guest.elf\n", "is not a name" },
        { "name: t\npartitions:\n  - «image: guest.elf\n", "has no `name`" },
        { "name: t\npartitions:\n  - «name: alice\n", "has no `image`" },
        { Alice + "    start: «yes\n", "neither true nor false" },
        { Alice + "    slice: «5\n", "not a duration" },
        { Alice + "    deadline: «100s\n", "not a duration" },
        { Alice + "    budget: «many\n", "not a whole number" },
        { Alice + "    count: «0\n", "out of range" },
        { Alice + "    witness_quota: «70000\n", "out of range" },
        { "memory: «1GB\n" + Alice, "not a size" },
        { "memory: «64MiB\n" + Alice, "a machine with 64 MiB" },
        { Region + "        size: «64KB\n", "not a size" },
        { Region + "        size: «5000\n", "not a positive multiple of 4 KiB" },
        { Region + "        size: «0\n", "not a positive multiple of 4 KiB" },
        { Alice + "    regions:\n      - { name: r, policy: «slob, size: 4KiB }\n", "unknown" },

        // names of things
        { Alice + "  - name: «alice\n    image: guest.elf\n", "a second partition `alice`" },
        { Region + "        size: 4KiB\n      - { name: «r, policy: slab, size: 4KiB }\n", "a second region `r`" },
        { Alice + Bob + "edges:\n  - { name: e, from: alice, to: bob }\n  - { name: «e, from: bob, to: alice }\n", "a second edge `e`" },
        { Alice + "images:\n  - { name: w, image: other.elf }\n  - { name: «w, image: other.elf }\n", "a second image `w`" },
        { Alice + Bob + "edges:\n  - { name: e, from: alice, to: «bib }\n", "unknown partition `bib`" },
        { Alice + "edges:\n  - { name: e, from: alice, to: «alice }\n", "to itself" },
        { Alice + Bob + "edges:\n  - { name: e, from: alice, to: bob, capacity: «17 }\n", "out of range" },
        { Alice + "    capabilities:\n      - { partition: «carol, rights: [write] }\n", "unknown partition `carol`" },
        { "name: t\npartitions:\n  - { name: w, image: guest.elf, count: 3 }\nedges:\n  - { name: e, from: w-1, to: «w }\n", "unknown partition `w`" },
        { "name: t\npartitions:\n  - { name: «long-name-abcde, image: guest.elf, count: 3 }\n", "longer than 15" },
        { Alice + "groups: «[alice]\n", "`groups` is a list" },
        { Alice + "groups:\n  some: «alice\n", "is not a list of partitions" },
        { Alice + "groups:\n  some: [«zoe]\n", "unknown partition `zoe`" },
        { Alice + "groups:\n  «alice: [alice]\n", "`alice` is a partition" },
        { Alice + "groups:\n  «So me: [alice]\n", "is not a name" },
        { Alice + "policy: «none.rvmp\n", "there is no policy `none.rvmp`" },

        // capabilities
        { Alice + "    capabilities:\n      - «rights: [write]\n", "a capability without an object" },
        { Alice + "    capabilities:\n      - «console: [write]\n        memory_pool: [write]\n", "2 objects" },
        { Alice + "    capabilities:\n      - «partition: alice\n", "has no `rights`" },
        { Alice + "    capabilities:\n      - «partition:\n        rights: [write]\n", "has no value" },
        { Alice + "    capabilities:\n      - console: [«wirte]\n", "unknown right `wirte`" },
        { Alice + "    capabilities:\n      - console: [write, «write]\n", "stands twice" },
        { Alice + "    capabilities:\n      - console: «[]\n", "allows nothing" },
        { Alice + "    capabilities:\n      - console: «write\n", "not a list" },
        { Alice + Bob + "    capabilities:\n      - { console: [write], from: «alice }\n", "that it could delegate" },
        { Alice + "    capabilities:\n      - { console: [write] }\n" + Bob + "    capabilities:\n      - { console: [write], from: «alice }\n", "that it could delegate" },

        { Alice + "    capabilities:\n      - { console: [write, grant_once] }\n" + Bob + "    capabilities:\n      - { console: [grant_once], from: «alice }\n", "that it could delegate" },

        { Alice + "    capabilities:\n      - shared: «model\n", "unknown shared region `model`" },
        { Shared + "    capabilities:\n      - { shared: model, «rights: [read, write] }\n", "nobody can write the shared region `model`" },
        { Shared + "    capabilities:\n      - { shared: model, rights: [grant], map: «{ ipa: 0x50000000 } }\n", "needs the right read" },
        { Shared + "    capabilities:\n      - { shared: model, map: «{ ipa: 0x50000000, permission: rw } }\n", "shared regions cannot be mapped `rw`" },
        { Shared + "    capabilities:\n      - { shared: model, map: { ipa: «0x40002000 } }\n", "overlapping memory" },
        { Shared + "    capabilities:\n      - { console: [write], «map: { ipa: 0x50000000 } }\n", "`map` does not go with `console`" },
        { "shared:\n  - { name: model, file: «none.bin, size: 4KiB }\n" + Alice, "does not exist" },
        { "shared:\n  - { name: model, file: raw.bin, size: «4KiB }\n" + Alice, "more than the 4096 of the shared region" },
        { "shared:\n  - { name: model, file: raw.bin, size: «5000 }\n" + Alice, "not a multiple of 4 KiB" },
        { "shared:\n  - { name: model, file: raw.bin }\n  - { name: «model, file: raw.bin }\n" + Alice, "a second shared region `model`" },

        { Alice + "    capabilities:\n      - device: «rtc\n", "unknown device `rtc`" },
        { Leased() + "    capabilities:\n      - device: «rtx\n", "unknown device `rtx`" },
        { Leased() + "    capabilities:\n      - { device: rtc, «map: { ipa: 0x50000000 } }\n", "`map` does not go with `device`" },
        { Leased() + "    capabilities:\n      - { device: rtc, rights: [«leas] }\n", "unknown right `leas`" },
        { Leased() + "    capabilities:\n      - device: rtc\n" + Bob + "    capabilities:\n      - { device: rtc, from: «alice }\n", "that it could delegate" },

        // images
        { "name: t\npartitions:\n  - name: alice\n    image: «gest.elf\n", "does not exist" },
        { "name: t\npartitions:\n  - name: alice\n    image: «x86.elf\n", "not an AArch64 program: it is for x86-64" },
        { "name: t\npartitions:\n  - name: alice\n    image: «raw.bin\n", "a raw image needs" },
        { "name: t\npartitions:\n  - name: alice\n    image: «raw.bin\n    load: 0x40000000\n    code: 4KiB\n", "more than code and data" },
        { "name: t\npartitions:\n  - name: alice\n    image: «guest.elf\n    load: 0x40000000\n", "says itself where it goes" },

        // memory
        { Region + "        size: «2GiB\n", "larger than the memory" },
        { "memory: «256MiB\n" + Region + "        size: 250MiB\n", "the partitions need" },
        { Region + "        size: 8KiB\n        map: { ipa: «0x40002000 }\n", "overlapping memory" },
        { Region + "        size: 8KiB\n        map: [{ ipa: 0x50000000 }, { ipa: «0x50001000 }]\n", "overlapping memory" },
        { Region + "        size: 8KiB\n        map: { ipa: «0x7ffffff000 }\n", "beyond the 39-bit" },
        { Region + "        size: 8KiB\n        map: «{ ipa: 0x50000010 }\n", "not a multiple of 4 KiB" },
        { Region + "        size: 8KiB\n        map: «{ ipa: 0x50000000, offset: 8KiB }\n", "outside of the region" },
        { Region + "        size: 8KiB\n        map: «{ ipa: 0x50000000, permission: rx }\n", "cannot be mapped `rx`" },
        { Region + "        size: 8KiB\n        rights: [read]\n        map: «{ ipa: 0x50000000 }\n", "needs the right write" },
        { "name: t\npartitions:\n  - name: «alice\n    image: guest.elf\n    regions:\n      - { name: r, policy: slab, size: 30MiB, map: { ipa: 0x50000000 } }\n", "stage-2 tables" },
        { Region + "        size: 4KiB\n        address: «0x09030000\n", "only a device has an address" },

        // devices
        { Alice + "    regions:\n      - «{ name: d, policy: device, size: 4KiB }\n", "has no `address`" },
        { Device("«0x09030004"), "not a multiple of 4 KiB" },
        { Device("«0x40000000"), "does not lie below RAM" },
        { Device("«0x8000000000"), "does not lie below RAM" },
        { "name: t\npartitions:\n  - name: «alice\n    image: guest.elf\n    start: false\n", "no partition starts at boot" },
        { Region + "        size: «257MiB\n", "larger than a region may be" },
        { Device("«0x080a0000"), "covers the interrupt controller" },
        { Device("«0x09000000"), "covers the console UART" },
        { Device("«0x0a000000"), "can read and write all memory" },
        { Device("0x09030000") + "      - { name: e, policy: device, size: 4KiB, address: «0x09030000 }\n", "overlap" },

        { "devices:\n  - «{ name: rtc }\n" + Alice, "has no `address`" },
        { "devices:\n  - { name: rtc, address: 0x09010000, «adress: 1 }\n" + Alice, "unknown key `adress`" },
        { Leased("«0x09010004"), "not a multiple of 4 KiB" },
        { Leased("0x09010000, size: «5000"), "not a positive multiple of 4 KiB" },
        { Leased("0x09010000, size: «0"), "not a positive multiple of 4 KiB" },
        { Leased("0x0c000000, size: «32MiB"), "larger than a lease may be" },
        { Leased("«0x40000000"), "does not lie below RAM" },
        { Leased("«0x08010000"), "covers the interrupt controller" },
        { Leased("«0x09000000"), "covers the console UART" },
        { Leased("«0x0a000000"), "can read and write all memory" },
        { "devices:\n  - { name: rtc, address: 0x09010000 }\n  - { name: «rtc, address: 0x09030000 }\n" + Alice, "a second device `rtc`" },
        { "devices:\n  - { name: rtc, address: 0x09010000, size: 8KiB }\n  - { name: two, address: «0x09011000 }\n" + Alice, "the devices `rtc` that can be leased and `two` that can be leased overlap" },
        { Leased("«0x09030000") + "    regions:\n      - { name: d, policy: device, size: 4KiB, address: 0x09030000 }\n", "the devices `d` of `alice` and `rtc` that can be leased overlap" },

        // quotas
        { Alice + "    witness_quota: 40000\n" + Bob + "    witness_quota: «30000\n", "add up to 70000" },
        { Alice + "    witness_quota: 57344\n" + Bob.Replace("- name", "- «name", StringComparison.Ordinal), "no witness records are left" },
    };

    private static string Leased(string address = "0x09010000") => $"devices:\n  - {{ name: rtc, address: {address} }}\n" + Alice;

    private static string Device(string address) => Alice + $"    regions:\n      - {{ name: d, policy: device, size: 4KiB, address: {address} }}\n";

    [Theory]
    [MemberData(nameof(Mistakes))]
    public void A_mistake_is_reported_once_where_it_stands_with_a_mend(string yaml, string message)
    {
        using var description = new Describe(yaml);
        Assert.Null(description.Plan);
        var error = Assert.Single(description.Bag.All, d => d.Severity == Severity.Error);
        Assert.Contains(message, error.Message, StringComparison.Ordinal);
        Assert.NotEmpty(error.Mend);
        Assert.Equal(description.File, error.Place.File);
        if (!message.StartsWith("YAML", StringComparison.Ordinal)) Assert.Equal((description.Line, description.Column), (error.Place.Line, error.Place.Column));
    }

    [Fact]
    public void All_mistakes_are_reported_not_just_the_first()
    {
        using var description = new Describe("nam: t\npartitions:\n  - name: alice\n    image: nowhere.elf\n    slice: 3\n    capabilities:\n      - consol: [write]\nedges:\n  - { name: e, from: alice, to: bob }\n");
        var lines = description.Bag.All.Where(d => d.Severity == Severity.Error).Select(d => d.Place.Line).Distinct();
        Assert.Equal([1, 4, 5, 7, 9], lines);
    }

    [Theory]
    [InlineData("capabilites", "did you mean `capabilities`?")]
    [InlineData("wittness_quota", "did you mean `witness_quota`?")]
    public void A_misspelt_key_is_answered_with_the_right_one(string key, string mend)
    {
        using var description = new Describe(Alice + $"    {key}: 5\n");
        Assert.Contains(mend, Assert.Single(description.Bag.All).Mend, StringComparison.Ordinal);
    }

    [Fact]
    public void A_cycle_in_delegation_is_refused_and_names_the_way()
    {
        using var description = new Describe(
            Alice + "    capabilities:\n      - { console: [write, grant], from: bob }\n" + Bob + "    capabilities:\n      - { console: [write, grant], from: alice }\n");
        Assert.Null(description.Plan);
        Assert.Contains(description.Bag.All, d => d.Message == "a cycle in delegation: alice from bob from alice" && d.Place.Line == 6);
        Assert.Contains(description.Bag.All, d => d.Message == "a cycle in delegation: bob from alice from bob" && d.Place.Line == 10);
    }

    [Fact]
    public void A_derivation_of_more_than_eight_steps_is_refused()
    {
        var chain = string.Concat(Enumerable.Range(0, 10).Select(i =>
            $"  - name: p{i}\n    image: guest.elf\n    capabilities:\n      - {{ console: [write, grant]{(i == 0 ? "" : $", from: p{i - 1}")} }}\n"));
        using var description = new Describe("name: t\npartitions:\n" + chain);
        var errors = description.Bag.All.Where(d => d.Severity == Severity.Error).ToList();
        Assert.Equal(42, Assert.Single(errors).Place.Line);
        Assert.Contains("more than 8 steps", errors[0].Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Too_many_things_are_refused()
    {
        using var partitions = new Describe("name: t\npartitions:\n  - { name: a, image: guest.elf, count: 100 }\n  - { name: b, image: guest.elf, count: 100 }\n");
        Assert.Contains(partitions.Bag.All, d => d.Message == "200 partitions are too many");
        using var slots = new Describe(Alice + "    capabilities:\n" + string.Concat(Enumerable.Repeat("      - console: [write]\n", 33)));
        Assert.Contains(slots.Bag.All, d => d.Message.StartsWith("`alice` needs 33 capability slots", StringComparison.Ordinal));
        var many = string.Concat(Enumerable.Range(0, 31).Select(i => $"      - {{ name: r{i}, policy: slab, size: 4KiB }}\n"));
        using var regions = new Describe("name: t\npartitions:\n  - name: a\n    count: 16\n    image: guest.elf\n    regions:\n" + many);
        Assert.Contains(regions.Bag.All, d => d.Message.StartsWith("528 regions are too many", StringComparison.Ordinal));
        var edges = string.Concat(Enumerable.Range(0, 257).Select(i => $"  - {{ name: e{i}, from: a-{i % 100 + 1}, to: a-{(i + 1) % 100 + 1} }}\n"));
        using var toomany = new Describe("name: t\npartitions:\n  - { name: a, image: guest.elf, count: 100 }\nedges:\n" + edges);
        Assert.Contains(toomany.Bag.All, d => d.Message == "257 edges are too many");
        var images = string.Concat(Enumerable.Range(0, 65).Select(i => $"  - {{ name: i{i}, image: guest.elf }}\n"));
        var devices = string.Concat(Enumerable.Range(0, 33).Select(i => $"  - {{ name: d{i}, address: 0x{0x0c00_0000 + i * 4096:x} }}\n"));
        using var leased = new Describe("devices:\n" + devices + Alice);
        Assert.Contains(leased.Bag.All, d => d.Message == "33 devices are too many" && d.Place.Line == 34);
        using var bundle = new Describe(Alice + "images:\n" + images);
        Assert.Contains(bundle.Bag.All, d => d.Message == "65 different images are too many");
    }

    [Fact]
    public void A_missing_description_is_one_error()
    {
        var bag = new DiagnosticBag();
        Assert.Null(Planning.Planner.FromFile("/nowhere/system.yaml", bag));
        Assert.Equal("the file does not exist", Assert.Single(bag.All).Message);
    }

    [Fact]
    public void A_device_that_masters_the_bus_needs_consent()
    {
        using var description = new Describe(Alice + "    regions:\n      - { name: d, policy: device, size: 16KiB, address: 0x0a000000, dma: allow }\n");
        Assert.NotNull(description.Plan);
    }
}
