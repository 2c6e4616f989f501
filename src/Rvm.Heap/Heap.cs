namespace Heap;

/// <summary>The array factories that the verified core calls while it is being built; afterwards it never allocates.</summary>
public static class __default
{
    /// <summary>An array of <paramref name="n"/> zeros.</summary>
    public static uint[] NewU32(uint n) => new uint[n];

    /// <summary>An array of <paramref name="n"/> zeros.</summary>
    public static ulong[] NewU64(uint n) => new ulong[n];

    /// <summary>An array of <paramref name="n"/> words whose contents are arbitrary.</summary>
    public static ulong[] NewRaw(uint n) => GC.AllocateUninitializedArray<ulong>((int)n);

    /// <summary>The pool of stage-2 tables: <paramref name="n"/> pages of 512 words with arbitrary contents; on hardware, word 0 lies on a page boundary.</summary>
    public static ulong[] NewTables(uint n) => GC.AllocateUninitializedArray<ulong>((int)n * 512);

    /// <summary>The physical frame of the table pool's word 0. On the host the pool has no physical address; this one stands in for it.</summary>
    public static ulong TablesFrame() => 0x40800;
}
