using Rvm.Diagnostics;

namespace Rvm.Tool.SystemDescription;

/// <summary>Reads a system description's text into entries. Reports every error; returns null only when nothing could be read.</summary>
public sealed class DescriptionReader
{
    /// <summary>The keys of every kind of entry; <c>systems/system.schema.json</c> knows the same.</summary>
    public static readonly IReadOnlyDictionary<string, string[]> Keys = new Dictionary<string, string[]>
    {
        ["system"] = ["name", "memory", "partitions", "edges", "images", "shared", "devices", "groups", "policy", "standby_policy"],
        ["partition"] =
        [
            "name", "image", "load", "entry", "code", "data", "slice", "deadline", "budget", "witness_quota", "start", "count",
            "capabilities", "regions",
        ],
        ["capability"] = ["console", "witness_log", "memory_pool", "policy", "partition", "shared", "device", "rights", "from", "map"],
        ["shared"] = ["name", "file", "size"],
        ["device"] = ["name", "address", "size", "dma"],
        ["region"] = ["name", "policy", "size", "address", "rights", "dma", "map"],
        ["map"] = ["ipa", "permission", "offset", "size"],
        ["edge"] = ["name", "from", "to", "capacity", "rights"],
        ["edge_rights"] = ["from", "to"],
        ["image"] = ["name", "image", "load", "entry", "code", "data"],
    };

    private const ulong DefaultSlice = Abi.TimerHertz / 1000;
    private const ulong DefaultDeadline = Abi.TimerHertz / 100;
    private readonly DiagnosticBag _bag;

    private DescriptionReader(DiagnosticBag bag) => _bag = bag;

    /// <summary>Reads the description that <paramref name="text"/> holds; <paramref name="file"/> is its name in reports.</summary>
    public static SystemEntry? Read(string file, string text, DiagnosticBag bag) =>
        YamlTree.Read(file, text, bag) is { } root ? new DescriptionReader(bag).System(root) : null;

    /// <summary>Reads the description in <paramref name="file"/>; null after a report.</summary>
    public static SystemEntry? FromFile(string file, DiagnosticBag bag)
    {
        try
        {
            return Read(file, File.ReadAllText(file), bag);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            bag.Error(Place.Whole(file), File.Exists(file) ? $"cannot be read: {e.Message}" : "the file does not exist", "name a system description, such as systems/hello.yaml");
            return null;
        }
    }

    private SystemEntry? System(Node root)
    {
        if (MappingReader.Open(root, "the system", Keys["system"], _bag) is not { } map) return null;
        var name = Name(map, 63, "my-system");
        var memory = map.Size("memory", "1GiB") ?? new(1UL << 30, map.PlaceOf("memory"));
        var partitions = Each(map, "partitions", Partition);
        if (map.Optional("partitions") is null or ScalarNode { IsNull: true } or SequenceNode { Items.Count: 0 })
            _bag.Error(map.PlaceOf("partitions"), "the system has no partitions", "add `partitions:` with at least one entry");
        var edges = Each(map, "edges", Edge);
        var images = Each(map, "images", Image);
        return new(name, memory, partitions, edges, images, Groups(map), map.OptionalText("policy", "../policies/tenants.rvmp"),
            map.OptionalText("standby_policy", "../policies/closed.rvmp"), map.Place) { Shared = Each(map, "shared", Shared), Devices = Each(map, "devices", Device) };
    }

    private DeviceEntry? Device(Node node)
    {
        if (MappingReader.Open(node, "a device", Keys["device"], _bag) is not { } map) return null;
        var name = Name(map, 31, "rtc");
        var address = map.Size("address", "0x09010000");
        var size = map.Size("size", "4KiB") ?? new(Abi.Page, map.Place);
        return new(name, address, size, map.Choice("dma", DmaWords, required: false) ?? false, map.Place);
    }

    private SharedEntry? Shared(Node node)
    {
        if (MappingReader.Open(node, "a shared region", Keys["shared"], _bag) is not { } map) return null;
        var name = Name(map, 31, "model");
        var file = map.Text("file", "../artifacts/guests/model.bin");
        return file is null ? null : new(name, file, map.Size("size", "64KiB"), map.Place);
    }

