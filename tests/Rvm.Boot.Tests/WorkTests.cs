using System.Globalization;
using System.Text.RegularExpressions;

namespace Rvm.Boot.Tests;

/// <summary>systems/heavy.yaml: what the dearest calls cost in retired instructions, beside the proved bound on their steps (docs/proofs.md, "Work").</summary>
public class WorkTests
{
    private const int Timeout = 60, Pages = 4096, Times = 3;

    /// <summary>Most instructions from the guest's reading of the counter before the call to that after it, the platform's part included.</summary>
    private static readonly Dictionary<string, long> Most = new()
    {
        ["map_with_new_tables"] = 160_000, ["map"] = 160_000, ["unmap"] = 190_000, ["terminate"] = 25_000,
    };

    [Fact]
    [Trait("Theorem", "The_work_of_every_event_is_bounded")]
    public void The_dearest_calls_keep_their_bounds_in_instructions()
    {
        var run = Shell.Rvm(Timeout + 60, "run", "systems/heavy.yaml", "--icount", "--smp", "1", "--timeout", $"{Timeout}");
        Assert.True(run.ExitCode == 0 && run.Lines.Contains("parent| heavy: ok"), run.All);
        var figures = run.Lines.Select(l => Regex.Match(l, @"^parent\| RES (\w+) instructions=(\d+)$")).Where(m => m.Success)
            .Select(m => (Call: m.Groups[1].Value, Instructions: long.Parse(m.Groups[2].Value, CultureInfo.InvariantCulture))).ToList();
        Assert.Equal(3 * Times, figures.Count);
        Assert.Equal(Most.Keys.Order(), figures.Select(f => f.Call).Distinct().Order());
        Assert.All(figures, f => Assert.InRange(f.Instructions, f.Call == "terminate" ? 1_000 : Pages, Most[f.Call]));
    }
}
