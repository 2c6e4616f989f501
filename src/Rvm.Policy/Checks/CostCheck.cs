using Rvm.Diagnostics;
using Rvm.Policy.Binding;

namespace Rvm.Policy.Checks;

/// <summary>Whether the kernel decides every call in the time that is asked for: as many rules as it asks before it answers, it asks one after the other.</summary>
internal static class CostCheck
{
    /// <summary>So many rules are asked within 3,000 instructions (docs/proofs.md, «Work»).</summary>
    public const int Within = 12;

    /// <summary>Instructions for the first rule, and for each more, as `make bench` measures them.</summary>
    private const int First = 2_483, Each = 43;

    /// <summary>Warns of calls for which more rules can be asked.</summary>
    public static void Run(CheckRun run, BoundPolicy policy, IDecider? decider)
    {
        if (decider is null) return;
        ulong[] greatest = [.. Fields.All.Select(f => f.Most)];
        foreach (var call in Calls.All)
            if (decider.MostAsked(call.Number, greatest) is var asked && asked > Within)
                run.Report("many-asked", Severity.Warning, Place.Whole(policy.File),
                    $"{call.Name}: {asked} rules are asked one after the other, which takes the kernel about {First + Each * (asked - 1):N0} instructions; {Within} stay below 3,000",
                    "begin more of its rules with the caller, the target, the kind or another small number, the same one in most of them");
    }
}
