namespace Rvm.Spec.Tests;

/// <summary>The comparison sees what it is for: a single changed word anywhere in the core's tables is a difference.</summary>
public class MirrorTests
{
    private static readonly Dictionary<string, Action<CoreState.Core>> Damages = new()
    {
        ["register"] = k => k.ctx[3 * 64 + 17] ^= 1,
        ["capability"] = k => k.caps.tab[(1 * 32 + 0) * 8 + 4] ^= 1,
        ["capability's parent"] = k => k.caps.tab[(1 * 32 + 0) * 8 + 6] ^= 1,
        ["region's owner"] = k => k.regions.tab[14 * 8 + 1] = 2,
        ["next free frame"] = k => k.regions.next++,
        ["end of RAM"] = k => k.regions.limit--,
        ["edge"] = k => k.edges.edges[3] ^= 1,
        ["message"] = k => k.edges.queues[2] ^= 1,
        ["bits"] = k => k.edges.heads[2] ^= 1,
        ["queue's place"] = k => k.edges.heads[0]++,
        ["life"] = k => k.sched.tab[3 * 8 + 1] = 3,
        ["deadline"] = k => k.sched.tab[4 * 8 + 6]++,
        ["ready list"] = k => k.sched.first = (k.sched.first + 1) % 128,
        ["slice's end"] = k => k.sched.sliceEnd++,
        ["next wake"] = k => k.sched.nextWake--,
        ["running partition"] = k => k.sched.cur = 4,
        ["quota"] = k => k.log.quota[5]++,
        ["undrained"] = k => k.log.used[5]++,
        ["drained"] = k => k.log.drained--,
        ["chain"] = k => k.log.chain ^= 1,
        ["record"] = k => k.log.ring[(int)k.log.head * 8 - 3] ^= 1,
        ["frame"] = k => k.stage2.pool[16 * 512 + 2 * 512] ^= 1 << 12,
        ["permission"] = k => k.stage2.pool[16 * 512 + 2 * 512] ^= 1 << 7,
        ["memory type"] = k => k.stage2.pool[16 * 512 + 2 * 512] ^= 1 << 5,
        ["access flag"] = k => k.stage2.pool[16 * 512 + 2 * 512] ^= 1 << 10,
        ["page unmapped"] = k => k.stage2.pool[16 * 512 + 2 * 512] = 0,
        ["page mapped"] = k => k.stage2.pool[16 * 512 + 2 * 512 + 100] = k.stage2.pool[16 * 512 + 2 * 512],
        ["block"] = k => k.stage2.pool[16 * 512 + 200] = 0x4000_0741,
        ["table"] = k => k.stage2.pool[16 * 512 + 1] ^= 1UL << 13,
        ["nonce"] = k => k.gate.nonces[3]++,
        ["lease's end"] = k => k.gate.leases.ends[1]++,
        ["lease's region"] = k => k.gate.leases.place[2]++,
        ["lease's page"] = k => k.gate.leases.place[3]++,
        ["another's lease"] = k => k.gate.leases.ends[2]++,
        ["device"] = k => k.gate.leases.list[1]++,
        ["number of devices"] = k => k.gate.leases.count--,
        ["active policy"] = k => k.gate.active = 2,
        ["number of policies"] = k => k.gate.count = 1,
        ["policy's rule"] = k => k.gate.second.tab[140]++,
        ["policy's digest"] = k => k.gate.digest2++,
        ["governed calls"] = k => k.gate.low ^= 2,
        ["image"] = k => k.img[5]++,
        ["failed"] = k => k.failed = true,
        ["halted"] = k => k.halted = true,
        ["booting"] = k => k.booting = true,
    };

    public static TheoryData<string> Names => [.. Damages.Keys];

    [Theory]
    [MemberData(nameof(Names))]
    public void A_damage_is_seen(string what)
    {
        var twins = new Twins(RvmKernel.__default.New(0x40000, 0x9000, 0x8000, 0x80A0, 0xF60, 0x46000, 0x80000));
        foreach (var e in RichState.Events) twins.Deliver(e);
        Assert.Equal(RichState.State, twins.Spec);
        twins.Compare();
        Damages[what](twins.Core);
        Assert.Throws<DifferenceException>(() => twins.Compare());
    }

    [Fact]
    [Trait("Theorem", "Boot_starts_valid_and_stays_so")]
    [Trait("Theorem", "The_core_starts_good")]
    public void A_core_that_has_had_no_event_is_the_first_state() =>
        Assert.Equal(RichState.First, new Twins(RvmKernel.__default.New(0x40000, 0x9000, 0x8000, 0x80A0, 0xF60, 0x46000, 0x80000)).Spec);
}
