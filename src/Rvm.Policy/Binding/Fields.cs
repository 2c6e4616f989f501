namespace Rvm.Policy.Binding;

/// <summary>The types of the language. Values of different types cannot be compared.</summary>
public enum FieldType { Number, Size, Address, Time, Partition, Rights, Kind, RegionPolicy, Tier, Permission, Mode, Call }

/// <summary>One of the 18 values of a request (docs/policy.md, «The fields»).</summary>
/// <param name="Index">Its number in the table.</param>
/// <param name="Name">Its name in the language.</param>
/// <param name="Type">What it may be compared with.</param>
/// <param name="Scale">One unit of the request in units of the source: 4096 bytes for a page or frame, 16 ns for a count, else 1.</param>
/// <param name="Least">The least value that the kernel gives, in units of the request.</param>
/// <param name="Most">The greatest value that the kernel gives, in units of the request.</param>
/// <param name="Meaning">One line for tables.</param>
public sealed record Field(int Index, string Name, FieldType Type, int Scale, ulong Least, ulong Most, string Meaning)
{
    /// <summary>The only values that the kernel gives, ascending; null: every one from <see cref="Least"/> to <see cref="Most"/>.</summary>
    public IReadOnlyList<ulong>? Values { get; init; }

    /// <summary>Bits that hold every value of the domain.</summary>
    public int Width => 64 - System.Numerics.BitOperations.LeadingZeroCount(Most);

    /// <summary>True when <paramref name="value"/> lies in the field's domain.</summary>
    public bool Admits(ulong value) => value >= Least && value <= Most && (Values is null || Values.Contains(value));
}

/// <summary>The fields of a request, by number and by name.</summary>
public static class Fields
{
    public static readonly Field Caller = new(0, "caller", FieldType.Partition, 1, 1, 127, "the partition that calls");
    public static readonly Field Target = new(1, "target", FieldType.Partition, 1, 0, 127, "the partition acted on; none: there is none");
    public static readonly Field Kind = new(2, "kind", FieldType.Kind, 1, 0, 12, "what the capability shown names");
    public static readonly Field Object = new(3, "object", FieldType.Number, 1, 0, 511, "the number of the object");
    public static readonly Field RegionPolicy = new(4, "region_policy", FieldType.RegionPolicy, 1, 0, 15, "the region's policy; none: no region")
        { Values = [0, 1, 2, 3, 4, 15] };
    public static readonly Field Tier = new(5, "tier", FieldType.Tier, 1, 0, 3, "the region's tier (today always hot)");
    public static readonly Field Address = new(6, "address", FieldType.Address, 4096, 0, (1UL << 36) - 1, "where the region begins; 0: no region");
    public static readonly Field Size = new(7, "size", FieldType.Size, 4096, 0, (1UL << 32) - 1, "the size of the region, or the one asked for");
    public static readonly Field Permission = new(8, "permission", FieldType.Permission, 1, 0, 15, "of a mapping; none: no mapping")
        { Values = [0, 1, 2, 3, 15] };
    public static readonly Field Rights = new(9, "rights", FieldType.Rights, 1, 0, 0xFFF, "the rights asked for");
    public static readonly Field Depth = new(10, "depth", FieldType.Number, 1, 0, 8, "derivation depth of the capability shown");
    public static readonly Field Count = new(11, "count", FieldType.Number, 1, 0, 65_536, "capacity of an edge, witness quota of a new partition");
    public static readonly Field Budget = new(12, "budget", FieldType.Number, 1, 0, (1UL << 32) - 1, "slices of a new partition");
    public static readonly Field Image = new(13, "image", FieldType.Number, 1, 0, 63, "image of a new partition");
    public static readonly Field Now = new(14, "now", FieldType.Time, 16, 0, ulong.MaxValue, "the time since power-on");
    public static readonly Field Epoch = new(15, "epoch", FieldType.Number, 1, 0, ulong.MaxValue / CountsPerEpoch, "now in whole milliseconds");
    public static readonly Field Mode = new(16, "mode", FieldType.Mode, 1, 0, 2, "the scheduler's mode (today always flow)");
    public static readonly Field Duration = new(17, "duration", FieldType.Time, 16, 0, ulong.MaxValue, "for how long a lease is asked");

    /// <summary>Counts of the timer in one epoch: <c>epoch = now / 62500</c> in every request of the kernel.</summary>
    public const ulong CountsPerEpoch = 62_500;

    /// <summary>All fields, each at its number.</summary>
    public static readonly IReadOnlyList<Field> All =
    [
        Caller, Target, Kind, Object, RegionPolicy, Tier, Address, Size, Permission, Rights, Depth, Count, Budget, Image, Now, Epoch, Mode, Duration,
    ];

    /// <summary>All fields by their names.</summary>
    public static readonly IReadOnlyDictionary<string, Field> ByName = All.ToDictionary(f => f.Name);
}

/// <summary>Words that stand for values of the enumerated types.</summary>
public static class Enumerators
{
    private static readonly IReadOnlyDictionary<FieldType, IReadOnlyDictionary<string, ulong>> ByType =
        new Dictionary<FieldType, IReadOnlyDictionary<string, ulong>>
    {
        [FieldType.Partition] = new Dictionary<string, ulong> { ["none"] = 0 },
        [FieldType.Kind] = Numbered("task", "region", "queue", "timer", "vector_store", "graph_store", "partition", "edge", "lease", "witness_log",
            "memory_pool", "console", "policy"),
        [FieldType.RegionPolicy] = new Dictionary<string, ulong>(Numbered("immutable", "append_only", "slab", "device", "shared")) { ["none"] = 15 },
        [FieldType.Tier] = Numbered("hot", "warm", "dormant", "cold"),
        [FieldType.Permission] = new Dictionary<string, ulong>(Numbered("r", "rw", "rx", "device")) { ["none"] = 15 },
        [FieldType.Rights] = Bits("read", "write", "grant", "grant_once", "prove", "revoke", "split", "merge", "migrate", "hibernate", "lease",
            "witness"),
        [FieldType.Mode] = Numbered("reflex", "flow", "recovery"),
        [FieldType.Call] = Calls.All.ToDictionary(c => c.Name, c => (ulong)c.Number),
    };

    /// <summary>The words of a type with their values; none for numbers, sizes, addresses and times. A right's value is its bit.</summary>
    public static IReadOnlyDictionary<string, ulong> Of(FieldType type) =>
        ByType.TryGetValue(type, out var words) ? words : new Dictionary<string, ulong>();

    /// <summary>The word for a value, or null when the type has none.</summary>
    public static string? Word(FieldType type, ulong value) => Of(type).FirstOrDefault(w => w.Value == value).Key;

    /// <summary>The types that have a word of this name.</summary>
    public static IEnumerable<FieldType> With(string word) => ByType.Where(t => t.Value.ContainsKey(word)).Select(t => t.Key);

    private static Dictionary<string, ulong> Numbered(params string[] words) => words.Select((w, i) => (w, (ulong)i)).ToDictionary();

    private static Dictionary<string, ulong> Bits(params string[] words) => words.Select((w, i) => (w, 1UL << i)).ToDictionary();
}
