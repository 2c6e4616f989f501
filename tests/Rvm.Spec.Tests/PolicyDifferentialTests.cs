using FsCheck;
using FsCheck.Fluent;
using Rvm.Policy.Evaluation;
using Xunit.Abstractions;

namespace Rvm.Spec.Tests;

/// <summary>The specification of policies and the checker and evaluator of the image, side by side on random tables, whole and damaged.</summary>
public class PolicyDifferentialTests(ITestOutputHelper output)
{
    private const int Tables = 20_000, Requests = 6;

    private readonly VerifiedPolicy _policy = VerifiedPolicy.None();
    private ulong[] _words = [];
    private int _admitted, _refused, _permitted, _forbidden, _denied, _governed, _listed;

    [Fact]
    public void The_evaluator_does_what_the_specification_says()
    {
        Prop.ForAll(Gen.Choose(0, int.MaxValue).ToArbitrary(), seed => { Run(new Random(seed)); return true; })
            .Check(Config.QuickThrowOnFailure.WithMaxTest(Tables).WithReplay(1UL, 1UL));
        output.WriteLine($"{_admitted} admitted, {_refused} refused; {_permitted} permitted, {_forbidden} forbidden, {_denied} denied without a rule; {_governed} governed, {_listed} of calls with many rules");
        Assert.True(_admitted > 5_000 && _refused > 5_000, "the tables are too much alike");
        Assert.True(_permitted > 2_000 && _forbidden > 2_000 && _denied > 2_000 && _governed > 2_000 && _listed > 2_000, "the requests are too much alike");
    }

    private void Run(Random random)
    {
        var words = RandomPolicy.Table(random);
        if (random.Next(2) == 0) words = RandomPolicy.Mutate(words, random);
        var admissible = PolicySpec.Admissible(words);
        Assert.Equal(admissible, _policy.Load(words));
        if (admissible) _words = PolicySpec.Kept(words);
        if (admissible) _admitted++; else _refused++;
        Assert.Equal(_words, _policy.Words);
        for (var i = 0; i < Requests; i++)
        {
            var (call, request) = (RandomPolicy.Call(random), RandomPolicy.Request(random));
            var ruling = PolicySpec.Decision(_words, call, request);
            Assert.Equal(ruling, _policy.Decide(call, request));
            if (admissible) Assert.Equal(ruling, PolicySpec.Decision(words, call, request));
            var governs = PolicySpec.Governs(_words, call);
            Assert.Equal(governs, _policy.Governs(call));
            if (ruling.Permitted) _permitted++;
            else if (ruling.Rule == Ruling.NoRule) _denied++;
            else _forbidden++;
            if (governs) _governed++;
            if (RandomPolicy.HasMany(_words, call)) _listed++;
        }
    }
}
