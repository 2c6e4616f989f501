using Rvm.Tool.Bundle;

namespace Rvm.Tool.Witness;

/// <summary>Compares a log's boot record with the bundle that should have been booted.</summary>
public static class Attestation
{
    /// <summary>Why the log's first record does not attest the bundle; null when it does.</summary>
    /// <param name="log">The log's bytes.</param>
    /// <param name="bundle">The bundle's words as little-endian bytes.</param>
    public static WitnessFinding? Check(byte[] log, byte[] bundle)
    {
        var words = BundleCodec.ToWords(bundle);
        if (BundleCodec.Decode(words, out var reason) is not { } content) return new(-1, null, 0, "", $"the bundle is damaged: {reason}");
        if (log.Length < Abi.RecordBytes) return new(-1, null, 0, "", "the log has no boot record that could attest the bundle");
        var first = WitnessRecord.Read(log);
        var covered = (BundleCodec.HeaderWords + content.Commands.Count * BootCommand.Words) * 8;
        var hash = WitnessRecord.Fnv(bundle.AsSpan(0, covered), WitnessRecord.Anchor);
        if (first.Kind != WitnessKind.BootAttestation) return new(0, first.Sequence, 16, "kind", "the first record is no BootAttestation: it attests no bundle");
        if (first.Object != (ulong)words.Length) return new(0, first.Sequence, 28, "object", $"the log attests a bundle of {first.Object} words, this one has {words.Length}");
        return first.Aux == hash ? null : new(0, first.Sequence, 36, "aux", $"the log attests a bundle with the hash 0x{first.Aux:x16}, this one's is 0x{hash:x16}");
    }
}
