using Rvm.Model.Configurations;
using Rvm.Model.Reports;
using Rvm.Model.Search;
using Rvm.Verified.Tests;
using Xunit.Abstractions;

namespace Rvm.Model.Tests;

/// <summary>What `make test` explores. Every invariant holds in every state, and the core is the specification, on all transitions or a sample.</summary>
[Trait("Theorem", "Every_event_has_one_outcome")]
[Trait("Theorem", "Boot_starts_valid_and_stays_so")]
[Trait("Theorem", "The_core_computes_exactly_Step")]
[Trait("Theorem", "The_log_tells_all")]
[Trait("Theorem", "The_log_only_grows")]
[Trait("Theorem", "No_partition_reaches_anothers_memory")]
[Trait("Theorem", "Authority_only_shrinks")]
[Trait("Theorem", "No_old_handle_revives")]
[Trait("Theorem", "No_mutation_without_proof")]
[Trait("Theorem", "A_nonce_is_never_accepted_twice")]
[Trait("Theorem", "Nothing_else_changes_the_policy")]
public class ExplorationTests(ITestOutputHelper output)
{
    private const int Most = 1_000_000;

    public static TheoryData<string> Small => [.. Catalogue.All.Where(c => c.InTests && c.Walks == 0 && c.Name != Catalogue.Million).Select(c => c.Name)];

    private Outcome Explore(Configuration c)
    {
        var o = new Explorer(c, 2).Run();
        output.WriteLine(Report.Header);
        output.WriteLine(Report.Row(o));
        foreach (var line in Report.Counterexample(o)) output.WriteLine(line);
        return o;
    }

    private static Configuration Named(string name) => Catalogue.All.Single(c => c.Name == name);

    [Theory]
    [MemberData(nameof(Small))]
    public void All_states_are_good(string name)
    {
        var o = Explore(Named(name));
        Assert.Null(o.Violation);
        Assert.True(o.Complete || o.Configuration.MostDepth < int.MaxValue, "the search did not end");
        Assert.True(o.States > 100, $"only {o.States} states");
        Assert.Empty(o.NeverSucceeded);
        if (o.Configuration.AgreementEvery == 1) Assert.Equal(o.Transitions, o.Compared);
        else Assert.True(o.Compared > 100, $"only {o.Compared} transitions were compared");
    }

    [Fact]
    public void A_million_states_are_good()
    {
        var o = Explore(Named(Catalogue.Million));
        Assert.Null(o.Violation);
        Assert.True(o.Complete, "the search did not end");
        Assert.Empty(o.NeverSucceeded);
        Assert.True(o.States >= Most, $"only {o.States} states");
        Assert.True(o.Compared > 5_000, $"only {o.Compared} transitions were compared");
    }

    /// <summary>Every call of docs/abi.md is in some configuration; that it succeeds there, the others tell.</summary>
    [Fact]
    public void Every_call_happens() => Assert.Equal(Fn.All.Order(), Catalogue.All.SelectMany(c => c.Alphabet.Calls).Distinct().Order());
}
