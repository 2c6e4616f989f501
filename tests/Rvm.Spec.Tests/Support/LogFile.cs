using Rvm.Spec.State;
using Rvm.Tool.Witness;
using W = Rvm.Spec.Witness.__default;

namespace Rvm.Spec.Tests;

/// <summary>Bytes of logs, as `rvm run --witness` saves them.</summary>
public static class LogFile
{
    /// <summary>The log of a state of the specification.</summary>
    public static byte[] Of(_ILog log)
    {
        var bytes = new byte[log.dtor_records.Count * 64];
        for (var i = 0; i < log.dtor_records.Count; i++) Write(bytes.AsSpan(i * 64), W.Pack(log.dtor_records.Select(i)).CloneAsArray());
        return bytes;
    }

    /// <summary>Writes a record's eight words.</summary>
    public static void Write(Span<byte> at, ReadOnlySpan<ulong> words)
    {
        for (var i = 0; i < 8; i++) System.Buffers.Binary.BinaryPrimitives.WriteUInt64LittleEndian(at[(8 * i)..], words[i]);
    }

    /// <summary>The records of a log.</summary>
    public static IEnumerable<WitnessRecord> Records(byte[] log) => Enumerable.Range(0, log.Length / 64).Select(i => WitnessRecord.Read(log.AsSpan(i * 64)));
}
