namespace Rvm.Tool.Run;

/// <summary>What a run needs to know.</summary>
/// <param name="Image">The bootable ELF file.</param>
/// <param name="Cores">Cores of the machine.</param>
/// <param name="Memory">RAM in bytes.</param>
/// <param name="Timeout">How long the run may take.</param>
/// <param name="Witness">File for the witness log; null: not saved.</param>
/// <param name="InstructionCount">True: time follows executed instructions, so that runs repeat exactly.</param>
/// <param name="Extra">Further arguments for QEMU.</param>
public sealed record QemuOptions(
    string Image, int Cores, ulong Memory, TimeSpan Timeout, string? Witness, bool InstructionCount, IReadOnlyList<string> Extra)
{
    /// <summary>Name of the emulator; the environment variable <c>RVM_QEMU</c> overrides it.</summary>
    public static string Program => Environment.GetEnvironmentVariable("RVM_QEMU") is { Length: > 0 } other ? other : "qemu-system-aarch64";

    /// <summary>The emulator's arguments; <paramref name="socket"/> is where it listens for its control connection. The machine stands still until <c>cont</c>, so that no event is missed.</summary>
    public IReadOnlyList<string> Arguments(string socket) =>
    [
        "-machine", "virt,virtualization=on,gic-version=3", "-cpu", "cortex-a72", "-m", $"{Memory >> 20}M", "-smp", $"{Cores}",
        "-nographic", "-nic", "none", "-monitor", "none", "-serial", "stdio", "-no-shutdown", "-S", "-qmp", $"unix:{socket},server=on,wait=off",
        .. InstructionCount ? (string[])["-icount", "shift=0"] : [],
        "-kernel", Image, .. Extra,
    ];
}
