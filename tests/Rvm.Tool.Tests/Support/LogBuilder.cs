using Rvm.Tool.Witness;

namespace Rvm.Tool.Tests.Support;

/// <summary>Writes logs record by record, chained.</summary>
public sealed class LogBuilder
{
    private readonly List<byte[]> _records = [];
    private ulong _before = WitnessRecord.Anchor;

    /// <summary>How many records there are.</summary>
    public int Count => _records.Count;

    /// <summary>Appends a record; each takes place 100 counts (1.6 us) after the one before.</summary>
    public LogBuilder Add(byte kind, ulong subject = 0, ulong what = 0, ulong aux = 0, byte tier = 1)
    {
        var record = new WitnessRecord((ulong)_records.Count, (ulong)_records.Count * 100, kind, tier, 0, subject, what, aux, _before, 0, 0);
        var bytes = new byte[64];
        record.Write(bytes);
        (record with { Hash = _before = WitnessRecord.HashOf(bytes) }).Write(bytes);
        _records.Add(bytes);
        return this;
    }

    /// <summary>The log.</summary>
    public byte[] Bytes => [.. _records.SelectMany(r => r)];

    /// <summary>
    /// A system of two partitions: 1 has region 0, mapped in part, a console that it passes on to 2, and an edge to 2, on which it sends and is refused once; it
    /// revokes the console; both end. Without SystemEnd: <paramref name="whole"/> false.
    /// </summary>
    public static LogBuilder TwoPartitions(bool whole = true)
    {
        var log = new LogBuilder().Add(0x80, 0, 40, 0x1234, 0)
            .Add(0x01, 0, 1, 0).Add(0x70, 0, 1, 62_500UL << 32 | 625_000).Add(0x09, 0, 1, 100UL << 32)                          // 1–3
            .Add(0x01, 0, 2, 1).Add(0x70, 0, 2, 62_500UL << 32 | 625_000).Add(0x09, 0, 2, 50UL << 32 | 3)                       // 4–6
            .Add(0x20, 0, 1UL << 32, 2UL << 60 | 8UL << 40 | 0x46000).Add(0x25, 0, 0x50000, 1UL << 60 | 1UL << 52 | 2UL << 32 | 4)    // 7, 8
            .Add(0x10, 0, 1UL << 32, 11UL << 56 | 7).Add(0x10, 0, 1UL << 32 | 1, 1UL << 56 | 3)                                 // 9, 10: console, region 0
            .Add(0x30, 0, 0, 1UL << 32 | 2UL << 16 | 4).Add(0x10, 0, 1UL << 32 | 2, 7UL << 56 | 2)                              // 11, 12: edge 0
            .Add(0x07, 0, 1).Add(0x07, 0, 2).Add(0x82, 0, 2, 0, 0)                                                              // 13–15
            .Add(0x12, 1, 2UL << 32, 0UL << 32 | 2).Add(0x34, 1, 0, 1).Add(0x41, 1, 0xC600_0003, unchecked((ulong)-10))         // 16–18
            .Add(0x11, 1, 0, 2).Add(0x26, 1, 0x50000, 1)                                                                        // 19, 20
            .Add(0x71, 2, 2, 0, 0).Add(0x71, 1, 1, 3, 0);                                                                       // 21, 22
        return whole ? log.Add(0x8F, tier: 0) : log;
    }
}
