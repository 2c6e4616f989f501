using Rvm.Platform.Hvf.Seam;

namespace Rvm.Hosting;

/// <summary>The kernel's witness ring.</summary>
public static class WitnessRing
{
    /// <summary>The records that the ring holds, in order.</summary>
    public static byte[] Log(this Kernel kernel)
    {
        var first = kernel.Records > Kernel.RingRecords ? kernel.Records - Kernel.RingRecords : 0;
        var log = new byte[(kernel.Records - first) * Kernel.RecordBytes];
        for (var i = first; i < kernel.Records; i++) kernel.Record(i).CopyTo(log.AsSpan((int)(i - first) * Kernel.RecordBytes));
        return log;
    }
}
