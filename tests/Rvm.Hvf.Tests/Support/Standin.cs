using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Rvm.Platform.Hvf.Framework;

[assembly: CollectionBehavior(DisableTestParallelization = true)]          // the framework gives a process one VM

namespace Rvm.Hvf.Tests;

/// <summary>The stand-in for Hypervisor.framework, and what it tells tests only.</summary>
public static unsafe class Standin
{
    private static readonly nint Handle;

    static Standin() => Handle = NativeLibrary.Load(Library());

    /// <summary>The checkout.</summary>
    public static string Root { get; } = Find();

    /// <summary>The library that plays this version of macOS; fails when it is not built.</summary>
    public static string Library(int macos = 26)
    {
        var path = Path.Combine(Root, "artifacts", "hypervisor", $"macos{macos}", "libHypervisor.so");
        Assert.True(File.Exists(path), $"{path} is not built; run `make build`");
        return path;
    }

    [ModuleInitializer]
    internal static void Use() => FrameworkLibrary.Path = Library();

    /// <summary>Pieces and bytes that the VM maps now.</summary>
    public static (ulong Pieces, ulong Bytes) Mapped()
    {
        ulong pieces, bytes;
        ((delegate* unmanaged<ulong*, ulong*, void>)NativeLibrary.GetExport(Handle, "standin_mapped"))(&pieces, &bytes);
        return (pieces, bytes);
    }

    private static string Find()
    {
        var directory = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(directory!.FullName, "docs", "abi.md"))) directory = directory.Parent;
        return directory.FullName;
    }
}
