namespace Rvm.Hosting;

/// <summary>What a VM shall have.</summary>
/// <param name="Memory">Bytes, at most <see cref="VmLayout.MostMemory"/>; rounded up to a size that the kernel has an image for.</param>
/// <param name="Vcpus">1: a partition has one.</param>
/// <param name="Name">At most 8 ASCII letters, digits or dashes go to the kernel.</param>
public sealed record VmConfig(ulong Memory = 1 << 20, int Vcpus = 1, string Name = "vm");

/// <summary>Where things are in a VM: code from 0x1000, read and execute; memory from 0x10000, read and write, zero at first. x0 is the partition's id.</summary>
public static class VmLayout
{
    /// <summary>First byte of the program.</summary>
    public const ulong Code = 0x1000;

    /// <summary>First byte of the writable memory.</summary>
    public const ulong Data = 0x1_0000;

    /// <summary>Most bytes of a program.</summary>
    public const int MostCode = (int)(Data - Code);

    /// <summary>Most memory, code included: what one mapping of the kernel covers.</summary>
    public const ulong MostMemory = 16 << 20;

    internal const ulong CodePages = Data / 4096;
    internal static readonly ulong[] DataPages = [16, 240, 1008, 4080];          // 128 KiB, 1 MiB, 4 MiB and 16 MiB with the code
}

/// <summary>Where a VM stands.</summary>
public enum VmState { Created, Runnable, Running, Halted, Destroyed }

/// <summary>Why a VM ended.</summary>
public enum ExitKind { Exited, Fault, BudgetUsed, Halted }

/// <summary>The end of a VM, as the kernel's log has it.</summary>
/// <param name="Kind">Why.</param>
/// <param name="Value">Exited: the status; Fault: the syndrome (ESR).</param>
public sealed record ExitReason(ExitKind Kind, ulong Value);

/// <summary>A map of a VM's own: intermediate physical address, bytes, what is allowed.</summary>
public sealed record VmMapping(ulong Address, ulong Bytes, bool Write, bool Execute);

/// <summary>What the machine offers and holds.</summary>
public sealed record HostInfo(ulong Hertz, ulong Granule, uint MostVcpus, ulong Records, int Vms);

/// <summary>A kernel capability of the host: what it names and the handle. Every operation on a VM needs a live one.</summary>
public readonly record struct Capability(ulong Handle);

/// <summary>The kernel refused a call.</summary>
/// <param name="call">Its name.</param>
/// <param name="status">The status of docs/abi.md, negative.</param>
public sealed class KernelRefusalException(string call, long status) : InvalidOperationException($"{call}: the kernel refuses: {Meaning(status)} ({status})")
{
    /// <summary>The status of docs/abi.md.</summary>
    public long Status { get; } = status;

    private static string Meaning(long status) => status switch
    {
        -1 => "Unsupported", -2 => "PartitionNotFound", -3 => "InvalidPartitionState", -4 => "PartitionLimitExceeded", -10 => "InsufficientCapability",
        -11 => "StaleCapability", -12 => "CapabilityTypeMismatch", -17 => "WitnessLogFull", -23 => "MemoryOverlap", -24 => "AlignmentError",
        -26 => "OutOfMemory", -33 => "ResourceLimitExceeded", _ => "a status of docs/abi.md",
    };
}
