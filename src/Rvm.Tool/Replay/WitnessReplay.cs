using Rvm.Tool.Witness;

namespace Rvm.Tool.Replay;

/// <summary>Why a replay went no further.</summary>
/// <param name="Record">Position in the file of the first record that was not applied.</param>
/// <param name="Sequence">The number that this record should have.</param>
public sealed record ReplayStop(int Record, ulong Sequence, string Message);

/// <summary>What a replay could not use.</summary>
/// <param name="Records">Complete records in the file from the stop on.</param>
/// <param name="Whole">How many of them still fit their own hash: what they say is known, but not that nothing is missing before them.</param>
/// <param name="Kinds">The kinds of the whole ones, and how many there are of each.</param>
/// <param name="Ends">The file goes on to SystemEnd; otherwise nobody knows how many more records there were.</param>
public sealed record ReplayLoss(int Records, int Whole, IReadOnlyList<(string Kind, int Count)> Kinds, bool Ends);

/// <summary>The state that a log leads to.</summary>
/// <param name="Applied">Records that were applied, from the first on.</param>
/// <param name="Last">The last of them; null when there is none.</param>
/// <param name="Stop">Why there was no going on to the record asked for, or to the log's end; null when there was.</param>
public sealed record ReplayResult(Structure Structure, Accounts Accounts, int Applied, WitnessRecord? Last, ReplayStop? Stop, ReplayLoss? Loss);

/// <summary>
/// Rebuilds structural state from a log: a fold of spec/Apply.dfy's Apply over its records (theorem The_structure_is_the_fold_of_the_log). It goes on as long as the
/// records are whole, chained, of a kind that the tool knows and applicable, and never further.
/// </summary>
public sealed class WitnessReplay
{
    private readonly Structure _structure;
    private readonly Accounts _accounts;
    private int _applied;
    private WitnessRecord? _last;

    /// <param name="structure">What the first record finds; of a whole log, a structure to which nothing has happened.</param>
    /// <param name="accounts">The quotas then.</param>
    public WitnessReplay(Structure structure, Accounts? accounts = null) => (_structure, _accounts) = (structure, accounts ?? new());

    /// <summary>Replays a log from its first record.</summary>
    /// <param name="log">The log's bytes.</param>
    /// <param name="to">The sequence number of the last record to apply; null: all of them.</param>
    /// <param name="limit">The frame after the machine's last one, if it is known.</param>
    public static ReplayResult Run(byte[] log, ulong? to = null, ulong? limit = null) => new WitnessReplay(new Structure(limit: limit)).Follow(log, to);

    /// <summary>Applies one record. Why it cannot be applied, having changed nothing; null when it was.</summary>
    public string? Apply(WitnessRecord r)
    {
        if (RecordKinds.Find(r.Kind) is not { } kind) return $"this tool does not know kind 0x{r.Kind:X2} at record {r.Sequence}";
        if (kind.Surplus(r) is { } surplus) return $"no kernel writes this record: {surplus}";
        if ((_accounts.Refusal(r, kind) ?? kind.Apply?.Invoke(_structure, r)) is { } reason) return $"no kernel writes {kind.Name} ({kind.Explain(r, null)}) here: {reason}";
        _accounts.Note(r, kind);
        (_applied, _last) = (_applied + 1, r);
        return null;
    }

    private ReplayResult Follow(byte[] log, ulong? to)
    {
        var report = WitnessChain.Verify(log);
        ReplayStop? stop = null;
        if (report.First is > 0 and var first) stop = new(0, first, $"the log begins at record {first}: what came before is not in it, so nothing can be rebuilt");
        for (var i = 0; stop is null && i < report.Vouched && (ulong)i <= (to ?? ulong.MaxValue); i++)
            if (Apply(WitnessRecord.Read(log.AsSpan(i * Abi.RecordBytes))) is { } reason)
                stop = new(i, (ulong)i, reason);
        if (stop is null && (to is null || to >= (ulong)_applied)) stop = Damage(report, log);
        return new(_structure, _accounts, _applied, _last, stop, stop is null ? null : Loss(log, stop.Record));
    }

    /// <summary>Why the records that can be relied on do not reach the log's end; null when they do.</summary>
    private ReplayStop? Damage(WitnessReport report, byte[] log)
    {
        if (report.IsGood) return null;
        var finding = report.Findings.OrderBy(f => f.Record < _applied).ThenBy(f => f.Record).First();
        var message = finding.Record > _applied && _applied < report.Records && finding.Record < report.Records
            ? $"record {_applied} may have been rewritten, for record {finding.Record} does not vouch for it: {finding.Message}" : finding.Message;
        return new(_applied, (ulong)_applied, message);
    }

    private static ReplayLoss Loss(byte[] log, int from)
    {
        var records = Enumerable.Range(from, Math.Max(0, log.Length / Abi.RecordBytes - from)).Select(i => log.AsSpan(i * Abi.RecordBytes, Abi.RecordBytes).ToArray()).ToList();
        var whole = records.Where(b => WitnessRecord.Read(b).Hash == WitnessRecord.HashOf(b)).Select(b => WitnessRecord.Read(b)).ToList();
        return new(records.Count, whole.Count, [.. whole.GroupBy(r => r.Kind).OrderBy(g => g.Key).Select(g => (WitnessKind.Name(g.Key), g.Count()))],
            whole.Count > 0 && whole[^1].Kind == WitnessKind.SystemEnd && log.Length % Abi.RecordBytes == 0);
    }
}
