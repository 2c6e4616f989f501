using Rvm.Policy.Table;
using Rvm.Tool.Bundle;
using Rvm.Tool.Policies;

namespace Rvm.Tool.Witness;

/// <summary>
/// Follows a log and knows the policy that is active at each record, if it has a table with the digest that PolicyActivate told. The digest says
/// nothing of names and reasons: those are as the table has them.
/// </summary>
public sealed class ActivePolicy
{
    private const ulong Switch = 79;
    private readonly Dictionary<ulong, PolicyTable> _byDigest = [];
    private ulong? _active, _before;

    /// <summary>With the words of the tables that are at hand.</summary>
    public ActivePolicy(IEnumerable<ulong[]> tables)
    {
        foreach (var words in tables)
            if (TableCodec.Decode(words, out _) is { } table) _byDigest[PolicyTables.Digest(words)] = table;
    }

    /// <summary>The digests that the log told and that none of the tables has.</summary>
    public SortedSet<ulong> Unknown { get; } = [];

    /// <summary>The active policy after this record; null: none, or none that is known.</summary>
    public PolicyTable? At(WitnessRecord record)
    {
        if (record.Kind == WitnessKind.PolicyActivate)
        {
            (_active, _before) = (record.Aux, _active);
            if (!_byDigest.ContainsKey(record.Aux)) Unknown.Add(record.Aux);
        }

        // The proof of policy_activate follows its record, but it is the policy before that has permitted it.
        return (record is { Kind: WitnessKind.ProofVerified } && record.Aux >> 32 == Switch ? _before : _active) is { } digest && _byDigest.TryGetValue(digest, out var table) ? table : null;
    }

    /// <summary>Where the tables of the system lie whose log is in this file.</summary>
    public static string Beside(string log) => log + ".policies";

    /// <summary>Puts a system's tables beside its log; removes what an earlier run has left there if there are none.</summary>
    public static void Keep(string log, IReadOnlyList<ulong[]> tables)
    {
        if (tables.Count > 0) File.WriteAllBytes(Beside(log), BundleCodec.ToBytes([.. tables.SelectMany(t => t)]));
        else File.Delete(Beside(log));
    }
}
