using System.Buffers.Binary;

namespace Rvm.Tool.Witness;

/// <summary>A 64-byte witness record (docs/abi.md §6).</summary>
/// <param name="Sequence">Number of the record, from 0.</param>
/// <param name="Timestamp">Timer counts.</param>
/// <param name="Tier">Proof tier: 0 none, 1 P1, 2 P2, 3 P3.</param>
/// <param name="Subject">Acting partition; 0: boot or the hypervisor.</param>
/// <param name="Before">record_hash of the record before.</param>
/// <param name="Hash">FNV-1a 64 over bytes 0–51 and 60–63.</param>
public sealed record WitnessRecord(
    ulong Sequence, ulong Timestamp, byte Kind, byte Tier, ushort Reserved, ulong Subject, ulong Object, ulong Aux,
    ulong Before, ulong Hash, uint Flags)
{
    /// <summary>FNV-1a's offset basis, which the first record's `before` holds.</summary>
    public const ulong Anchor = 0xcbf29ce484222325;

    private const ulong Prime = 0x100000001b3;

    /// <summary>Reads a record from at least 64 bytes.</summary>
    public static WitnessRecord Read(ReadOnlySpan<byte> b) => new(
        BinaryPrimitives.ReadUInt64LittleEndian(b), BinaryPrimitives.ReadUInt64LittleEndian(b[8..]), b[16], b[17],
        BinaryPrimitives.ReadUInt16LittleEndian(b[18..]), BinaryPrimitives.ReadUInt64LittleEndian(b[20..]),
        BinaryPrimitives.ReadUInt64LittleEndian(b[28..]), BinaryPrimitives.ReadUInt64LittleEndian(b[36..]),
        BinaryPrimitives.ReadUInt64LittleEndian(b[44..]), BinaryPrimitives.ReadUInt64LittleEndian(b[52..]),
        BinaryPrimitives.ReadUInt32LittleEndian(b[60..]));

    /// <summary>Writes the record into 64 bytes.</summary>
    public void Write(Span<byte> b)
    {
        BinaryPrimitives.WriteUInt64LittleEndian(b, Sequence);
        BinaryPrimitives.WriteUInt64LittleEndian(b[8..], Timestamp);
        b[16] = Kind;
        b[17] = Tier;
        BinaryPrimitives.WriteUInt16LittleEndian(b[18..], Reserved);
        BinaryPrimitives.WriteUInt64LittleEndian(b[20..], Subject);
        BinaryPrimitives.WriteUInt64LittleEndian(b[28..], Object);
        BinaryPrimitives.WriteUInt64LittleEndian(b[36..], Aux);
        BinaryPrimitives.WriteUInt64LittleEndian(b[44..], Before);
        BinaryPrimitives.WriteUInt64LittleEndian(b[52..], Hash);
        BinaryPrimitives.WriteUInt32LittleEndian(b[60..], Flags);
    }

    /// <summary>The hash that the 64 bytes of a record should hold: FNV-1a 64 over bytes 0–51, then 60–63.</summary>
    public static ulong HashOf(ReadOnlySpan<byte> b) => Fnv(b[60..64], Fnv(b[..52], Anchor));

    /// <summary>FNV-1a 64 over bytes, continuing from <paramref name="hash"/>.</summary>
    public static ulong Fnv(ReadOnlySpan<byte> bytes, ulong hash)
    {
        foreach (var b in bytes) hash = (hash ^ b) * Prime;
        return hash;
    }

    /// <summary>The name of the field that a byte of a record (0–63) belongs to.</summary>
    public static string FieldAt(int offset) => offset switch
    {
        < 8 => "sequence", < 16 => "timestamp", 16 => "kind", 17 => "proof tier", < 20 => "reserved", < 28 => "subject",
        < 36 => "object", < 44 => "aux", < 52 => "chain_hash_before", < 60 => "record_hash", _ => "flags",
    };
}
