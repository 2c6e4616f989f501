namespace Rvm.Tool.Witness;

/// <summary>Something wrong with a log.</summary>
/// <param name="Record">Position of the record in the file, from 0; −1 when the finding concerns the whole file.</param>
/// <param name="Sequence">The number that this record should have; null for the whole file.</param>
/// <param name="Offset">Byte of the file where the trouble is.</param>
/// <param name="Field">The field that does not fit; empty for the whole file.</param>
public sealed record WitnessFinding(int Record, ulong? Sequence, long Offset, string Field, string Message);

/// <summary>What <see cref="WitnessChain.Verify"/> found out.</summary>
/// <param name="Records">Complete records in the file.</param>
/// <param name="First">Sequence number of the first record; null in an empty log.</param>
/// <param name="LastHash">record_hash of the last record; null in an empty log.</param>
/// <param name="Vouched">
/// Records, from the first on, that are whole, follow each other, and whose hash the record after them (if there is one) carries. The record before a broken
/// link does not count: nothing says that it was not rewritten.
/// </param>
public sealed record WitnessReport(int Records, ulong? First, ulong? LastHash, IReadOnlyList<WitnessFinding> Findings, int Vouched)
{
    /// <summary>True when the chain is complete from the boot record to SystemEnd.</summary>
    public bool IsGood => Findings.Count == 0;
}

/// <summary>
/// Checks a log: each record's hash over its bytes, its link to the record before, numbers without a gap, zeros in the reserved fields,
/// BootAttestation first and SystemEnd last. FNV-1a detects damage and edits that do not recompute the whole chain; it is no signature.
/// </summary>
public sealed class WitnessChain
{
    private readonly byte[] _log;
    private readonly int _count;
    private const int MaxSearches = 16;
    private readonly List<WitnessFinding> _findings = [];
    private ulong _expected;
    private int _searches;
    private int _vouched;

    private WitnessChain(byte[] log) => (_log, _count, _vouched) = (log, log.Length / Abi.RecordBytes, log.Length / Abi.RecordBytes);

    /// <summary>Checks the bytes of a log file; never throws.</summary>
    public static WitnessReport Verify(byte[] log)
    {
        var chain = new WitnessChain(log);
        chain.Run();
        return new(chain._count, chain._count == 0 ? null : chain.First, chain._count == 0 ? null : chain.Record(chain._count - 1).Hash, chain._findings, chain._vouched);
    }

    private ulong First { get; set; }

    private void Run()
    {
        if (_log.Length == 0)
        {
            _findings.Add(new(-1, null, 0, "", "the log is empty"));
            return;
        }

        if (_count > 0)
        {
            _expected = First = FirstSequence();
            for (var i = 0; i < _count; i++)
            {
                var before = _findings.Count;
                Check(i);
                if (_findings.Count > before) Distrust(i);
                _expected = (Intact(i) ? Record(i).Sequence : _expected) + 1;
            }

            CheckBegin();
        }

        CheckEnd();
    }

    /// <summary>The first record's number. When that record is damaged, its neighbour's number less one.</summary>
    private ulong FirstSequence()
    {
        var first = Record(0);
        if (first.Hash == WitnessRecord.HashOf(Bytes(0)) || _count == 1) return first.Sequence == 0 || first.Before != WitnessRecord.Anchor ? first.Sequence : 0;
        return Record(1).Sequence == 0 ? first.Sequence : Record(1).Sequence - 1;
    }

    private void Check(int i)
    {
        var record = Record(i);
        if (record.Hash != WitnessRecord.HashOf(Bytes(i)))
        {
            Add(i, Damage(i, record));
            return;
        }

        if (record.Sequence != _expected)
            Add(i, (0, "sequence", $"its number is {record.Sequence} where {_expected} should follow{(record.Sequence > _expected ? $": {record.Sequence - _expected} missing before it" : "")}"));
        if (!Linked(i, record.Before))
            Add(i, (44, "chain_hash_before", $"0x{record.Before:x16} is not the hash of the record before it (0x{HashBefore(i):x16}): records were removed, inserted or rewritten here"));
        if (record.Reserved != 0) Add(i, (18, "reserved", "reserved bytes are not zero"));
        if (record.Flags != 0) Add(i, (60, "flags", "flags are not zero"));
        if (record.Kind == WitnessKind.SystemEnd && i != _count - 1) Add(i, (16, "kind", "SystemEnd stands before the end of the log"));
        if (record.Kind == WitnessKind.BootAttestation && i != 0) Add(i, (16, "kind", "a second BootAttestation: another run's log begins here"));
    }

