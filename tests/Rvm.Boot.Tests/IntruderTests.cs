using System.Globalization;
using System.Text.RegularExpressions;

namespace Rvm.Boot.Tests;

/// <summary>systems/intruder.yaml: 42 hostile attempts beside a partition that works.</summary>
public partial class IntruderTests
{
    private const int Attempts = 41;

    [Theory]
    [InlineData(1)]
    [InlineData(4)]
    [Trait("Theorem", "Nothing_happens_without_a_capability")]
    [Trait("Theorem", "The_hardware_keeps_partitions_apart")]
    [Trait("Theorem", "Nothing_is_writable_and_executable")]
    [Trait("Theorem", "No_partition_reaches_the_hypervisor")]
    [Trait("Theorem", "Nobody_disturbs_another_without_a_channel")]
    [Trait("Theorem", "What_others_do_is_not_observed")]
    [Trait("Theorem", "What_a_program_does_does_not_depend_on_others")]
    [Trait("Theorem", "Every_refused_call_leaves_a_record")]
    [Trait("Theorem", "No_record_without_the_capability_for_it")]
    public void Every_attempt_is_refused_and_witnessed_and_the_victims_result_is_correct(int cores)
    {
        var run = SystemRun.Of("intruder", cores).MustBeGood();
        var lines = run.Of("intruder");
        var attempts = lines.Select(l => RefusedLine().Match(l)).Where(m => m.Success).Select(m => int.Parse(m.Groups[1].ValueSpan, CultureInfo.InvariantCulture)).ToList();
        Assert.True(attempts.SequenceEqual(Enumerable.Range(1, Attempts)), $"refused: {string.Join(' ', attempts)}\n{run.Run.All}");
        run.Contains(lines, l => l == $"intruder: {Attempts} attempts refused, 0 breaches, 0 unexpected");
        run.Contains(lines, l => l.StartsWith("attempt 42 an endless loop ", StringComparison.Ordinal));
        run.Contains(run.Of("victim"), l => l.StartsWith("victim: result correct after 32 rounds", StringComparison.Ordinal));
        Assert.DoesNotContain("BREACH", run.Run.All, StringComparison.Ordinal);
        Assert.DoesNotContain("UNEXPECTED", run.Run.All, StringComparison.Ordinal);

        var counts = lines.Select(l => CountLine().Match(l)).Single(m => m.Success);
        Assert.Equal(int.Parse(counts.Groups[1].ValueSpan, CultureInfo.InvariantCulture), run.Kind(0x41, 2));
        Assert.True(run.Kind(0x42, 2) >= int.Parse(counts.Groups[2].ValueSpan, CultureInfo.InvariantCulture), $"{run.Kind(0x42, 2)} faults are witnessed, the guest says {counts.Value}");
        Assert.Equal((2UL << 56, 2UL), (run.End(2).Aux, run.End(2).Subject));             // the budget ended it
        Assert.Equal((0UL, 0), (run.End(1).Aux, run.Kind(0x42, 1)));
        // The victim looks into its letterbox until the edge has ended with the intruder.
        Assert.All(run.Records.Where(r => r.Kind == 0x41 && r.Subject == 1), r => Assert.Equal((0xC600_0004UL, -11L), (r.Object, (long)r.Aux)));
        Assert.InRange(run.Kind(0x41, 1), 0, 1);
    }

    [GeneratedRegex(@"^attempt (\d\d) .*: refused \(.+\), \d+ probes$", RegexOptions.CultureInvariant)]
    private static partial Regex RefusedLine();

    [GeneratedRegex(@"^intruder: witnessed must be (\d+) rejections and at least (\d+) faults$", RegexOptions.CultureInvariant)]
    private static partial Regex CountLine();
}
