using Rvm.Model.Configurations;
using Rvm.Model.Reports;
using Rvm.Model.Search;
using Rvm.Model.Tests.Mutants;
using Xunit.Abstractions;

namespace Rvm.Model.Tests;

/// <summary>
/// Long random sequences where there is too much to explore, made and shortened by FsCheck. The seed is printed; RVM_SEED=n takes another one,
/// RVM_WALKS=n more walks.
/// </summary>
[Trait("Theorem", "Every_event_has_one_outcome")]
[Trait("Theorem", "Boot_starts_valid_and_stays_so")]
[Trait("Theorem", "The_core_computes_exactly_Step")]
public class RandomWalkTests(ITestOutputHelper output)
{
    private const int Length = 1000, MostEventsOfAMistake = 8;

    private static ulong Setting(string name, ulong otherwise) => ulong.TryParse(Environment.GetEnvironmentVariable(name), out var n) ? n : otherwise;

    [Fact]
    public void Long_walks_are_good()
    {
        var wide = Catalogue.All.Single(c => c.Walks > 0);
        var (seed, walks) = (Setting("RVM_SEED", 20_261_128), (int)Setting("RVM_WALKS", (ulong)wide.Walks));
        output.WriteLine($"seed {seed}: {walks} walks of {Length} events; replay with RVM_SEED={seed} RVM_WALKS={walks}");
        var o = new RandomWalks(wide, seed, walks, Length).Run();
        output.WriteLine(Report.Row(o));
        foreach (var line in Report.Counterexample(o)) output.WriteLine(line);
        Assert.Null(o.Violation);
        Assert.True(o.Transitions > walks * Length / 2, $"only {o.Transitions} events: the systems end too early");
        Assert.True(o.Compared > 0 && o.States > 1000, $"{o.Compared} transitions compared, {o.States} states");
    }

    [Fact]
    public void The_same_seed_gives_the_same_walks()
    {
        static (int, long) Run(ulong seed) 
        {
            var o = new RandomWalks(Catalogue.All.Single(c => c.Name == "pair"), seed, 5, 60).Run();
            return (o.States, o.Transitions);
        }

        Assert.Equal(Run(7), Run(7));
        Assert.NotEqual(Run(7), Run(8));
    }

    /// <summary>A mistake in a copy of the core is found by walks of hundreds of events, and FsCheck leaves a few of them.</summary>
    [Fact]
    public void A_mistake_is_found_and_made_short()
    {
        var finding = MutatedCore.Explore("public void Revoke(uint i)", "((this).Generation(i)) + (1U)", "(this).Generation(i)", "wide", "--random", "20", "--length", "400", "--seed", "5");
        output.WriteLine($"{finding.What}\n{finding.Output}");
        Assert.Equal(1, finding.ExitCode);
        Assert.InRange(finding.Events, 1, MostEventsOfAMistake);
    }
}
