namespace Rvm.Verified.Tests;

/// <summary>Bundles: what each command does, and what it refuses.</summary>
public class BootTests
{
    private static BootScript One => new BootScript().Image().Partition();

    /// <summary>The last command before END is refused with this status; it has changed nothing.</summary>
    private static void Refused(long status, BootScript script)
    {
        var (rig, words) = (new Rig(), script.Words());
        var last = (int)words[2] - 2;
        Assert.Equal(0UL, RvmKernel.__default.Begin(rig.Core, words, rig.Now));
        for (var i = 0; i < last; i++) Assert.Equal(0UL, RvmKernel.__default.Command(rig.Core, words, (uint)(8 + 8 * i), rig.Now));
        var before = Frozen.Of(rig.Core);
        Assert.Equal(status, (long)RvmKernel.__default.Command(rig.Core, words, (uint)(8 + 8 * last), rig.Now));
        before.AssertSame(rig.Core);
        before.AssertSameLog(rig.Core);
        Assert.Empty(rig.Effects);
    }

    [Fact]
    public void The_log_begins_with_the_attestation_of_the_bundle()
    {
        var words = Trio.Script().Words();
        var record = Rig.Boot(words).Log.Read(0);
        var covered = words[..(8 + 8 * (int)words[2])].SelectMany(BitConverter.GetBytes).ToArray();
        Assert.Equal((Rec.Attest, 0UL, (ulong)words.Length, Witness.Fnv(covered, Witness.Basis)), (record.Kind, record.Subject, record.Object, record.Aux));
    }

    [Fact]
    [Trait("Theorem", "Boot_starts_valid_and_stays_so")]
    [Trait("Theorem", "The_boot_ends_with_one_record")]
    public void Boot_ends_with_the_first_partition_running_and_every_step_witnessed()
    {
        var rig = Trio.Boot();
        Assert.False(rig.Core.booting);
        var log = rig.Log.From(0);
        Assert.Equal((Rec.BootComplete, 3UL), (log[^1].Kind, log[^1].Object));
        Assert.All(log, r => Assert.Equal(0UL, r.Subject));
        Assert.Equal(3, log.Count(r => r.Kind == Rec.PartitionCreate));
        Assert.Equal(6 + 5, log.Count(r => r.Kind == Rec.RegionCreate));
        Assert.Equal(7 + 5 + 6, log.Count(r => r.Kind == Rec.CapGrant));
        rig.Log.Check(0, Witness.Basis);
        new Invariants(rig.Core).Thorough();
    }

    [Fact]
    public void The_nth_capability_has_the_handle_that_the_interface_promises()
    {
        var rig = Trio.Boot();
        for (uint slot = 0; slot < Trio.FirstFree; slot++) Assert.Equal(Trio.H(slot), rig.Handle(1, slot));
    }

    [Theory]
    [InlineData(0, 0x314C_444E_424D_5653UL)]
    [InlineData(1, 2UL)]
    [InlineData(2, 0UL)]
    [InlineData(2, 4097UL)]
    [InlineData(2, ulong.MaxValue)]
    [InlineData(2, 1UL << 61)]
    [InlineData(3, 0UL)]
    [InlineData(3, ulong.MaxValue)]
    [InlineData(4, 1UL)]
    [InlineData(7, 1UL << 63)]
    public void A_wrong_header_is_refused_and_changes_nothing(int at, ulong value)
    {
        var (rig, words) = (new Rig(), Trio.Script().Words());
        words[at] = value;
        var before = Frozen.Of(rig.Core);
        Assert.Equal((Code.Unsupported, -1), rig.Load(words));
        before.AssertSame(rig.Core);
        before.AssertSameLog(rig.Core);
    }

    [Fact]
    public void Fewer_words_than_a_header_are_refused()
    {
        for (var length = 0; length < 8; length++) Assert.Equal((Code.Unsupported, -1), new Rig().Load(Trio.Script().Words()[..length]));
    }

