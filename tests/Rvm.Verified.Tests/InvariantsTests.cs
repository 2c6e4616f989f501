namespace Rvm.Verified.Tests;

/// <summary>The checks of this project see what they are for: each of these damages goes unnoticed by no check.</summary>
public class InvariantsTests
{
    private readonly CoreState.Core _core = Trio.Boot().Core;

    private ulong Leaf(uint partition, ulong page)
    {
        // Two tables below the root, made in order: level 2, then level 3.
        return partition * 16 * 512 + 2 * 512 + page % 512;
    }

    private void Finds(Action damage, string message, bool thorough = true)
    {
        var invariants = new Invariants(_core);
        invariants.AfterEvent();
        invariants.Thorough();
        damage();
        Assert.Contains(message, Assert.ThrowsAny<Xunit.Sdk.XunitException>(thorough ? invariants.Thorough : invariants.AfterEvent).Message, StringComparison.Ordinal);
    }

    [Fact]
    [Trait("Theorem", "No_partition_reaches_anothers_memory")]
    public void A_foreign_frame() =>
        Finds(() => _core.stage2.pool[Leaf(1, Trio.ImagePage + 1)] = _core.stage2.pool[Leaf(2, Trio.ImagePage + 1)], "partition 1 reaches");

    [Fact]
    [Trait("Theorem", "Nothing_is_writable_and_executable")]
    public void A_page_that_the_policy_forbids() => Finds(() => _core.stage2.pool[Leaf(1, Trio.ImagePage)] |= 0x80, "the policy forbids it");

    [Fact]
    public void A_table_outside_the_partitions_own() =>
        Finds(() => _core.stage2.pool[1 * 16 * 512 + 1] = _core.stage2.pool[2 * 16 * 512 + 1], "leads to table");

    [Fact]
    public void A_block_where_a_page_should_be() => Finds(() => _core.stage2.pool[1 * 16 * 512 + 1] ^= 2, "a block descriptor");

    [Fact]
    public void Regions_that_overlap() => Finds(() => _core.regions.tab[7 * 8 + 4] = _core.regions.tab[6 * 8 + 4] + 1, "overlaps");

    [Fact]
    [Trait("Theorem", "A_device_has_one_holder")]
    public void A_lease_of_a_device_that_is_not_listed() => Finds(() => (_core.gate.leases.ends[1], _core.gate.leases.place[2]) = (5000, (uint)Trio.DeviceRegion), "what is no device");

    [Fact]
    [Trait("Theorem", "A_device_has_one_holder")]
    public void A_lease_of_anothers_region() => Finds(() => (_core.gate.leases.ends[2], _core.gate.leases.place[4]) = (5000, (uint)Trio.DeviceRegion), "partition 2 has leased");

    [Fact]
    public void Quotas_beyond_the_ring() => Finds(() => _core.log.quota[5] += Witness.Capacity, "quotas");

    [Fact]
    public void A_generation_that_goes_back() => Finds(() => _core.caps.tab[(32 + 3) * 8]--, "generation 1 became 0", thorough: false);

    [Fact]
    [Trait("Theorem", "The_log_only_grows")]
    public void A_record_with_a_wrong_bit() => Finds(() => { _core.log.Append(0, 1, 0x33, 1, 1, 0, 1); _core.log.ring[_core.log.head * 8 - 3] ^= 1; }, "is wrong", thorough: false);

    [Fact]
    [Trait("Theorem", "The_log_only_grows")]
    public void A_gap_in_the_log() => Finds(() => { _core.log.head++; _core.log.Append(0, 1, 0x33, 1, 1, 0, 1); }, "is wrong", thorough: false);

    [Fact]
    public void A_partition_that_runs_without_having_been_started() => Finds(() => _core.sched.tab[1 * 8 + 1] = PartRow.Suspended, "partition 1 runs", thorough: false);

    [Theory]
    [InlineData(2u, 0)]
    [InlineData(1u, 6)]
    public void A_register_that_is_none_of_the_calls_results(uint partition, int register)
    {
        var (footprint, e) = (new Footprint(_core), new Event(EventKind.Hypercall, 2000, [Fn.Base + Fn.QueueRecv, Trio.H(Trio.FromTwo)]));
        footprint.Before(e);
        e.Deliver(_core);
        footprint.Check(e);
        _core.ctx[partition * 64 + register] ^= 1;
        Assert.Contains($"x{register} of partition {partition}", Assert.ThrowsAny<Xunit.Sdk.XunitException>(() => footprint.Check(e)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void An_effect_on_memory_that_was_never_given_out()
    {
        EffectRules.Check(_core);
        (_core.neff, _core.eff[0], _core.eff[1], _core.eff[2]) = (1, Fx.Zero, Rig.FirstFrame - 1, 1);
        Assert.ThrowsAny<Xunit.Sdk.XunitException>(() => EffectRules.Check(_core));
    }
}
