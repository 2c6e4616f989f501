namespace Rvm.Boot.Tests;

/// <summary>systems/hello.yaml: two partitions greet.</summary>
public class HelloTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(4)]
    public void Both_greet_and_end(int cores)
    {
        var run = SystemRun.Of("hello", cores).MustBeGood();
        Assert.Equal(["hello, this is partition 1: I can see my own memory and nothing else", "partition 1 says goodbye", "hello: ok"], run.Of("alice"));
        Assert.Equal(["good day from partition 2: nobody can read this before I say it", "partition 2 says goodbye", "hello: ok"], run.Of("bob"));
        Assert.Equal((0UL, 0UL), (run.End(1).Aux, run.End(2).Aux));
        Assert.Equal((0, 0), (run.Kind(0x41), run.Kind(0x42)));
    }

    [Fact]
    public void The_kernel_says_where_it_runs() =>
        SystemRun.Of("hello", 4).Contains(SystemRun.Of("hello", 4).Run.Lines, l => l.StartsWith("RVM 0.1 at EL2, memory 1024 MiB", StringComparison.Ordinal) && l.Contains(" 4 cpus", StringComparison.Ordinal));

    [Fact]
    public void The_log_attests_the_bundle_that_was_booted()
    {
        var run = SystemRun.Of("hello").MustBeGood();
        var verified = Shell.Rvm(60, "witness", "verify", run.File_, "--bundle", "artifacts/systems/hello/hello.bundle");
        Assert.True(verified.ExitCode == 0, verified.All);
    }

    [Fact]
    public void Runs_that_follow_instructions_repeat_exactly()
    {
        var logs = Enumerable.Range(0, 2).Select(n =>
        {
            var file = SystemRun.Temporary($"repeated-{n}.bin");
            var run = Shell.Rvm(120, "run", "systems/hello.yaml", "--icount", "--timeout", "60", "--witness", file);
            Assert.True(run.ExitCode == 0, run.All);
            return File.ReadAllBytes(file);
        }).ToList();
        Assert.Equal(logs[0].Length, logs[1].Length);
        for (var i = 0; i < logs[0].Length; i += 64)            // all but the times and what hangs on them
            Assert.Equal(logs[0][(i + 16)..(i + 44)], logs[1][(i + 16)..(i + 44)]);
    }
}
