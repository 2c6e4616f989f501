using Rvm.Tool.Witness;

namespace Rvm.Tool.Replay;

/// <summary>
/// Who may leave how many undrained records, and how many each has left: spec/Apply.dfy's Note without the records themselves. Nothing of it is structure.
/// </summary>
public sealed class Accounts
{
    /// <summary>Undrained records that each partition may have, the hypervisor being 0.</summary>
    public ulong[] Quota { get; } = new ulong[Structure.Partitions];

    /// <summary>Undrained records that count against each partition.</summary>
    public ulong[] Used { get; } = new ulong[Structure.Partitions];

    /// <summary>The first undrained record.</summary>
    public ulong Drained { get; private set; }

    /// <summary>The hypervisor has the whole ring.</summary>
    public Accounts() => Quota[0] = Abi.RingRecords;

    /// <summary>Why no such record can be written now; null when it can.</summary>
    public string? Refusal(WitnessRecord r, RecordKind kind)
    {
        var charged = Charged(r, kind);
        return charged >= Structure.Partitions ? $"there is no partition {charged} that the record could count against" : Refusal(kind.Charge, r.Subject, Other(r), r.Aux >> 32);
    }

    /// <summary>Takes note of a record that <see cref="Refusal(WitnessRecord, RecordKind)"/> has nothing against.</summary>
    public void Note(WitnessRecord r, RecordKind kind)
    {
        if (kind.Charge == Charge.Draining) Drain(r.Sequence);
        Used[Charged(r, kind)]++;
        if (kind.Charge is Charge.Ending or Charge.Giving) Return(Other(r));
        if (kind.Charge == Charge.Giving) Give(r.Subject, Other(r), r.Aux >> 32);
    }

    private static ulong Charged(WitnessRecord r, RecordKind kind) => kind.Charge == Charge.Ending ? Other(r) : r.Subject;

    private static ulong Other(WitnessRecord r) => r.Object & uint.MaxValue;

    private string? Refusal(Charge charge, ulong who, ulong p, ulong records)
    {
        if (charge is not (Charge.Giving or Charge.Ending)) return null;
        if (p is 0 or >= Structure.Partitions) return $"there is no partition {p}";
        if ((UInt128)Quota[0] + Quota[p] > ulong.MaxValue) return "the quotas add up to more than a number holds";
        if (charge == Charge.Ending) return Used[p] < Quota[p] ? null : $"partition {p} has no record left for its end: {Used[p]} of {Quota[p]} are used";
        if (who == p) return $"partition {p} gives a quota to itself";
        if (records > Quota[who]) return $"partition {who} gives {records} records of its {Quota[who]}";
        return Used[p] <= Quota[p] && (UInt128)Used[p] + records <= ulong.MaxValue ? null : $"partition {p} has used more than its quota";
    }

    private void Drain(ulong upTo)
    {
        Drained = upTo;
        Array.Clear(Used);
    }

    /// <summary>What p has not used goes back to the hypervisor.</summary>
    private void Return(ulong p)
    {
        var left = Quota[p] - Used[p];
        Quota[p] = Used[p];
        Quota[0] += left;
    }

    private void Give(ulong who, ulong p, ulong records)
    {
        Quota[who] -= records;
        Quota[p] += records;
    }
}
