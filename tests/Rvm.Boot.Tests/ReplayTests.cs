using System.Text.Json;
using Rvm.Spec.Tests;
using Rvm.Tool.Replay;
using Structure = Rvm.Tool.Replay.Structure;

namespace Rvm.Boot.Tests;

/// <summary>The logs of booted systems, replayed by the tool and by the compiled specification.</summary>
public class ReplayTests
{
    private const ulong Free = 0x46000, End = 0x80000;
    private const int Comparisons = 40;

    [Theory]
    [Trait("Theorem", "The_log_tells_all")]
    [InlineData("hello")]
    [InlineData("lifecycle")]
    [InlineData("proof")]
    [InlineData("tenants")]
    [InlineData("intruder")]
    [InlineData("mapper")]
    [InlineData("model")]
    [InlineData("lease")]
    [InlineData("flood")]
    public void The_log_of_a_booted_system_is_replayed_as_the_specification_does(string system)
    {
        var records = SystemRun.Of(system).MustBeGood().Records;
        var (structure, accounts) = (new Structure(Free, End), new Accounts());
        var (tool, spec) = (new WitnessReplay(structure, accounts), new SpecReplay(SpecReplay.Empty(Free, End)));
        for (var i = 0; i < records.Length; i++)
        {
            spec.Apply(records[i]);
            Assert.Null(tool.Apply(records[i]));
            if (i % Math.Max(1, records.Length / Comparisons) != 0 && i != records.Length - 1) continue;
            SpecReplay.Same(spec.Structure, structure);
            SpecReplay.Same(spec.Log, accounts);
        }
    }

    [Fact]
    public void The_command_replays_a_booted_systems_log()
    {
        var run = SystemRun.Of("lifecycle").MustBeGood();
        var replay = Shell.Rvm(60, "witness", "replay", run.File_, "--format", "json");
        Assert.True(replay.ExitCode == 0, replay.All);
        Assert.Equal(run.Records.Length, JsonDocument.Parse(replay.Output).RootElement.GetProperty("applied").GetInt32());
        var query = Shell.Rvm(60, "witness", "query", run.File_, "--kind", "PartitionCreate", "--format", "json");
        Assert.Equal(run.Kind(0x01), JsonDocument.Parse(query.Output).RootElement.GetProperty("matched").GetInt32());
    }
}
