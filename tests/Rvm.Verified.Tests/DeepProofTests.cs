namespace Rvm.Verified.Tests;

/// <summary>P3: certificates over the witness log, checked while slices end (spec/Decide/Proof.dfy).</summary>
public class DeepProofTests
{
    private const uint Pool = 0, Log = 1, Console = 2;
    private const ulong None = 0, Running = 1, Good = 2, Bad = 3, Steps = 16;

    private static ulong H(uint slot) => Trio.H(slot);

    private static readonly ulong[] Create = [H(Pool), 0, 0x646c_6968_63, 20, 0, 0, 0];

    private static Rig Boot(ulong budget = 0)
    {
        var rig = Rig.Boot(new BootScript().Image().Partition(quota: 2000, budget: budget).Partition(quota: 400).Cap(1, Kind.Pool, 0, Right.Write | Right.Prove)
            .Cap(1, Kind.WitnessLog, 0, Right.Witness).Cap(1, Kind.Console, 0, Right.All).Start(1, 2).Policy(PolicyWords.Open.Deep(Fn.PartitionCreate).Build()));
        for (var i = 0; i < 100; i++) rig.Call(Fn.RegionMap, H(Console));        // records, to be proved
        return rig;
    }

    /// <summary>The digest of partition 1's call to make a partition.</summary>
    private static ulong Digest => Token.Fnv([1, Fn.Base + Fn.PartitionCreate, .. Create]);

    private static long Submit(Rig rig, ulong from, ulong upto, ulong wrong = 0, ulong? goal = null) =>
        rig.Call(Fn.ProofSubmit, H(Log), from, upto, rig.Log.Read(from).Before, rig.Log.Read(upto - 1).Hash ^ wrong, goal ?? Digest);

    private static (ulong State, ulong Left) Status(Rig rig)
    {
        Assert.Equal(Code.Ok, rig.Call(Fn.ProofStatus));
        return (rig.X(rig.Current, 1), rig.X(rig.Current, 2));
    }

    /// <summary>Partition 1's slice is over; then its next one begins.</summary>
    private static void Slice(Rig rig)
    {
        Assert.Equal(1u, rig.Current);
        rig.Tick(rig.Core.sched.sliceEnd);
        rig.As(1);
    }

    private static long Make(Rig rig, ulong tier)
    {
        for (var i = 0; i < Create.Length; i++) rig.SetX(1, 1 + i, Create[i]);
        rig.SetX(1, 0, Fn.Base + Fn.PartitionCreate);
        var token = rig.Proof() with { Claim = tier };
        for (var i = 0; i < 5; i++) rig.SetX(1, 8 + i, token.Words[i]);
        rig.Proves = false;
        return rig.Call(Fn.PartitionCreate, Create);
    }

    [Theory]
    [InlineData(1), InlineData(15), InlineData(16), InlineData(17), InlineData(64)]
    [Trait("Theorem", "A_good_verdict_is_right")]
    public void Sixteen_steps_a_slice_and_one_for_the_verdict(ulong records)
    {
        foreach (var wrong in new[] { 0UL, 1UL })
        {
            var rig = Boot();
            Assert.Equal(Code.Ok, Submit(rig, 20, 20 + records, wrong));
            for (var steps = Steps; steps <= records; steps += Steps)
            {
                Slice(rig);
                Assert.Equal((Running, records - steps), Status(rig));
            }

            Slice(rig);
            Assert.Equal((wrong == 0 ? Good : Bad, 0UL), Status(rig));
        }
    }

    [Fact]
    [Trait("Theorem", "A_good_verdict_is_right")]
    public void What_is_drained_meanwhile_cannot_be_checked_any_more()
    {
        var rig = Boot();
        Assert.Equal(Code.Ok, Submit(rig, 0, 40));
        Slice(rig);
        Assert.Equal(Code.Ok, rig.Call(Fn.WitnessAck, H(Log), rig.Core.log.head));
        Assert.Equal((Running, 24UL), Status(rig));
        Slice(rig);
        Assert.Equal((Bad, 0UL), Status(rig));
        rig.Refused(Code.ResourceLimitExceeded, Fn.ProofSubmit, H(Log), 0, 40, 0, 0, 0);
        rig.Refused(Code.ResourceLimitExceeded, Fn.ProofSubmit, H(Log), rig.Core.log.head - 1, rig.Core.log.head + 1, 0, 0, 0);
        rig.Refused(Code.ResourceLimitExceeded, Fn.ProofSubmit, H(Log), rig.Core.log.head - 1, rig.Core.log.head - 1, 0, 0, 0);
        rig.Refused(Code.CapabilityTypeMismatch, Fn.ProofSubmit, H(Console), 0, 1, 0, 0, 0);
    }

    [Fact]
    [Trait("Theorem", "No_mutation_without_its_deep_proof")]
    public void The_call_waits_for_the_verdict_and_uses_it_up()
    {
        var rig = Boot();
        Assert.Equal(Code.ProofInvalid, Make(rig, 3));
        Assert.Equal(Code.Ok, Submit(rig, 5, 10, goal: Digest ^ 1));
        Slice(rig);
        Assert.Equal((Good, 0UL), Status(rig));
        Assert.Equal(Code.ProofInvalid, Make(rig, 3));
        Assert.Equal(Code.Ok, Submit(rig, 5, 10));
        Assert.Equal(Code.ProofInvalid, Make(rig, 3));
        Slice(rig);
        Assert.Equal(Code.ProofInvalid, Make(rig, 2));
        Assert.Equal((Good, 0UL), Status(rig));
        var head = rig.Core.log.head;
        Assert.Equal(Code.Ok, Make(rig, 3));
        var proof = rig.Log.From(head)[^1];
        Assert.Equal((Rec.Proved, (byte)3), (proof.Kind, proof.Tier));
        Assert.Equal((None, 0UL), Status(rig));
        Assert.Equal(Code.ProofInvalid, Make(rig, 3));
        rig.Log.Check(0, Witness.Basis);
    }

    [Fact]
    [Trait("Theorem", "Starving_it_starves_nobody")]
    public void A_tick_does_the_same_to_everything_else_whatever_the_job_is()
    {
        foreach (var budget in new[] { 0UL, 3UL })
        {
            var (idle, busy) = (Boot(budget), Boot(budget));
            Assert.Equal(Code.Ok, Submit(busy, 0, 90));
            Array.Copy(busy.Core.ctx, 64, idle.Core.ctx, 64, 33);
            for (var i = 0; i < 12 && busy.Current != 0; i++)
            {
                var job = busy.Core.ctx[(2 * 64 + 40)..(2 * 64 + 48)];
                foreach (var rig in new[] { idle, busy }) rig.Tick(rig.Core.sched.sliceEnd);
                Assert.Equal((idle.Current, idle.Core.sched.sliceEnd, idle.Core.log.head, idle.Core.log.chain), (busy.Current, busy.Core.sched.sliceEnd, busy.Core.log.head, busy.Core.log.chain));
                Assert.Equal(idle.Core.sched.tab, busy.Core.sched.tab);
                Assert.Equal(idle.Effects, busy.Effects);
                for (var w = 0; w < idle.Core.ctx.Length; w++)
                    if (w / 64 != 1 || w % 64 is < 40 or >= 48) Assert.Equal(idle.Core.ctx[w], busy.Core.ctx[w]);
                Assert.Equal(job, busy.Core.ctx[(2 * 64 + 40)..(2 * 64 + 48)]);
            }
        }
    }
}