    private PartitionEntry? Partition(Node node)
    {
        if (MappingReader.Open(node, "a partition", Keys["partition"], _bag) is not { } map) return null;
        var name = Name(map, 15, "alice");
        return new(
            name, Source(map), map.Counts("slice", DefaultSlice, Abi.LeastSlice), map.Counts("deadline", DefaultDeadline),
            map.Integer("budget", 0, uint.MaxValue) ?? new(0, map.Place), map.Integer("witness_quota", 1, Abi.RingRecords),
            map.Flag("start", true), map.Integer("count", 1, Abi.MaxPartitions),
            Each(map, "capabilities", Capability), Each(map, "regions", Region), map.Place);
    }

    private ImageEntry? Image(Node node) =>
        MappingReader.Open(node, "an image", Keys["image"], _bag) is { } map ? new(Name(map, 31, "worker"), Source(map), map.Place) : null;

    private static ImageSource Source(MappingReader map)
    {
        var path = map.Text("image", "../artifacts/guests/guest.elf") ?? new("", map.Place);
        return new(path, map.Size("load", "0x40000000"), map.Size("entry", "0x40000000"), map.Size("code", "4KiB"), map.Size("data", "64KiB"));
    }

    private CapabilityEntry? Capability(Node node)
    {
        if (MappingReader.Open(node, "a capability", Keys["capability"], _bag) is not { } map) return null;
        var kinds = CapabilityKinds.Where(k => map.Has(k.Key)).ToList();
        if (kinds.Count != 1)
        {
            _bag.Error(map.Place, kinds.Count == 0 ? "a capability without an object" : $"a capability with {kinds.Count} objects",
                "name exactly one of console: [rights], witness_log: [rights], memory_pool: [rights], policy: [rights], partition: NAME, shared: NAME, device: NAME");
            return null;
        }

        var (key, kind) = kinds[0];
        var from = map.OptionalText("from", "alice");
        if (kind == ObjectKind.Partition)
        {
            if (map.Text("partition", "bob") is not { } target) return null;
            if (map.Has("map")) _bag.Error(map.PlaceOf("map"), "`map` does not go with `partition`", "only a shared region is mapped here");
            if (!map.Has("rights")) _bag.Error(map.Place, "a partition capability has no `rights`", "add rights: [write, revoke]");
            return new(kind, target, map.RightsOf("rights", Rights.None), from, map.Place);
        }

        if (kind == ObjectKind.Region)
        {
            if (map.Text("shared", "model") is not { } target) return null;
            var rights = map.RightsOf("rights", Rights.Read);
            if (rights.HasFlag(Rights.Write)) _bag.Error(map.PlaceOf("rights"), $"nobody can write the shared region `{target.Value}`", "remove `write` from its rights");
            return new(kind, target, rights, from, map.Place) { Maps = Maps(map) };
        }

        if (kind == ObjectKind.DeviceLease)
        {
            if (map.Text("device", "rtc") is not { } target) return null;
            if (map.Has("map")) _bag.Error(map.PlaceOf("map"), "`map` does not go with `device`", "device_lease_acquire maps it, where the guest asks for it");
            return new(kind, target, map.RightsOf("rights", Rights.Lease | Rights.Prove), from, map.Place);
        }

        if (map.Has("map")) _bag.Error(map.PlaceOf("map"), $"`map` does not go with `{key}`", "only a shared region is mapped here; write it in `regions` for one of the partition's own");
        if (map.Has("rights")) _bag.Error(map.PlaceOf("rights"), $"`rights` does not go with `{key}`", $"write {key}: [write], rights in brackets");
        return new(kind, null, map.RightsOf(key, Rights.None), from, map.Place);
    }

    private static readonly IReadOnlyDictionary<string, ObjectKind> CapabilityKinds = new Dictionary<string, ObjectKind>
    {
        ["console"] = ObjectKind.Console, ["witness_log"] = ObjectKind.WitnessLog,
        ["memory_pool"] = ObjectKind.PhysMemPool, ["policy"] = ObjectKind.Policy, ["partition"] = ObjectKind.Partition,
        ["shared"] = ObjectKind.Region, ["device"] = ObjectKind.DeviceLease,
    };

