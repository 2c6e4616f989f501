using Rvm.Spec.State;
using Xunit.Abstractions;
using S = Rvm.Spec.Step.__default;

namespace Rvm.Spec.Tests;

/// <summary>What the theorems say of policies, looked up in random runs of the core: the specification beside it is its abstraction after every event.</summary>
public class PolicyClaimTests(ITestOutputHelper output)
{
    private const int Sequences = 24, Length = 250;

    private int _asItsRow, _withItsProof, _refused;

    [Fact]
    [Trait("Theorem", "A_policy_can_only_restrict")]
    public void A_call_does_what_its_row_says_or_that_and_its_proof_or_is_refused()
    {
        for (var i = 0; i < Sequences; i++)
            Run(seed: 900 + i, (before, e, after) => { if (e.Number is not null) Restricted(before, e, after); });
        output.WriteLine($"{_asItsRow} calls as their rows say, {_withItsProof} with a proof, {_refused} that only the gate refuses");
        Assert.True(_asItsRow > 1000 && _withItsProof > 50 && _refused > 100, "the calls are too much alike");
    }

    /// <summary>The row decides without policies and tokens: nothing may come of the call that is more than this.</summary>
    private void Restricted(_IKernel before, Happening e, _IKernel after)
    {
        var k = e.Events(before).SkipLast(1).Aggregate(before, (s, ran) => S.Step(s, ran).dtor_k);      // its registers
        if (k.dtor_vol.dtor_halted || k.dtor_vol.dtor_sched.dtor_cur is 0) return;
        var row = S.Row(k, e.Number!.Value, e.Now);
        var (me, last) = (k.dtor_vol.dtor_sched.dtor_cur, after.dtor_log.dtor_records.Count == 0 ? null : after.dtor_log.dtor_records.Select(after.dtor_log.dtor_records.Count - 1));
        if (S.Commit(k, row, e.Now).Equals(after))
        {
            _asItsRow++;
            return;
        }

        if (last is { dtor_kind: Rec.Proved } && last.dtor_subject == me && after.dtor_log.dtor_records.Count > k.dtor_log.dtor_records.Count)
        {
            var proof = Apply.Action.create_Proved(me, last.dtor_obj, (uint)(last.dtor_aux >> 32), (uint)last.dtor_aux, last.dtor_tier == 3);
            var proved = Common.Verdict.create(States.Seq([.. row.dtor_acts.CloneAsArray(), proof]),
                last.dtor_tier == 3 ? DecideProof.__default.Spent(row.dtor_vol, me) : row.dtor_vol, row.dtor_effects);
            Assert.Equal(S.Commit(k, proved, e.Now), after);
            Assert.Equal(e.Number!.Value, (uint)(last.dtor_aux >> 32));
            _withItsProof++;
            return;
        }

        var status = after.dtor_vol.dtor_regs.Select(me * States.Registers);
        Assert.NotEqual(0UL, status);
        Assert.Equal(k.dtor_st, after.dtor_st);
        Assert.Equal(Common.__default.SetReg(k.dtor_vol, me, 0, status), after.dtor_vol);
        Assert.InRange(after.dtor_log.dtor_records.Count - k.dtor_log.dtor_records.Count, 0, 1);
        if (after.dtor_log.dtor_records.Count > k.dtor_log.dtor_records.Count) Assert.Equal((Rec.Rejected, me), ((byte)last!.dtor_kind, last.dtor_subject));
        _refused++;
    }

    [Fact]
    [Trait("Theorem", "The_active_policy_came_with_the_bundle")]
    public void Every_policy_came_with_the_bundle_and_one_of_them_is_active()
    {
        var (begun, chosen) = (0, 0);
        for (var i = 0; i < 2 * Sequences; i++)
        {
            List<Ruled> brought = [];
            Run(seed: 1200 + i, (before, e, after) =>
            {
                if (e.Sort == Sort.Begin && before.dtor_log.dtor_records.Count == 0 && after.dtor_log.dtor_records.Count > 0)
                {
                    brought = Tables(e.Words);
                    if (brought.Count > 0) begun++;
                }

                Assert.Equal(brought, after.dtor_policies.Select(p => new Ruled(string.Join(' ', p.dtor_words), p.dtor_digest)));
                Assert.InRange((int)after.dtor_st.dtor_policy, 0, brought.Count);
                if (before.dtor_st.dtor_policy != after.dtor_st.dtor_policy && e.Sort != Sort.Begin) chosen++;
            });
        }

        output.WriteLine($"{begun} boots brought policies, {chosen} calls changed which one is active");
        Assert.True(begun > 10 && chosen > 5, "too few policies");
    }

    private sealed record Ruled(string Words, ulong Digest);

    /// <summary>What the header names, in its order: where a table is and how many words may be read of it (docs/abi.md).</summary>
    private static List<Ruled> Tables(ulong[] bundle) =>
        [.. new[] { 4, 6 }.Where(i => bundle[i + 1] != 0).Select(i => PolicySpec.Kept(bundle[(int)bundle[i]..(int)(bundle[i] + bundle[i + 1])]))
            .Select(words => new Ruled(string.Join(' ', words), Fnv(words)))];

    /// <summary>FNV-1a over the words' bytes, little-endian.</summary>
    private static ulong Fnv(ulong[] words) =>
        words.SelectMany(BitConverter.GetBytes).Aggregate(0xcbf2_9ce4_8422_2325UL, (hash, b) => (hash ^ b) * 0x100_0000_01b3);

    private static void Run(int seed, Action<_IKernel, Happening, _IKernel> look)
    {
        var random = new Random(seed);
        var profile = (Profile)(seed % EventSequence.Profiles);
        var twins = new Twins(Loader.Core(random, profile));
        var (loader, caller) = (new Loader(random, profile), new Caller(random));
        void Deliver(Happening e)
        {
            var before = twins.Spec;
            twins.Deliver(e);
            look(before, e, twins.Spec);
        }

        Happening? e;
        while ((e = loader.Next(twins.Spec)) is not null) Deliver(e);
        for (var n = 0; !twins.Spec.dtor_booting && n < Length && (e = caller.Next(twins.Spec)) is not null; n++) Deliver(e);
    }
}