    [Fact]
    public void No_command_before_the_attestation_none_after_the_end_and_no_second_boot()
    {
        var (rig, words) = (new Rig(), Trio.Script().Words());
        Assert.Equal(Code.InvalidPartitionState, (long)RvmKernel.__default.Command(rig.Core, words, 8, 1));
        Assert.Equal((Code.Ok, -1), rig.Load(words));
        Assert.Equal(Code.InvalidPartitionState, (long)RvmKernel.__default.Command(rig.Core, words, 8, 1));
        Assert.Equal(Code.InvalidPartitionState, (long)RvmKernel.__default.Begin(rig.Core, words, 1));
    }

    [Fact]
    public void A_command_beyond_the_bundle_is_refused()
    {
        var (rig, words) = (new Rig(), Trio.Script().Words());
        Assert.Equal(0UL, RvmKernel.__default.Begin(rig.Core, words, 1));
        foreach (var at in new[] { (uint)words.Length - 7, (uint)words.Length, uint.MaxValue - 7, uint.MaxValue })
            Assert.NotEqual(0UL, RvmKernel.__default.Command(rig.Core, words, at, 1));
        Assert.NotEqual(0UL, RvmKernel.__default.Command(rig.Core, [], 0, 1));
    }

    [Fact]
    public void Images_are_refused()
    {
        var words = (ulong)new BootScript().Add(1).Words().Length;
        Refused(Code.ResourceLimitExceeded, new BootScript().Add(1, words + 1, 0, 1, 1));
        Refused(Code.ResourceLimitExceeded, new BootScript().Add(1, words, 1, 1, 1));
        Refused(Code.ResourceLimitExceeded, new BootScript().Add(1, ~0UL, ~0UL, 1, 1));
        Refused(Code.MemoryOverlap, new BootScript().Add(1, 8, 8, 1, 0));
        Refused(Code.MemoryOverlap, new BootScript().Add(1, 8, 8, 1, 4097));
        Refused(Code.MemoryOverlap, new BootScript().Add(1, 8, 8, 1, 4000, 97));
        Refused(Code.MemoryOverlap, new BootScript().Add(1, 8, 8, 1, 1, ~0UL));
        Refused(Code.MemoryOverlap, new BootScript().Add(1, 8, 8, 0x7FF_FFFF, 1, 1));
        Refused(Code.MemoryOverlap, new BootScript().Add(1, 8, 8, ~0UL, 1, 1));
        var many = new BootScript();
        for (var i = 0; i < 65; i++) many.Image();
        Refused(Code.ResourceLimitExceeded, many);
    }

    [Fact]
    public void An_image_with_more_bytes_than_pages_is_refused() => Refused(Code.MemoryOverlap, new BootScript().Image(data: 0, words: new ulong[513]));

    [Theory]
    [InlineData(511)]
    [InlineData(512)]
    [InlineData(600)]
    public void What_does_not_fit_the_code_pages_goes_to_the_data_pages(int length)
    {
        var (rig, words) = (new Rig(), new BootScript().Image(code: 1, data: 1, words: new ulong[length]).Partition().Start(1).Words());
        Assert.Equal(0UL, RvmKernel.__default.Begin(rig.Core, words, rig.Now));
        foreach (var at in new uint[] { 8, 16 }) Assert.Equal(0UL, RvmKernel.__default.Command(rig.Core, words, at, rig.Now));
        ulong bytes = (ulong)length * 8, text = Math.Min(bytes, 4096), start = ((ulong)words.Length - (ulong)length) * 8;
        Assert.Equal(
            [new Effect(Fx.Copy, RegionRow.Read(rig.Core, 0).Frame, start, text), new Effect(Fx.Copy, RegionRow.Read(rig.Core, 1).Frame, start + text, bytes - text)],
            rig.Effects.Where(e => e.Kind == Fx.Copy));
    }

