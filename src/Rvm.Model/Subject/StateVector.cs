using System.Buffers.Binary;
using System.IO.Hashing;

namespace Rvm.Model.Subject;

/// <summary>
/// A state as bytes: what differs from the state after the boot, part by part. <see cref="Hash"/> of some parts stands for their contents
/// (128 bits: among 10^8 contents two share one with a probability of 10^-23).
/// </summary>
public sealed class StateVector
{
    public static readonly Parts[] Order = [.. Enum.GetValues<Parts>().Where(p => int.PopCount((int)p) == 1)];

    private static readonly int OfStructure = int.PopCount((int)Parts.Structure);        // the first ones

    private readonly int[] _ends = new int[Order.Length];
    private byte[] _bytes = new byte[4096];
    private int _length;

    /// <summary>Begins anew.</summary>
    public void Clear() => _length = 2 * Order.Length;

    /// <summary>Ends part number <paramref name="n"/> of <see cref="Order"/>.</summary>
    public void EndPart(int n)
    {
        _ends[n] = _length;
        BinaryPrimitives.WriteUInt16LittleEndian(_bytes.AsSpan(2 * n), checked((ushort)_length));
    }

    public void Add(int index, ulong word)
    {
        if (_length + 10 > _bytes.Length) Array.Resize(ref _bytes, 2 * _bytes.Length);
        BinaryPrimitives.WriteUInt16LittleEndian(_bytes.AsSpan(_length), checked((ushort)index));
        BinaryPrimitives.WriteUInt64LittleEndian(_bytes.AsSpan(_length + 2), word);
        _length += 10;
    }

    public byte[] ToArray() => _bytes[.._length];

    /// <summary>What stands for the contents of these parts.</summary>
    public UInt128 Hash(Parts parts)
    {
        if (parts == Parts.Structure) return XxHash128.HashToUInt128(_bytes.AsSpan(2 * Order.Length, _ends[OfStructure - 1] - 2 * Order.Length), 5);
        var hash = new XxHash128((long)parts);
        for (var n = 0; n < Order.Length; n++)
            if (parts.HasFlag(Order[n])) hash.Append(PartOf(_bytes, n));
        return hash.GetCurrentHashAsUInt128();
    }

    public static ReadOnlySpan<byte> PartOf(byte[] state, int n)
    {
        var from = n == 0 ? 2 * Order.Length : BinaryPrimitives.ReadUInt16LittleEndian(state.AsSpan(2 * n - 2));
        return state.AsSpan(from..BinaryPrimitives.ReadUInt16LittleEndian(state.AsSpan(2 * n)));
    }

    public static (int Index, ulong Word) Item(ReadOnlySpan<byte> part, int at) =>
        (BinaryPrimitives.ReadUInt16LittleEndian(part[at..]), BinaryPrimitives.ReadUInt64LittleEndian(part[(at + 2)..]));
}
