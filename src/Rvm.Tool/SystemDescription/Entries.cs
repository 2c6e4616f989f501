using Rvm.Diagnostics;

namespace Rvm.Tool.SystemDescription;

/// <summary>A system description as its file says it: syntax and types checked, nothing resolved.</summary>
/// <param name="Name">Name of the system; names the output files.</param>
/// <param name="Memory">RAM of the machine in bytes.</param>
/// <param name="Policy">The file of its policy; null: it has none.</param>
/// <param name="StandbyPolicy">The file of the one that policy_activate can put in its place; null: there is none.</param>
public sealed record SystemEntry(
    Located<string> Name, Located<ulong> Memory, IReadOnlyList<PartitionEntry> Partitions,
    IReadOnlyList<EdgeEntry> Edges, IReadOnlyList<ImageEntry> Images, IReadOnlyList<GroupEntry> Groups, Located<string>? Policy,
    Located<string>? StandbyPolicy, Place Place)
{
    /// <summary>Regions that several partitions may read.</summary>
    public IReadOnlyList<SharedEntry> Shared { get; init; } = [];

    /// <summary>Devices that partitions can lease.</summary>
    public IReadOnlyList<DeviceEntry> Devices { get; init; } = [];
}

/// <summary>A device that whoever holds a capability for it may lease for a time, one partition at a time. Address and size in bytes.</summary>
public sealed record DeviceEntry(Located<string> Name, Located<ulong>? Address, Located<ulong> Size, bool AllowsDma, Place Place)
{
    /// <summary>The device as a region of whoever leases it.</summary>
    public RegionEntry Region => new(Name, RegionPolicy.Device, Size, Address, Rights.None, AllowsDma, [], Place);
}

/// <summary>A region that whoever holds a capability for it may read, and nobody may write: the bytes of a file, then zeros.</summary>
/// <param name="Size">In bytes; null: as many pages as the file needs.</param>
public sealed record SharedEntry(Located<string> Name, Located<string> File, Located<ulong>? Size, Place Place);

/// <summary>A name for several partitions, for the policy.</summary>
public sealed record GroupEntry(Located<string> Name, IReadOnlyList<Located<string>> Members);

/// <summary>A guest image: a file, and for a raw one where it goes. Addresses and sizes in bytes.</summary>
public sealed record ImageSource(
    Located<string> Path, Located<ulong>? Load, Located<ulong>? Entry, Located<ulong>? Code, Located<ulong>? Data);

/// <summary>An extra image for partition_create.</summary>
public sealed record ImageEntry(Located<string> Name, ImageSource Source, Place Place);

/// <summary>A partition, or <paramref name="Count"/> of them.</summary>
/// <param name="Slice">Counts that it runs at most before others do.</param>
/// <param name="Deadline">Relative deadline in counts.</param>
/// <param name="Budget">Full slices that it may use up; 0: no limit.</param>
/// <param name="WitnessQuota">Records that it may cause; null: an even share of what is free.</param>
public sealed record PartitionEntry(
    Located<string> Name, ImageSource Image, Located<ulong> Slice, Located<ulong> Deadline, Located<ulong> Budget,
    Located<ulong>? WitnessQuota, bool Start, Located<ulong>? Count, IReadOnlyList<CapabilityEntry> Capabilities,
    IReadOnlyList<RegionEntry> Regions, Place Place);

/// <summary>A capability that a partition holds from the start.</summary>
/// <param name="Target">The partition, the shared region or the device that it names; null for the other kinds.</param>
/// <param name="From">The partition whose capability it is derived from; null: it has no parent.</param>
public sealed record CapabilityEntry(ObjectKind Kind, Located<string>? Target, Rights Rights, Located<string>? From, Place Place)
{
    /// <summary>Windows on the shared region that it names.</summary>
    public IReadOnlyList<MapEntry> Maps { get; init; } = [];
}

/// <summary>Memory or a device besides the image. Sizes and addresses in bytes.</summary>
public sealed record RegionEntry(
    Located<string> Name, RegionPolicy Policy, Located<ulong> Size, Located<ulong>? Address, Rights Rights, bool AllowsDma,
    IReadOnlyList<MapEntry> Maps, Place Place);

/// <summary>A window on a region. All in bytes; <paramref name="Size"/> null: to the region's end.</summary>
public sealed record MapEntry(Located<ulong> Ipa, MapPermission? Permission, Located<ulong> Offset, Located<ulong>? Size, Place Place);

/// <summary>A one-way connection between two partitions.</summary>
public sealed record EdgeEntry(
    Located<string> Name, Located<string> From, Located<string> To, Located<ulong> Capacity, Rights FromRights, Rights ToRights, Place Place);
