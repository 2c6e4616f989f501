namespace Heap;

using System.Runtime;
using System.Runtime.CompilerServices;

/// <summary>The array factories on EL2: bump allocation from the image's zeroed heap (Boot/runtime.S), refused once the heap is sealed.</summary>
public static unsafe class __default
{
    private static ulong tablesFrame;

    public static uint[] NewU32(uint n) => new uint[n];
    public static ulong[] NewU64(uint n) => new ulong[n];
    public static ulong[] NewRaw(uint n) => new ulong[n];

    public static ulong[] NewTables(uint n)
    {
        tablesFrame = AlignElements() >> 12;
        return new ulong[n * 512];
    }

    public static ulong TablesFrame() => tablesFrame;

    /// <summary>Moves the heap on so that the next array's elements begin a page; returns the page's address.</summary>
    [MethodImpl(MethodImplOptions.InternalCall), RuntimeImport("*", "rvm_heap_align")]
    private static extern ulong AlignElements();
}
