namespace Rvm.Policy.Table;

/// <summary>How a condition of the table looks at its field x.</summary>
public enum TableOperator : byte
{
    /// <summary>a ≤ x ≤ b.</summary>
    Range = 0,

    /// <summary>x &lt; a or x &gt; b.</summary>
    Outside = 1,

    /// <summary>x &lt; 128, and bit x of b·2^64 + a is set.</summary>
    Member = 2,

    /// <summary>Not <see cref="Member"/>.</summary>
    NotMember = 3,

    /// <summary>The bits a of x are b.</summary>
    Bits = 4,

    /// <summary>The bits a of x are not b.</summary>
    NotBits = 5,

    /// <summary>x ≤ y + a, where y is the second field.</summary>
    AtMost = 6,

    /// <summary>x &gt; y + a, where y is the second field.</summary>
    Above = 7,
}

/// <summary>One condition of a table's rule; its fields by their numbers.</summary>
public readonly record struct TableCondition(int Field, TableOperator Operator, int Second, ulong A, ulong B)
{
    /// <summary>Words of a condition.</summary>
    public const int Words = 3;
}

/// <summary>One rule of one call. It matches when all its conditions hold.</summary>
/// <param name="Id">The rule of the source that it comes from.</param>
public sealed record TableRule(int Id, IReadOnlyList<TableCondition> Conditions) : IEquatable<TableRule>
{
    /// <summary>Words of the rule.</summary>
    public int Words => 1 + Conditions.Count * TableCondition.Words;

    /// <inheritdoc/>
    public bool Equals(TableRule? other) => other is not null && Id == other.Id && Conditions.SequenceEqual(other.Conditions);

    /// <inheritdoc/>
    public override int GetHashCode() => Conditions.Aggregate(Id, (hash, c) => HashCode.Combine(hash, c));
}

/// <summary>The rules that decide one call.</summary>
public sealed record CallRules(IReadOnlyList<TableRule> Forbids, IReadOnlyList<TableRule> Permits) : IEquatable<CallRules>
{
    /// <summary>No rules.</summary>
    public static readonly CallRules None = new([], []);

    /// <summary>Forbids, then permits.</summary>
    public IEnumerable<TableRule> All => Forbids.Concat(Permits);

    /// <inheritdoc/>
    public bool Equals(CallRules? other) => other is not null && Forbids.SequenceEqual(other.Forbids) && Permits.SequenceEqual(other.Permits);

    /// <inheritdoc/>
    public override int GetHashCode() => All.Aggregate(Forbids.Count, HashCode.Combine);
}

/// <summary>A policy as the kernel has it, taken apart (docs/policy.md, «The table»).</summary>
/// <param name="Governed">128 flags: the calls that the policy governs by its own wish.</param>
/// <param name="Deep">128 flags: the calls whose token must be a deep one.</param>
/// <param name="Calls">The rules of each of the 128 calls.</param>
/// <param name="Text">Names and reasons, for people.</param>
public sealed record PolicyTable(UInt128 Governed, UInt128 Deep, IReadOnlyList<CallRules> Calls, TableText Text)
{
    /// <summary>Most words of header, index and rules.</summary>
    public const int MaxWords = 16_384;

    /// <summary>Most rules of one call.</summary>
    public const int MaxRulesOfCall = 1024;

    /// <summary>Most conditions of one rule.</summary>
    public const int MaxConditions = 32;
}

/// <summary>What a table says about itself to people. The kernel ignores it.</summary>
/// <param name="Name">The policy's name.</param>
/// <param name="Purpose">What it is for.</param>
public sealed record TableText(
    string Name, string Purpose, IReadOnlyList<TextRule> Rules, IReadOnlyDictionary<string, int> Partitions,
    IReadOnlyDictionary<string, IReadOnlyList<int>> Groups)
{
    /// <summary>Nothing.</summary>
    public static readonly TableText None = new("", "", [], new Dictionary<string, int>(), new Dictionary<string, IReadOnlyList<int>>());

    /// <summary>The rule of an id, or null.</summary>
    public TextRule? Rule(int id) => Rules.FirstOrDefault(r => r.Id == id);
}

/// <summary>A rule's name and reason.</summary>
public sealed record TextRule(int Id, bool Permits, string Name, string Reason);
