namespace Rvm.Tool.Run;

/// <summary>Takes the records out of the kernel's ring: record i lies at ring + (i mod capacity) · 64.</summary>
public static class WitnessRing
{
    private const ulong MaxCapacity = 1 << 24;

    /// <summary>Why the halt line cannot be right; null when it can.</summary>
    public static string? Refuse(HaltLine halt)
    {
        if (halt.Ring == 0 || halt.Capacity is 0 or > MaxCapacity) return "the kernel's halt line names no witness ring";
        if (halt.First > halt.Records) return $"the halt line's first record {halt.First} is after its last";
        return halt.Records - halt.First > halt.Capacity ? "the halt line names more records than the ring holds" : null;
    }

    /// <summary>The log of records first … records − 1 in order.</summary>
    /// <param name="ring">The ring's memory, capacity · 64 bytes.</param>
    /// <param name="halt">A halt line that <see cref="Refuse"/> accepts.</param>
    public static byte[] Unroll(ReadOnlySpan<byte> ring, HaltLine halt)
    {
        var log = new byte[(halt.Records - halt.First) * Abi.RecordBytes];
        for (var i = halt.First; i < halt.Records; i++)
        {
            var from = (int)(i % halt.Capacity) * Abi.RecordBytes;
            ring.Slice(from, Abi.RecordBytes).CopyTo(log.AsSpan((int)(i - halt.First) * Abi.RecordBytes));
        }

        return log;
    }
}