    [Fact]
    public void Partitions_are_refused()
    {
        Refused(Code.PartitionNotFound, new BootScript().Image().Partition(image: 1));
        Refused(Code.ResourceLimitExceeded, new BootScript().Image().Partition(slice: 0));
        Refused(Code.ResourceLimitExceeded, new BootScript().Image().Partition(slice: 624));
        Refused(Code.ResourceLimitExceeded, new BootScript().Image().Partition(slice: 1UL << 32));
        Refused(Code.ResourceLimitExceeded, new BootScript().Image().Partition(deadline: 1UL << 32));
        Refused(Code.ResourceLimitExceeded, new BootScript().Image().Partition(budget: 1UL << 32));
        Refused(Code.ResourceLimitExceeded, new BootScript().Image().Partition(quota: 0));
        Refused(Code.ResourceLimitExceeded, new BootScript().Image().Partition(quota: 65_537));
        Refused(Code.WitnessLogFull, new BootScript().Image().Partition(quota: 65_530));
        var many = new BootScript().Image();
        for (var i = 0; i < 128; i++) many.Partition(quota: 1);
        Refused(Code.PartitionLimitExceeded, many);
        var large = new BootScript().Image(code: 4096, data: 0);
        for (var i = 0; i <= (int)((Rig.EndFrame - Rig.FirstFrame) / 4096); i++) large.Partition();
        Refused(Code.OutOfMemory, large);
    }

    [Fact]
    public void Regions_are_refused()
    {
        Refused(Code.PartitionNotFound, One.Region(0, Kind.Slab, 1, 1));
        Refused(Code.PartitionNotFound, One.Region(2, Kind.Slab, 1, 1));
        Refused(Code.PartitionNotFound, One.Region(~0UL, Kind.Slab, 1, 1));
        Refused(Code.CapabilityTypeMismatch, One.Region(1, 4, 1, 1));
        Refused(Code.ResourceLimitExceeded, One.Region(1, Kind.Slab, 0, 1));
        Refused(Code.ResourceLimitExceeded, One.Region(1, Kind.Slab, 65_537, 1));
        Refused(Code.ResourceLimitExceeded, One.Region(1, Kind.Slab, 1, 0x1000));
        Refused(Code.ResourceLimitExceeded, One.Region(1, Kind.Device, 1, 1, 1UL << 32));
        var many = One;
        for (var i = 0; i < 33; i++) many.Region(1, Kind.Slab, 1, 1);
        Refused(Code.OutOfMemory, many);
    }

    [Fact]
    public void Shared_regions_are_refused()
    {
        Refused(Code.ResourceLimitExceeded, One.Shared(0));
        Refused(Code.ResourceLimitExceeded, One.Shared(65_537));
        Refused(Code.ResourceLimitExceeded, One.Shared(1, new ulong[513]));
        Refused(Code.ResourceLimitExceeded, One.Add(9, 1, 1000, 8));
        Refused(Code.ResourceLimitExceeded, One.Add(9, 1, 0, 4096));
        var many = One;
        for (var i = 0; i < 4; i++) many.Shared(65_536);
        Refused(Code.OutOfMemory, many);
        Refused(Code.CapabilityTypeMismatch, One.Shared(1).Cap(1, Kind.Region, 3, 1));
        Refused(Code.CapabilityTypeMismatch, One.Shared(1).Cap(1, Kind.Region, 512, 1));
        Refused(Code.InsufficientCapability, One.Shared(1).Map(1, 2, 1, 0, 1, Kind.Rw));
        Refused(Code.InsufficientCapability, One.Shared(1).Map(1, 2, 1, 0, 1, Kind.Rx));
    }

