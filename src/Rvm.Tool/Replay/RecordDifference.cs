using Rvm.Tool.Witness;

namespace Rvm.Tool.Replay;

/// <summary>The first place where two logs differ.</summary>
/// <param name="Record">Position of the record in both files.</param>
/// <param name="Field">The first field that differs; null when one of the logs has no such record.</param>
/// <param name="A">The record of the first log, if it is there.</param>
public sealed record RecordDifference(int Record, string? Field, string Message, WitnessRecord? A, WitnessRecord? B)
{
    /// <summary>The first difference between the bytes of two logs; null when there is none.</summary>
    public static RecordDifference? First(byte[] a, byte[] b)
    {
        var same = a.AsSpan().CommonPrefixLength(b);
        if (same == a.Length && same == b.Length) return null;
        var i = same / Abi.RecordBytes;
        var (left, right) = (At(a, i), At(b, i));
        if (left is null || right is null)
            return new(i, null, left is null && right is null ? "both logs end within it, and differently" : $"the {(left is null ? "first" : "second")} log ends before it", left, right);
        var field = WitnessRecord.FieldAt(same % Abi.RecordBytes);
        return new(i, field, $"{field} is {Value(left, field)} in the first log and {Value(right, field)} in the second", left, right);
    }

    private static WitnessRecord? At(byte[] log, int i) => (i + 1) * Abi.RecordBytes <= log.Length ? WitnessRecord.Read(log.AsSpan(i * Abi.RecordBytes)) : null;

    private static string Value(WitnessRecord r, string field) => field switch
    {
        "sequence" => $"{r.Sequence}",
        "timestamp" => $"{r.Timestamp}",
        "kind" => WitnessKind.Name(r.Kind),
        "proof tier" => $"{r.Tier}",
        "reserved" => $"0x{r.Reserved:x}",
        "subject" => $"{r.Subject}",
        "object" => $"0x{r.Object:x}",
        "aux" => $"0x{r.Aux:x}",
        "chain_hash_before" => $"0x{r.Before:x16}",
        "record_hash" => $"0x{r.Hash:x16}",
        _ => $"0x{r.Flags:x}",
    };
}
