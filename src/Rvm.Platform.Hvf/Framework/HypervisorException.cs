namespace Rvm.Platform.Hvf.Framework;

/// <summary>A call of the framework that failed. Each <see cref="HvReturn"/> has its own type, except those that no documentation names.</summary>
public class HypervisorException(string call, HvReturn code, string meaning) : Exception($"{call}: {meaning} ({Name(code)})")
{
    /// <summary>The framework's call.</summary>
    public string Call { get; } = call;

    /// <summary>What it returned.</summary>
    public HvReturn Code { get; } = code;

    /// <summary>Throws unless a call succeeded.</summary>
    public static void Check(HvReturn code, string call) => _ = code == HvReturn.Success ? code : throw Of(code, call);

    /// <summary>The exception for a code.</summary>
    public static HypervisorException Of(HvReturn code, string call) => code switch
    {
        HvReturn.Error => new HypervisorErrorException(call),
        HvReturn.Busy => new HypervisorBusyException(call),
        HvReturn.BadArgument => new HypervisorBadArgumentException(call),
        HvReturn.IllegalGuestState => new HypervisorGuestStateException(call),
        HvReturn.NoResources => new HypervisorNoResourcesException(call),
        HvReturn.NoDevice => new HypervisorNoDeviceException(call),
        HvReturn.Denied => new HypervisorDeniedException(call),
        HvReturn.Fault => new HypervisorFaultException(call),
        HvReturn.Unsupported => new HypervisorUnsupportedException(call),
        _ => new HypervisorException(call, code, "failed"),
    };

    private static string Name(HvReturn code) => Enum.IsDefined(code) ? $"HV_{code}, 0x{(uint)code:x}" : $"0x{(uint)code:x}";
}

public sealed class HypervisorErrorException(string call) : HypervisorException(call, HvReturn.Error, "failed; for hv_vm_map: the range overlaps another one");
public sealed class HypervisorBusyException(string call) : HypervisorException(call, HvReturn.Busy, "the VM or the vCPU is in use; a process has one VM, a thread one vCPU");
public sealed class HypervisorBadArgumentException(string call) : HypervisorException(call, HvReturn.BadArgument, "an argument is invalid or not aligned, or a vCPU was used on another thread than its own");
public sealed class HypervisorGuestStateException(string call) : HypervisorException(call, HvReturn.IllegalGuestState, "the guest's state is illegal");
public sealed class HypervisorNoResourcesException(string call) : HypervisorException(call, HvReturn.NoResources, "the host has no resources left");
public sealed class HypervisorNoDeviceException(string call) : HypervisorException(call, HvReturn.NoDevice, "there is no VM or no vCPU");
public sealed class HypervisorDeniedException(string call) : HypervisorException(call, HvReturn.Denied, "denied: sign the program with the entitlement com.apple.security.hypervisor (docs/platforms.md)");
public sealed class HypervisorFaultException(string call) : HypervisorException(call, HvReturn.Fault, "a fault");
public sealed class HypervisorUnsupportedException(string call) : HypervisorException(call, HvReturn.Unsupported, "this system does not support it");