    private RegionEntry? Region(Node node)
    {
        if (MappingReader.Open(node, "a region", Keys["region"], _bag) is not { } map) return null;
        var name = Name(map, 31, "shared");
        var policy = map.Choice("policy", Names.PolicyByName, required: true);
        var size = map.Size("size", "64KiB", required: true);
        var address = map.Size("address", "0x09030000");
        var writable = policy is RegionPolicy.Slab or RegionPolicy.Device;
        var rights = map.RightsOf("rights", writable ? Rights.Read | Rights.Write : Rights.Read);
        var dma = map.Choice("dma", DmaWords, required: false) ?? false;
        return policy is { } p && size is { } s ? new(name, p, s, address, rights, dma, Maps(map), map.Place) : null;
    }

    private IReadOnlyList<MapEntry> Maps(MappingReader map) => map.Optional("map") switch
    {
        null => [],
        SequenceNode list => Each(list.Items, Window),
        var one => Each([one], Window),
    };

    private static readonly IReadOnlyDictionary<string, bool> DmaWords = new Dictionary<string, bool> { ["refuse"] = false, ["allow"] = true };

    private MapEntry? Window(Node node)
    {
        if (MappingReader.Open(node, "a map", Keys["map"], _bag) is not { } map) return null;
        var ipa = map.Size("ipa", "0x50000000", required: true);
        var permission = map.Choice("permission", Names.PermissionByName, required: false);
        var offset = map.Size("offset", "0") ?? new(0, map.Place);
        return ipa is null ? null : new(ipa, permission, offset, map.Size("size", "4KiB"), map.Place);
    }

    private EdgeEntry? Edge(Node node)
    {
        if (MappingReader.Open(node, "an edge", Keys["edge"], _bag) is not { } map) return null;
        var name = Name(map, 31, "a-to-b");
        var from = map.Text("from", "alice");
        var to = map.Text("to", "bob");
        var capacity = map.Integer("capacity", 1, Abi.MaxQueue) ?? new(Abi.MaxQueue, map.Place);
        var (source, destination) = (Rights.Write | Rights.Revoke | Rights.Grant, Rights.Read | Rights.Revoke | Rights.Grant);
        if (map.Optional("rights") is { } rights && MappingReader.Open(rights, "an edge's rights", Keys["edge_rights"], _bag) is { } both)
            (source, destination) = (both.RightsOf("from", source), both.RightsOf("to", destination));
        return from is null || to is null ? null : new(name, from, to, capacity, source, destination, map.Place);
    }

    private List<GroupEntry> Groups(MappingReader map)
    {
        if (map.Optional("groups") is not { } node || node is ScalarNode { IsNull: true }) return [];
        if (node is MappingNode groups) return [.. groups.Entries.Select(g => new GroupEntry(CheckName(new(g.Key.Text, g.Key.Place), 31), Members(g.Value)))];
        _bag.Error(node.Place, $"`groups` is {node.Describe}", "write a mapping: groups: { tenants: [alice, bob] }");
        return [];
    }

    private List<Located<string>> Members(Node node)
    {
        List<Located<string>> members = [];
        foreach (var item in node is SequenceNode list ? list.Items : [node])
            if (node is SequenceNode && item is ScalarNode { IsNull: false } name) members.Add(new(name.Text, name.Place));
            else _bag.Error(item.Place, $"{item.Describe} is not a list of partitions", "write their names in brackets: [alice, bob]");
        return members;
    }

    private Located<string> Name(MappingReader map, int longest, string example) =>
        map.Text("name", example) is { } name ? CheckName(name, longest) : new("", map.Place);

    private Located<string> CheckName(Located<string> name, int longest)
    {
        if (name.Value.Length is 0 || name.Value.Length > longest || !name.Value.All(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c == '-'))
            _bag.Error(name.Place, $"`{name.Value}` is not a name", $"use 1 to {longest} characters out of a-z, 0-9 and -");
        return name;
    }

    private IReadOnlyList<T> Each<T>(MappingReader map, string key, Func<Node, T?> read) where T : class => Each(map.List(key), read);

    private static IReadOnlyList<T> Each<T>(IReadOnlyList<Node> nodes, Func<Node, T?> read) where T : class =>
        [.. nodes.Select(read).OfType<T>()];
}
