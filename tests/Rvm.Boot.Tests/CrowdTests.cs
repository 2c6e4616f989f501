namespace Rvm.Boot.Tests;

/// <summary>systems/crowd.yaml: 64 partitions, all served.</summary>
public class CrowdTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(4)]
    [Trait("Theorem", "Everybody_is_served")]
    [Trait("Theorem", "Nobody_is_held_up_by_who_waits")]
    public void All_sixty_four_are_served(int cores)
    {
        var run = SystemRun.Of("crowd", cores).MustBeGood();
        for (var id = 1; id <= 64; id++) run.Count(1, l => l.EndsWith($"| partition {id} of the crowd is here", StringComparison.Ordinal));
        Assert.Equal((64, 64), (run.Kind(0x01), run.Kind(0x07)));
        for (var id = 1UL; id <= 64; id++) Assert.Equal(0UL, run.End(id).Aux);
    }
}
