using Rvm.Diagnostics;
using Rvm.Policy.Binding;
using Rvm.Policy.Table;

namespace Rvm.Policy.Tests.Support;

/// <summary>Policies for tests.</summary>
public static class Sample
{
    /// <summary>The example of docs/policy.md, with its own partitions.</summary>
    public const string Tenants = """
        policy tenants "Three tenants share one model."
        partition operator = 1
        partition alice = 2
        partition bob = 3
        partition carol = 4
        const page = 4KiB
        group tenants = alice, bob, carol
        govern cap_grant, region_map, partition_start

        permit workers "A tenant may have small workers."
          when call = partition_create and caller in tenants and count <= 64 and budget in 1..100
        forbid late "Nobody makes partitions after ten minutes."
          when call = partition_create and now > 600s
        permit lend "Models are lent read-only."
          when call = cap_grant and kind = region and region_policy = immutable and not rights has write
        permit map "A tenant maps at most a MiB at once."
          when call = region_map and size <= 256 * page and permission in {r, rw}
        permit start "The operator starts tenants."
          when call = partition_start and caller = operator and target in tenants
        assert never slab-leaves "Slab memory stays with its owner."
          when call = cap_grant and kind = region and region_policy = slab and target != caller
        assert always start "The operator can always start tenants."
          when call = partition_start and caller = operator and target in tenants

        """;

    /// <summary>Declarations that generated policies begin with.</summary>
    public const string Head = "policy p \"Generated.\"\npartition a = 1\npartition b = 2\npartition c = 7\npartition \"9p\" = 127\n"
        + "group some = a, c\ngovern cap_grant, region_map, region_share\nconst k = 3\n";

    /// <summary>The policy of a text that has no errors.</summary>
    public static BoundPolicy Bound(string text)
    {
        var bag = new DiagnosticBag();
        var policy = PolicyFile.Parse("t.rvmp", text, null, bag);
        Assert.True(policy is not null, string.Join('\n', bag.All) + "\n" + text);
        return policy;
    }

    /// <summary>The table of a text that has no errors.</summary>
    public static PolicyTable Table(string text) => Table(Bound(text));

    /// <summary>The table of a policy that keeps the limits.</summary>
    public static PolicyTable Table(BoundPolicy policy)
    {
        var bag = new DiagnosticBag();
        var table = TableCompiler.Compile(policy, bag);
        Assert.True(table is not null, string.Join('\n', bag.All));
        return table;
    }

    /// <summary>Everything reported about a text, in the order of the text.</summary>
    public static IReadOnlyList<Diagnostic> Reports(string text, SystemNames? system = null)
    {
        var bag = new DiagnosticBag();
        PolicyFile.Parse("t.rvmp", text, system, bag);
        return bag.All;
    }
}
