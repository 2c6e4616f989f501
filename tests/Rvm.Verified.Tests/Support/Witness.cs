namespace Rvm.Verified.Tests;

/// <summary>A witness record, read byte by byte from the layout of docs/abi.md §6.</summary>
public readonly record struct LogRecord(
    ulong Sequence, ulong Timestamp, byte Kind, byte Tier, ulong Reserved, ulong Subject, ulong Object, ulong Aux, ulong Before, ulong Hash, ulong Flags, ulong Computed);

/// <summary>The ring's records, with their hashes computed apart from the kernel: FNV-1a, one byte after the other.</summary>
public sealed class Witness(CoreState.Core core)
{
    public const ulong Capacity = 65_536, Basis = 0xcbf29ce484222325, Prime = 0x100000001b3;

    /// <summary>The records from a sequence number on.</summary>
    public List<LogRecord> From(ulong first)
    {
        List<LogRecord> records = [];
        for (var n = first; n < core.log.head; n++) records.Add(Read(n));
        return records;
    }

    /// <summary>The record at a sequence number's place in the ring.</summary>
    public LogRecord Read(ulong number)
    {
        Span<byte> b = stackalloc byte[64];
        for (var i = 0; i < 64; i++) b[i] = (byte)(core.log.ring[number % Capacity * 8 + (ulong)i / 8] >> (i % 8 * 8));
        return new(Field(b, 0, 8), Field(b, 8, 8), b[16], b[17], Field(b, 18, 2), Field(b, 20, 8), Field(b, 28, 8), Field(b, 36, 8),
            Field(b, 44, 8), Field(b, 52, 8), Field(b, 60, 4), Fnv(b[60..], Fnv(b[..52], Basis)));
    }

    /// <summary>Checks records from a number on: no gap, hashes, links, reserved fields. Returns the chain after them.</summary>
    /// <param name="first">The first record to check.</param>
    /// <param name="chain">The hash of the record before it.</param>
    public ulong Check(ulong first, ulong chain)
    {
        for (var n = first; n < core.log.head; n++)
        {
            var r = Read(n);
            if (r.Sequence != n || r.Before != chain || r.Hash != r.Computed || r.Reserved != 0 || r.Flags != 0 || r.Subject > 127 || r.Tier > 3 || !Known.Contains(r.Kind))
                Assert.Fail($"record {n} is wrong: {r}, the chain before it is 0x{chain:x16}");
            chain = r.Hash;
        }

        if (chain != core.log.chain) Assert.Fail($"the kernel's chain 0x{core.log.chain:x16} is not the last record's hash 0x{chain:x16}");
        return chain;
    }

    public static ulong Fnv(ReadOnlySpan<byte> bytes, ulong hash)
    {
        foreach (var b in bytes) hash = unchecked((hash ^ b) * Prime);
        return hash;
    }

    private static ulong Field(ReadOnlySpan<byte> b, int at, int bytes)
    {
        ulong value = 0;
        for (var i = 0; i < bytes; i++) value |= (ulong)b[at + i] << (8 * i);
        return value;
    }

    private static readonly HashSet<byte> Known =
        [0x01, 0x07, 0x08, 0x09, 0x10, 0x11, 0x12, 0x20, 0x25, 0x26, 0x30, 0x31, 0x33, 0x34, 0x40, 0x41, 0x42, 0x50, 0x51, 0x70, 0x71, 0x80, 0x82, 0x85, 0x86, 0x8F];
}
