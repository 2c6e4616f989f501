using FsCheck.Fluent;
using Rvm.Tool.Run;
using Rvm.Tool.Tests.Support;

namespace Rvm.Tool.Tests;

public class ConsoleTests
{
    [Fact]
    public void The_halt_line_is_taken_apart()
    {
        var monitor = new ConsoleMonitor();
        monitor.Take("RVM HALT status=0 records=70000 ring=0x41000000 first=4464 capacity=65536\r");
        Assert.Equal(new HaltLine(0, 70_000, 0x4100_0000, 4464, 65_536), monitor.Halt);
        Assert.True(monitor.Ended);
    }

    [Theory]
    [InlineData("alice| RVM HALT status=0 records=1 ring=0x1 first=0 capacity=1")]
    [InlineData("alice| RVM KERNEL FAULT")]
    [InlineData("a| x\rRVM HALT status=0")]
    [InlineData("RVM HALT status=zero")]
    [InlineData(" RVM HALT status=0")]
    [InlineData("RVM BOOT REFUSED command x status y")]
    [InlineData("RVM 0.1 at EL2")]
    public void Only_the_kernel_can_end_a_run(string line)
    {
        var monitor = new ConsoleMonitor();
        monitor.Take(line);
        Assert.False(monitor.Ended);
    }

    [Fact]
    public void Refusals_and_faults_are_remembered()
    {
        var monitor = new ConsoleMonitor();
        monitor.Take("RVM BOOT REFUSED command 12 status -23 (MemoryOverlap)");
        monitor.Take("RVM KERNEL FAULT class=0x25");
        monitor.Take("RVM KERNEL FAULT while reporting one");
        Assert.Equal(new RefusalLine(12, -23), monitor.Refusal);
        Assert.Equal("RVM KERNEL FAULT class=0x25", monitor.Fault);
    }

    [Fact]
    public void Guest_lines_are_split_and_the_last_eight_kept()
    {
        var monitor = new ConsoleMonitor();
        Assert.Equal(new ConsoleLine("w-12", "a | b"), monitor.Take("w-12| a | b"));
        Assert.Equal(new ConsoleLine(null, "NOT| a guest"), monitor.Take("NOT| a guest"));
        for (var i = 0; i < 20; i++) monitor.Take($"x| {i}");
        Assert.Equal(Enumerable.Range(12, 8).Select(i => $"x| {i}"), monitor.Tail);
    }

    [Fact]
    public void No_control_character_reaches_the_terminal() =>
        Prop.ForAll(Gen.ArrayOf(Gen.Choose(0, 255).Select(c => (char)c)).ToArbitrary(), text => !new ConsoleMonitor().Take(new string(text)).Text.Any(c => char.IsControl(c) && c != '\t')).Holds();

    [Theory]
    [InlineData(10, 0, 16, null)]
    [InlineData(40, 24, 16, null)]
    [InlineData(40, 23, 16, "more records than the ring holds")]
    [InlineData(3, 4, 16, "after its last")]
    [InlineData(3, 0, 0, "no witness ring")]
    public void Halt_lines_that_cannot_be_right_are_refused(ulong records, ulong first, ulong capacity, string? reason)
    {
        var refused = WitnessRing.Refuse(new(0, records, 0x4100_0000, first, capacity));
        if (reason is null) Assert.Null(refused);
        else Assert.Contains(reason, refused, StringComparison.Ordinal);
    }

    [Fact]
    public void A_ring_is_unrolled_in_order_of_sequence() =>
        Prop.ForAll(Gen.Choose(1, 20).ToArbitrary(), Gen.Choose(0, 100).ToArbitrary(), (capacity, records) =>
        {
            var ring = new byte[capacity * 64];
            var first = Math.Max(0, records - capacity);
            for (var i = first; i < records; i++) ring[i % capacity * 64] = (byte)i;
            var log = WitnessRing.Unroll(ring, new(0, (ulong)records, 1, (ulong)first, (ulong)capacity));
            return log.Length == (records - first) * 64 && Enumerable.Range(first, records - first).All(i => log[(i - first) * 64] == i);
        }).Holds();
}
