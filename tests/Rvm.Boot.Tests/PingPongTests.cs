namespace Rvm.Boot.Tests;

/// <summary>systems/pingpong.yaml: 10,000 messages each way.</summary>
public class PingPongTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(4)]
    public void Every_message_arrives_and_is_witnessed(int cores)
    {
        var run = SystemRun.Of("pingpong", cores).MustBeGood();
        run.Contains(run.Of("alice"), l => l.StartsWith("alice: sent 10000, received 10000, checksum 0xe59283255a1c0bac, ", StringComparison.Ordinal) && l.EndsWith(": ok", StringComparison.Ordinal));
        run.Contains(run.Of("bob"), l => l.StartsWith("bob: sent 10000, received 10000, checksum 0x298318c6e8f08d78, ", StringComparison.Ordinal) && l.EndsWith(": ok", StringComparison.Ordinal));
        Assert.Equal((20_000, 10_000, 10_000), (run.Kind(0x34), run.Kind(0x34, 1), run.Kind(0x34, 2)));
        Assert.Equal((0, 0), (run.Kind(0x41), run.Kind(0x42)));
        Assert.All(run.Records.Where(r => r.Kind == 0x34), r => Assert.InRange(r.Aux, 1UL, 16UL));
    }
}
