namespace Rvm.Boot.Tests;

/// <summary>systems/lifecycle.yaml, fpu.yaml and crash.yaml: partitions made at run time, registers kept apart, unusual ends.</summary>
public class LifecycleTests
{
    [Fact]
    [Trait("Theorem", "Nothing_remains_in_memory")]
    [Trait("Theorem", "Nothing_remains_in_save_areas")]
    public void A_hundred_and_fifty_partitions_are_created_and_terminated()
    {
        var run = SystemRun.Of("lifecycle").MustBeGood();
        run.Contains(run.Of("parent"), l => l == "created and terminated 150 partitions");
        run.Contains(run.Of("parent"), l => l == "lifecycle: ok");
        // Two children, 150 one after the other, and as many at once as 32 slots less 6 allow; then the parent itself.
        Assert.Equal(2 + 150 + 26, run.Kind(0x01, 1));
        Assert.Equal(2 + 150 + 26 + 3, run.Kind(0x40, 1));         // and two edges made and one destroyed
        Assert.Equal(1, run.Records.Count(r => r.Kind == 0x08));
        Assert.True(run.Records.Count(r => r.Kind == 0x71 && r.Aux >> 56 == 3) >= 150 + 26 + 2);
    }

    [Fact]
    [Trait("Theorem", "A_partition_learns_only_what_it_may")]
    public void Registers_of_two_partitions_never_mix()
    {
        var run = SystemRun.Of("fpu").MustBeGood();
        run.Contains(run.Of("left"), l => l == "fpu: ok");
        run.Contains(run.Of("right"), l => l == "fpu: ok");
    }

    [Fact]
    [Trait("Theorem", "Nobody_disturbs_another_without_a_channel")]
    public void Whatever_ends_a_partition_leaves_the_others_alone()
    {
        var run = SystemRun.Of("crash");
        Assert.DoesNotContain("FAILED", run.Run.All, StringComparison.Ordinal);
        run.MustBeGood();
        run.Contains(run.Of("alice"), l => l == "hello: ok");
        Assert.Equal([0UL, 1, 1, 0, 0], Enumerable.Range(1, 5).Select(p => run.End((ulong)p).Aux >> 56));
        Assert.Equal(1UL, run.End(6).Aux >> 56);
        // The third used up its quota of 50 with faults, all but the record of its end.
        Assert.Equal(49, run.Records.Count(r => r.Subject == 3 && r.Kind != 0x71));
    }
}
