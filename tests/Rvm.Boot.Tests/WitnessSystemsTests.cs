using System.Globalization;
using System.Text.RegularExpressions;

namespace Rvm.Boot.Tests;

/// <summary>systems/flood.yaml and systems/drain.yaml: the log fails closed, and a drain opens it again.</summary>
public partial class WitnessSystemsTests
{
    [Fact]
    [Trait("Theorem", "Appending_never_overwrites")]
    [Trait("Theorem", "A_full_log_refuses_before_any_change")]
    public void A_partition_without_quota_is_refused_and_its_neighbour_is_not()
    {
        var run = SystemRun.Of("flood").MustBeGood();
        var line = run.Of("flooder").Select(l => FloodLine().Match(l)).FirstOrDefault(m => m.Success);
        Assert.True(line is not null, run.Run.All);
        run.Contains(run.Of("flooder"), l => l == "flooder: ok");
        run.Contains(run.Of("calm"), l => l == "calm: ok");
        Assert.Equal(int.Parse(line!.Groups[1].ValueSpan, CultureInfo.InvariantCulture), run.Kind(0x33, 1));
        // 300 records of quota: all but the one in reserve, which its end uses.
        Assert.Equal(299, run.Records.Count(r => r.Subject == 1 && r.Kind != 0x71));
        Assert.Equal(501, run.Kind(0x33, 2));
        Assert.Equal(0UL, run.End(1).Aux);
    }

    [Fact]
    [Trait("Theorem", "Appending_never_overwrites")]
    [Trait("Theorem", "The_log_only_grows")]
    public void More_records_than_the_ring_holds_pass_through_a_drain()
    {
        var run = SystemRun.Of("drain");
        Assert.True(run.Run.ExitCode == 0, run.Run.All);
        Assert.DoesNotContain("FAILED", run.Run.All, StringComparison.Ordinal);
        run.Contains(run.Of("monitor"), l => MonitorLine().IsMatch(l));
        run.Contains(run.Of("monitor"), l => l == "monitor: ok");
        run.Contains(run.Of("worker"), l => l == "worker: ok");
        // The ring went round: what is left of the log begins later, and is chained to its end.
        Assert.Equal(65_536, run.Records.Length);
        Assert.True(run.Records[0].Sequence > 0);
        for (var i = 1; i < run.Records.Length; i++)
            if (run.Records[i].Sequence != run.Records[i - 1].Sequence + 1 || run.Records[i].Before != run.Records[i - 1].Hash) Assert.Fail($"a gap before record {run.Records[i].Sequence}");
        Assert.Equal(0x8F, run.Records[^1].Kind);
        var verified = Shell.Rvm(60, "witness", "verify", run.File_);
        Assert.Equal(1, verified.ExitCode);
        Assert.Contains($"the log is anchored later: it begins at record {run.Records[0].Sequence}", verified.Output, StringComparison.Ordinal);
        Assert.Contains("1 finding", verified.Output, StringComparison.Ordinal);
    }

    [GeneratedRegex(@"^flooder: (\d+) signals, then WitnessLogFull$", RegexOptions.CultureInvariant)]
    private static partial Regex FloodLine();

    [GeneratedRegex(@"^monitor: \d+ records, chain intact, \d+ drains ", RegexOptions.CultureInvariant)]
    private static partial Regex MonitorLine();
}