    /// <summary>Finds out which byte of a record that does not fit its hash was changed.</summary>
    private (int Offset, string Field, string Message) Damage(int i, WitnessRecord record)
    {
        var computed = WitnessRecord.HashOf(Bytes(i));
        if (i + 1 < _count && Record(i + 1).Before == computed)
            return (FirstDifference(52, record.Hash, computed), "record_hash", $"it is 0x{record.Hash:x16}, the record's bytes and the next record give 0x{computed:x16}");
        Span<byte> copy = stackalloc byte[Abi.RecordBytes];
        Bytes(i).CopyTo(copy);
        for (var at = 0; at < Abi.RecordBytes && _searches < MaxSearches; at++)
        {
            if (at is >= 52 and < 60) continue;
            var original = copy[at];
            for (var value = 0; value < 256; value++)
            {
                copy[at] = (byte)value;
                if (WitnessRecord.HashOf(copy) == record.Hash)
                    return (at, WitnessRecord.FieldAt(at), $"byte {at} is 0x{original:x2} where the record's hash asks for 0x{value:x2}");
            }

            copy[at] = original;
        }

        _searches++;
        return Guess(i, record, computed);
    }

    private (int Offset, string Field, string Message) Guess(int i, WitnessRecord record, ulong computed)
    {
        if (record.Sequence != _expected) return (0, "sequence", $"its number is {record.Sequence}, and its hash does not fit");
        if (!Linked(i, record.Before)) return (44, "chain_hash_before", "it does not fit the record before, and the hash does not fit either");
        return (FirstDifference(52, record.Hash, computed), "record_hash", $"it is 0x{record.Hash:x16}, the record's bytes give 0x{computed:x16}");
    }

    private bool Linked(int i, ulong before) =>
        i == 0 ? First != 0 || before == WitnessRecord.Anchor
               : before == Record(i - 1).Hash || before == WitnessRecord.HashOf(Bytes(i - 1));

    private ulong HashBefore(int i) => i == 0 ? WitnessRecord.Anchor : Record(i - 1).Hash;

    /// <summary>Something is wrong with record i. Unless it carries the hash of the record before, nothing vouches for that one either.</summary>
    private void Distrust(int i) => _vouched = Math.Min(_vouched, i == 0 || Record(i).Before == WitnessRecord.HashOf(Bytes(i - 1)) ? i : i - 1);

    private void CheckBegin()
    {
        if (First != 0)
            _findings.Add(new(0, First, 0, "sequence", $"the log is anchored later: it begins at record {First}, what came before cannot be checked"));
        else if (Record(0).Kind != WitnessKind.BootAttestation && Intact(0))
        {
            Distrust(0);
            Add(0, (16, "kind", $"the first record is {WitnessKind.Name(Record(0).Kind)}, not BootAttestation"));
        }
    }

    private void CheckEnd()
    {
        var rest = _log.Length % Abi.RecordBytes;
        var next = _expected;
        if (rest != 0)
            _findings.Add(new(_count, next, (long)_count * Abi.RecordBytes, "", $"truncated: the file ends within record {next}, {rest} of {Abi.RecordBytes} bytes are there"));
        if (_count > 0 && Record(_count - 1).Kind != WitnessKind.SystemEnd && Intact(_count - 1))
            Add(_count - 1, (16, "kind", $"log ends at record {next - 1} without SystemEnd: truncated, or the run did not end"));
    }

    private bool Intact(int i) => Record(i).Hash == WitnessRecord.HashOf(Bytes(i));

    private static int FirstDifference(int at, ulong a, ulong b) => at + System.Numerics.BitOperations.TrailingZeroCount(a ^ b) / 8;

    private void Add(int i, (int Offset, string Field, string Message) what) =>
        _findings.Add(new(i, Intact(i) ? Record(i).Sequence : _expected, (long)i * Abi.RecordBytes + what.Offset, what.Field, what.Message));

    private ReadOnlySpan<byte> Bytes(int i) => _log.AsSpan(i * Abi.RecordBytes, Abi.RecordBytes);

    private WitnessRecord Record(int i) => WitnessRecord.Read(Bytes(i));
}
