using System.Buffers.Binary;

namespace Rvm.Tool.Tests.Support;

/// <summary>A segment of an ELF file that a test makes.</summary>
public sealed record Segment(ulong Address, uint Flags, byte[] Bytes, ulong MemorySize, ulong? Virtual = null, uint Type = 1);

/// <summary>Makes ELF64 files.</summary>
public static class ElfBuilder
{
    public const uint Rx = 5, Rw = 6, R = 4, Rwx = 7;

    public static byte[] Build(ulong entry, params Segment[] segments)
    {
        var table = 64 + segments.Length * 56;
        var file = new byte[table + segments.Sum(s => s.Bytes.Length)];
        new byte[] { 0x7f, (byte)'E', (byte)'L', (byte)'F', 2, 1, 1 }.CopyTo(file, 0);
        Put16(file, 16, 2);
        Put16(file, 18, 183);
        Put32(file, 20, 1);
        Put64(file, 24, entry);
        Put64(file, 32, 64);
        Put16(file, 52, 64);
        Put16(file, 54, 56);
        Put16(file, 56, (ushort)segments.Length);
        var at = table;
        for (var i = 0; i < segments.Length; i++)
        {
            var (s, header) = (segments[i], 64 + i * 56);
            Put32(file, header, s.Type);
            Put32(file, header + 4, s.Flags);
            Put64(file, header + 8, (ulong)at);
            Put64(file, header + 16, s.Virtual ?? s.Address);
            Put64(file, header + 24, s.Address);
            Put64(file, header + 32, (ulong)s.Bytes.Length);
            Put64(file, header + 40, s.MemorySize);
            Put64(file, header + 48, 4096);
            s.Bytes.CopyTo(file, at);
            at += s.Bytes.Length;
        }

        return file;
    }

    /// <summary>A guest with one page of code and two of data.</summary>
    public static byte[] Guest(byte mark = 1) =>
        Build(0x4000_0000, new(0x4000_0000, Rx, [mark, 2, 3, 4, 5, 6, 7, 8], 8), new(0x4000_1000, Rw, [9, 10, 11], 0x1800));

    public static void Put16(byte[] file, int at, ushort value) => BinaryPrimitives.WriteUInt16LittleEndian(file.AsSpan(at), value);

    public static void Put32(byte[] file, int at, uint value) => BinaryPrimitives.WriteUInt32LittleEndian(file.AsSpan(at), value);

    public static void Put64(byte[] file, int at, ulong value) => BinaryPrimitives.WriteUInt64LittleEndian(file.AsSpan(at), value);
}
