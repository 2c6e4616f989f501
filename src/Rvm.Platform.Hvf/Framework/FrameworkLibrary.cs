namespace Rvm.Platform.Hvf.Framework;

/// <summary>Finds the framework. The same assembly binds to Apple's on macOS, and elsewhere to the library that <see cref="Path"/> names.</summary>
public static class FrameworkLibrary
{
    private const string Apple = "/System/Library/Frameworks/Hypervisor.framework/Hypervisor", AppleSystem = "/usr/lib/libSystem.B.dylib";
    private static readonly Lock Gate = new();
    private static nint hypervisor, system;

    /// <summary>A library with the framework's calls instead of Apple's; null: Apple's. Before the first call; the environment's RVM_HYPERVISOR is its first value.</summary>
    public static string? Path { get; set; } = Environment.GetEnvironmentVariable("RVM_HYPERVISOR") is { Length: > 0 } path ? path : null;

    /// <summary>Registers the resolver. <see cref="VirtualMachine"/> does it.</summary>
    static FrameworkLibrary() => NativeLibrary.SetDllImportResolver(typeof(FrameworkLibrary).Assembly, Resolve);

    /// <summary>Loads the framework. It is there from then on.</summary>
    /// <exception cref="PlatformNotSupportedException">There is none: not a Mac, and no other library was named.</exception>
    public static void Load()
    {
        lock (Gate)
        {
            if (hypervisor != 0) return;
            if (Path is null && !OperatingSystem.IsMacOS())
                throw new PlatformNotSupportedException("Hypervisor.framework is a part of macOS; name a library with the same calls (--library, or RVM_HYPERVISOR)");
            if (!NativeLibrary.TryLoad(Path ?? AppleSystem, out system) || !NativeLibrary.TryLoad(Path ?? Apple, out hypervisor))
                throw new PlatformNotSupportedException($"cannot load {Path ?? Apple}");
        }
    }

    /// <summary>Does this version of the framework have a call?</summary>
    public static bool Has(string call)
    {
        Load();
        return NativeLibrary.TryGetExport(hypervisor, call, out _);
    }

    private static nint Resolve(string name, Assembly assembly, DllImportSearchPath? search)
    {
        if (name is not (Native.Hv or Native.System)) return 0;
        Load();
        return name == Native.Hv ? hypervisor : system;
    }
}
