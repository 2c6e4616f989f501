namespace Rvm.Hosting.Native;

/// <summary>What a call returns: RVM_OK, a negative status of the kernel (docs/abi.md, above -1000), or one of these. rvm_hosting.h has the same numbers.</summary>
internal enum Status
{
    Ok = 0,
    Argument = -1001,
    State = -1002,
    Handle = -1003,
    NotStarted = -1004,
    NoFramework = -1005,
    Hypervisor = -1006,
    Ended = -1007,
    Internal = -1099,
}

/// <summary>rvm_config: what a VM shall have.</summary>
internal unsafe struct Config
{
    public ulong Memory;
    public byte* Name;
    public int Vcpus, Reserved;
}

/// <summary>rvm_exit: why a VM ended.</summary>
internal struct Exit
{
    public uint Kind, Reserved;
    public ulong Value;
}

/// <summary>rvm_info: what the machine offers and holds.</summary>
internal struct Info
{
    public ulong Hertz, Granule, Records;
    public uint MostVcpus, Vms;
}
