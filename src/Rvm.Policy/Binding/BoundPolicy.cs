using Rvm.Diagnostics;

namespace Rvm.Policy.Binding;

/// <summary>A policy after names, types and units were resolved: what the checks and the compiler read.</summary>
/// <param name="File">The source's path as the user gave it.</param>
/// <param name="Name">The policy's name.</param>
/// <param name="Text">What it is for.</param>
/// <param name="Partitions">Partition numbers by name: the system's, or the file's own. «none» is not among them.</param>
/// <param name="Groups">Partition numbers of each group, ascending.</param>
/// <param name="Governed">Calls that the policy governs by its own wish, ascending by number.</param>
/// <param name="Deep">Calls whose token must be a deep one, ascending by number.</param>
/// <param name="Rules">The rules in the order of the source; a rule's id is its position.</param>
/// <param name="Assertions">What the author claims.</param>
/// <param name="Allows">Built-in checks that the author overrides.</param>
public sealed record BoundPolicy(
    string File, string Name, string Text, IReadOnlyDictionary<string, int> Partitions, IReadOnlyDictionary<string, IReadOnlyList<int>> Groups,
    IReadOnlyList<Call> Governed, IReadOnlyList<Call> Deep, IReadOnlyList<BoundRule> Rules, IReadOnlyList<BoundAssertion> Assertions, IReadOnlyList<BoundAllow> Allows)
{
    /// <summary>The calls that the policy decides: those always decided and those that it governs, ascending.</summary>
    public IReadOnlyList<Call> Decided { get; } = [.. Calls.All.Where(c => c.AlwaysDecided || Governed.Contains(c))];

    /// <summary>The name of a partition; its number when it has none.</summary>
    public string PartitionName(ulong id) => id == 0 ? "none" : Partitions.FirstOrDefault(p => (ulong)p.Value == id).Key ?? id.ToString();
}

/// <summary>What a rule does to the requests that it matches.</summary>
public enum Effect { Permit, Forbid }

/// <summary>A rule. The first forbid that matches decides; otherwise the first permit that matches; otherwise the request is denied.</summary>
public sealed record BoundRule(int Id, Effect Effect, string Name, string Reason, BoundCondition Condition, Place Place);

/// <summary>A claim of the author about every request.</summary>
public abstract record BoundAssertion(string Name, string Reason, Place Place);

/// <summary>No request that satisfies the condition is permitted.</summary>
public sealed record NeverAssertion(string Name, string Reason, BoundCondition Condition, Place Place) : BoundAssertion(Name, Reason, Place);

/// <summary>Every request that satisfies the condition is permitted.</summary>
public sealed record AlwaysAssertion(string Name, string Reason, BoundCondition Condition, Place Place) : BoundAssertion(Name, Reason, Place);

/// <summary>This policy and the one in a file decide every request alike that does not satisfy the exception.</summary>
/// <param name="Path">The other policy's file, from the current directory.</param>
/// <param name="Except">The requests that may be decided otherwise; null: none.</param>
public sealed record UnchangedAssertion(string Path, BoundCondition? Except, Place Place) : BoundAssertion("unchanged-from " + Path, "", Place);

/// <summary>A built-in check that does not count for this policy.</summary>
public sealed record BoundAllow(string Check, string Reason, Place Place);