    [Theory]
    [InlineData(Rig.RamFrame, 1UL)]
    [InlineData(Rig.RamFrame - 1, 2UL)]
    [InlineData(Rig.UartFrame, 1UL)]
    [InlineData(Rig.UartFrame - 1, 2UL)]
    [InlineData(Rig.GicdFrame + 15, 1UL)]
    [InlineData(Rig.GicrFrame + Rig.GicrPages - 1, 1UL)]
    [InlineData(0UL, 0x10000UL)]
    [InlineData(0x9010UL, 2UL)]
    [Trait("Theorem", "No_partition_reaches_the_hypervisor")]
    public void Devices_of_the_hypervisor_ram_and_leased_devices_are_not_leased(ulong frame, ulong pages) =>
        Refused(Code.DeviceLeaseConflict, One.Region(1, Kind.Device, 1, 1, 0x9011).Region(1, Kind.Device, pages, 1, frame));

    [Fact]
    public void Maps_are_refused()
    {
        Refused(Code.PartitionNotFound, One.Map(2, 0, 1, 0, 1, Kind.R));
        Refused(Code.InsufficientCapability, One.Partition().Map(2, 0, 1, 0, 1, Kind.R));
        Refused(Code.InsufficientCapability, One.Map(1, 512, 1, 0, 1, Kind.R));
        Refused(Code.InsufficientCapability, One.Map(1, 0, 1, 0, 1, Kind.Rw));
        Refused(Code.AlignmentError, One.Map(1, 0, 1UL << 27, 0, 1, Kind.R));
        Refused(Code.AlignmentError, One.Map(1, 0, 1UL << 52, 0, 1, Kind.R));
        Refused(Code.MemoryOverlap, One.Map(1, 0, 0x40000, 0, 1, Kind.R));
        Refused(Code.ResourceLimitExceeded, One.Map(1, 0, 1, 1, 1, Kind.R));
    }

    [Fact]
    public void Edges_capabilities_starts_and_ends_are_refused()
    {
        Refused(Code.PartitionNotFound, One.Edge(1, 1, 1));
        Refused(Code.PartitionNotFound, One.Edge(1, 2, 1));
        Refused(Code.ResourceLimitExceeded, One.Partition().Edge(1, 2, 0));
        Refused(Code.ResourceLimitExceeded, One.Partition().Edge(1, 2, 17));
        Refused(Code.ResourceLimitExceeded, One.Partition().Edge(1, 2, 1, 0x1000));
        Refused(Code.PartitionNotFound, One.Cap(2, Kind.Console, 0, 1));
        Refused(Code.CapabilityTypeMismatch, One.Cap(1, Kind.Region, 0, 1));
        Refused(Code.CapabilityTypeMismatch, One.Cap(1, Kind.Console, 1, 1));
        Refused(Code.CapabilityTypeMismatch, One.Cap(1, Kind.Partition, 2, 1));
        Refused(Code.CapabilityTypeMismatch, One.Cap(1, Kind.Partition | 1UL << 32, 1, 1));
        Refused(Code.ResourceLimitExceeded, One.Cap(1, Kind.Console, 0, 0x1000));
        Refused(Code.InvalidPartitionState, One.Start(2));
        Refused(Code.InvalidPartitionState, One.Start(1).Start(1));
        Refused(Code.InvalidPartitionState, One.Add(8));
        Refused(Code.Unsupported, One.Add(0));
        Refused(Code.Unsupported, One.Add(11));
        Refused(Code.Unsupported, One.Add(1UL << 32 | 8));
    }
    [Fact]
    public void A_full_capability_table_takes_no_further_one()
    {
        Refused(Code.ResourceLimitExceeded, Full(1).Cap(1, Kind.Console, 0, 1));
        Refused(Code.ResourceLimitExceeded, Full(1).Edge(1, 2, 1));
        Refused(Code.ResourceLimitExceeded, Full(1).Edge(2, 1, 1));
        Rig.Boot(Full(1).Cap(2, Kind.Console, 0, 1).Start(1));

        static BootScript Full(ulong partition)
        {
            var script = One.Partition();
            for (var slot = 0; slot < 32; slot++) script.Cap(partition, Kind.Console, 0, 1);
            return script;
        }
    }
}
