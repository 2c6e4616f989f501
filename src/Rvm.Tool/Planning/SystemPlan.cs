using Rvm.Diagnostics;
using Rvm.Policy.Binding;
using Rvm.Policy.Table;
using Rvm.Tool.Image;

namespace Rvm.Tool.Planning;

/// <summary>A checked system: everything has its number, and the kernel is expected to accept it.</summary>
/// <param name="Name">Name of the system.</param>
/// <param name="Memory">RAM of the machine in bytes.</param>
/// <param name="Names">The names that its policy can use.</param>
/// <param name="Policies">None, its policy, or its policy and the one that stands by.</param>
public sealed record SystemPlan(
    string Name, ulong Memory, IReadOnlyList<PlannedImage> Images, IReadOnlyList<PlannedPartition> Partitions,
    IReadOnlyList<PlannedRegion> Regions, IReadOnlyList<PlannedEdge> Edges, SystemNames Names,
    IReadOnlyList<PlannedPolicy> Policies)
{
    /// <summary>Regions that whoever holds a capability for them may read.</summary>
    public IReadOnlyList<PlannedShared> Shared { get; init; } = [];

    /// <summary>Devices that whoever holds a capability for them may lease.</summary>
    public IReadOnlyList<PlannedDevice> Devices { get; init; } = [];
}

/// <summary>A device that can be leased.</summary>
/// <param name="Id">Its number, from 0: what capabilities for it name.</param>
public sealed record PlannedDevice(int Id, string Name, ulong FirstFrame, ulong Pages, Place Place);

/// <summary>A shared region: contents, then zeros.</summary>
/// <param name="Id">Its number, images' regions counted.</param>
public sealed record PlannedShared(int Id, string Name, ulong Pages, byte[] Contents, Place Place);

/// <summary>A policy and the table that the kernel gets.</summary>
public sealed record PlannedPolicy(BoundPolicy Policy, PolicyTable Table);

/// <summary>An image of the bundle.</summary>
/// <param name="Index">Its number, from 0: what partition_create names.</param>
/// <param name="Name">Its name under <c>images:</c>, or its file's.</param>
public sealed record PlannedImage(int Index, string Name, string Path, FlatImage Image, Place Place);

/// <summary>A partition with its boot capabilities. Slice and deadline in counts, quota in records.</summary>
/// <param name="Id">Its number, from 1.</param>
public sealed record PlannedPartition(
    int Id, string Name, int Image, ulong Slice, ulong Deadline, ulong Budget, ulong WitnessQuota, bool Start,
    IReadOnlyList<PlannedCapability> Capabilities, IReadOnlyList<PlannedSlot> Slots, Place Place);

/// <summary>A capability that a CAP command gives. <paramref name="Object"/> is the number of a partition, of a shared region or of a device, or 0.</summary>
public sealed record PlannedCapability(ObjectKind Kind, int Object, Rights Rights, Place Place)
{
    /// <summary>Windows on the shared region, mapped at boot.</summary>
    public IReadOnlyList<PlannedMap> Maps { get; init; } = [];
}

/// <summary>A filled capability slot, as tables show it.</summary>
public sealed record PlannedSlot(int Slot, ObjectKind Kind, string Object, Rights Rights)
{
    /// <summary>The handle that the guest uses.</summary>
    public ulong Handle => Abi.Handle(Slot);
}

/// <summary>A region besides the images' own ones.</summary>
/// <param name="Id">Its number, from 0, images' regions counted.</param>
/// <param name="Owner">Number of the owning partition.</param>
/// <param name="FirstFrame">First frame of a device; 0 for memory.</param>
public sealed record PlannedRegion(
    int Id, string Name, int Owner, RegionPolicy Policy, ulong Pages, ulong FirstFrame, Rights Rights,
    IReadOnlyList<PlannedMap> Maps, Place Place);

/// <summary>A window on a region, in pages.</summary>
public sealed record PlannedMap(ulong IpaPage, ulong FirstPage, ulong Pages, MapPermission Permission, Place Place);

/// <summary>An edge between two partitions, by their numbers.</summary>
public sealed record PlannedEdge(
    int Id, string Name, int From, int To, ulong Capacity, Rights FromRights, Rights ToRights, Place Place);
