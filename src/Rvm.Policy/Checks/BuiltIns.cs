using Rvm.Policy.Binding;
using Rvm.Policy.Smt;

namespace Rvm.Policy.Checks;

/// <summary>What the built-in checks may know about the system.</summary>
/// <param name="Network">Partitions that hold a network device, ascending; null: unknown.</param>
/// <param name="Operators">Partitions that may replace the policy, ascending; null: unknown.</param>
public sealed record SystemFacts(IReadOnlyList<int>? Network, IReadOnlyList<int>? Operators)
{
    /// <summary>The virtio devices of the machine: addresses of their registers.</summary>
    public const ulong VirtioFirst = 0x0A00_0000, VirtioLast = 0x0A00_3FFF;

    /// <summary>What the policy's groups `network` and `operators` say; partitions with virtio registers count as network too.</summary>
    /// <param name="withVirtio">Partitions that own a device region among the virtio registers; null: no system description.</param>
    public static SystemFacts Of(BoundPolicy policy, IReadOnlyCollection<int>? withVirtio)
    {
        var named = policy.Groups.GetValueOrDefault("network");
        IReadOnlyList<int>? network = named is null && withVirtio is null ? null : [.. (named ?? []).Concat(withVirtio ?? []).Distinct().Order()];
        return new(network, policy.Groups.GetValueOrDefault("operators"));
    }
}

/// <summary>Something that no policy should permit, whatever its author wants.</summary>
/// <param name="Name">As in <c>allow NAME "reason"</c>.</param>
/// <param name="Reason">One line.</param>
/// <param name="Calls">The calls that it is about.</param>
/// <param name="Forbidden">The requests of a call that must not be permitted; null: the check does not apply to this system.</param>
public sealed record BuiltIn(string Name, string Reason, IReadOnlyList<Call> Calls, Func<SystemFacts, Call, Term?> Forbidden);

/// <summary>The built-in checks (docs/policy.md, «Built-in checks»).</summary>
public static class BuiltIns
{
    private const ulong Read = 1 << 0, Write = 1 << 1, Grant = 1 << 2, GrantOnce = 1 << 3, Witness = 1 << 11;

    private const ulong Immutable = 0, Slab = 2, Device = 3, NoRegion = 15, DevicePermission = 3, NoPermission = 15, Lease = 8;

    private const int PageBits = 12;

    /// <summary>All of them, in the order of reports.</summary>
    public static readonly IReadOnlyList<BuiltIn> All =
    [
        new("interrupt-controller", "Who holds the interrupt controller's registers can silence or wake every partition.",
            Named("cap_grant", "region_map", "region_share", "region_transfer", "device_lease_acquire", "lease_renew"),
            (_, call) => DeviceWithin(call, 0x0800_0000, 0x08FF_FFFF)),
        new("hypervisor-uart", "The console's UART is the hypervisor's: a second driver mixes or forges its lines.",
            Named("cap_grant", "region_map", "region_share", "region_transfer", "device_lease_acquire", "lease_renew"),
            (_, call) => DeviceWithin(call, 0x0900_0000, 0x0900_0FFF)),
        new("slab-leaves-owner", "Slab memory is reused inside its owner: another partition would read what remains in it.",
            Named("cap_grant", "region_share"), (_, _) => Terms.And(Is(Fields.RegionPolicy, Slab), ToAnother())),
        new("deepest-delegation", "A capability at depth 8 cannot be handed on: such a permit promises what the kernel refuses.",
            Named("cap_grant"), (_, _) => Is(Fields.Depth, 8)),
        new("witness-to-network", "Who reads the witness log and holds a network device can tell the world what every partition does.",
            Named("cap_grant"), (system, _) => system.Network is { } network ? Terms.And(HasAll(Witness), OneOf(Fields.Target, network)) : null),
        new("device-write-and-grant", "Who may write a device and hand it on makes further owners that nobody has chosen.",
            Named("cap_grant"), (_, _) => Terms.And(Is(Fields.RegionPolicy, Device), HasAll(Write), HasAny(Grant | GrantOnce), ToAnother())),
        new("immutable-written", "An immutable region that somebody may write is not immutable.",
            Named("cap_grant"), (_, _) => Terms.And(Is(Fields.RegionPolicy, Immutable), HasAll(Write))),
        new("device-as-memory", "Device registers that are mapped as ordinary memory are read ahead and out of order.",
            Named("region_map"), (_, _) => Terms.And(Is(Fields.RegionPolicy, Device),
                Terms.Not(OneOf(Fields.Permission, [(int)DevicePermission, (int)NoPermission])))),
        new("policy-from-anyone", "Who activates a policy can undo every rule of this one: only the group `operators` may.",
            Named("policy_activate"), (system, _) => Terms.Not(OneOf(Fields.Caller, system.Operators ?? []))),
    ];

    /// <summary>The check of this name; null when there is none.</summary>
    public static BuiltIn? Find(string name) => All.FirstOrDefault(b => b.Name == name);

    private static IReadOnlyList<Call> Named(params string[] names) => [.. names.Select(Binding.Calls.Named)];

    private static Term Is(Field field, ulong value) => Terms.Equal(RequestSpace.Of(field), Terms.Number(value));

    private static Term OneOf(Field field, IEnumerable<int> values) => Terms.Or(values.Select(v => Is(field, (ulong)v)));

    private static Term HasAll(ulong mask) => Terms.Equal(Terms.Mask(RequestSpace.Of(Fields.Rights), mask), Terms.Number(mask));

    private static Term HasAny(ulong mask) => Terms.Not(Terms.Equal(Terms.Mask(RequestSpace.Of(Fields.Rights), mask), Terms.Number(0)));

    private static Term ToAnother() => Terms.And(Terms.Not(Is(Fields.Target, 0)),
        Terms.Not(Terms.Equal(RequestSpace.Of(Fields.Target), RequestSpace.Of(Fields.Caller))));

    /// <summary>
    /// A device that shares a frame with the bytes from first to last, as a region or as one that can be leased. One without pages counts as one frame.
    /// A lease is asked for a device whatever else the request says; the right to one is granted with a capability that names no region.
    /// </summary>
    private static Term DeviceWithin(Call call, ulong first, ulong last)
    {
        var (address, size) = (RequestSpace.Of(Fields.Address), RequestSpace.Of(Fields.Size));
        var end = Terms.Add(address, size);
        var overlaps = Terms.And(
            Terms.AtMost(address, Terms.Number(last >> PageBits)),
            Terms.Or(Terms.Below(Terms.Number(first >> PageBits), end), Terms.Equal(address, Terms.Number(first >> PageBits))));
        var (region, lease) = (Is(Fields.RegionPolicy, Device), Terms.And(Is(Fields.Kind, Lease), Is(Fields.RegionPolicy, NoRegion)));
        return call.Name switch
        {
            "device_lease_acquire" or "lease_renew" => overlaps,
            "cap_grant" => Terms.And(Terms.Or(region, lease), overlaps),
            _ => Terms.And(region, overlaps),
        };
    }
}
