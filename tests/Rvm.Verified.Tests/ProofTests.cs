using FsCheck;
using FsCheck.Fluent;
using static Rvm.Verified.Tests.PolicyWords;

namespace Rvm.Verified.Tests;

/// <summary>P2: proof tokens, and what the policy says (spec/Decide/Policy.dfy).</summary>
public class ProofTests
{
    private const ulong Name = 0x646c_6968_63, Most = 64;
    private const uint Pool = 0, WeakPool = 1, Policy = 2, WeakPolicy = 3, Console = 4, Neighbour = 5, Edge = 6, Count = 11, Caller = 0;
    private const uint Small = 12, Large = 99;

    private static PolicyWords Rules => new PolicyWords().Forbid(Fn.PartitionCreate, Large, If(Count, Ask.Range, 1000, ~0UL))
        .Permit(Fn.PartitionCreate, Small, If(Count, Ask.Range, 0, Most)).Permit(Fn.EdgeCreate, 17).Permit(Fn.EdgeDestroy, 18).Permit(Fn.PolicyActivate, 79);

    /// <summary>Governs grants and permits none, and lets only partition 1 change the policy.</summary>
    private static PolicyWords Standby => new PolicyWords().Govern(Fn.CapGrant).Permit(Fn.PolicyActivate, 5, If(Caller, Ask.Range, 1, 1));

    private static Rig Boot(params PolicyWords[] policies)
    {
        var script = new BootScript().Image().Partition(quota: 2000).Partition(quota: 400)
            .Cap(1, Kind.Pool, 0, Right.Write | Right.Grant | Right.Prove).Cap(1, Kind.Pool, 0, Right.Write | Right.Grant)
            .Cap(1, Kind.Policy, 0, Right.Write | Right.Prove).Cap(1, Kind.Policy, 0, Right.Prove).Cap(1, Kind.Console, 0, Right.All)
            .Cap(1, Kind.Partition, 2, Right.All).Edge(1, 2, 2).Start(1, 2);
        foreach (var policy in policies) script.Policy(policy.Build());
        var rig = Rig.Boot(script);
        Assert.Equal(1u, rig.Current);
        return rig;
    }

    private static ulong H(uint slot) => Trio.H(slot);

    private static readonly ulong[] Create = [H(Pool), 0, Name, 20, 0, 0, 0];

    /// <summary>Refused with ProofInvalid and one record, nothing else changes; a good token afterwards is accepted.</summary>
    private static void Refuses(Rig rig, Func<Token, Token> wrong)
    {
        rig.Proves = false;
        Put(rig, Create);
        rig.SetX(1, 0, Fn.Base + Fn.PartitionCreate);
        Put(rig, wrong(rig.Proof()).Words, 8);
        rig.Refused(Code.ProofInvalid, Fn.PartitionCreate, Create);
        Accepts(rig);
    }

    private static void Accepts(Rig rig)
    {
        rig.Proves = true;
        var (head, nonce) = (rig.Core.log.head, rig.Core.gate.nonces[1]);
        Assert.Equal(Code.Ok, rig.Call(Fn.PartitionCreate, Create));
        var proof = rig.Log.From(head)[^1];
        Assert.Equal((Rec.Proved, (byte)2, 1UL, nonce + 1, (ulong)Fn.PartitionCreate << 32 | Small), (proof.Kind, proof.Tier, proof.Subject, proof.Object, proof.Aux));
        Assert.Equal(nonce + 1, rig.Core.gate.nonces[1]);
    }

    private static void Put(Rig rig, ulong[] words, int from = 1)
    {
        for (var i = 0; i < words.Length; i++) rig.SetX(1, from + i, words[i]);
    }

    [Fact]
    public void A_token_that_is_wrong_in_one_way_is_refused_and_a_good_one_is_accepted_afterwards()
    {
        var rig = Boot(Rules);
        rig.Now = 1_000_000;
        Accepts(rig);
        Refuses(rig, t => t with { Nonce = t.Nonce - 1 });                       // used already
        Refuses(rig, t => t with { Nonce = 0 });
        Refuses(rig, t => t with { Until = rig.Now - 1 });                       // expired
        Refuses(rig, t => t with { Until = rig.Now + Token.Window + 1 });        // valid for too long
        Refuses(rig, t => t with { Nonce = t.Until + 1 });
        Refuses(rig, t => t with { Object = 1 });
        Refuses(rig, t => t with { Claim = 1 });                                 // tier P1
        Refuses(rig, t => t with { Claim = t.Claim + 256 });                     // another depth
        Refuses(rig, t => t with { Claim = t.Claim | 1UL << 63 });
        Refuses(rig, t => t with { Digest = t.Digest ^ 1 });
        Refuses(rig, t => t with { Digest = 0 });
        Refuses(rig, t => t with { Until = 0 });
        Refuses(rig, _ => default);
    }

    [Fact]
    public void The_borders_of_the_window_and_of_the_nonce_are_good()
    {
        var rig = Boot(Rules);
        rig.Now = 1_000_000;
        foreach (var change in new Func<Token, Token>[] { t => t with { Until = rig.Now }, t => t with { Until = rig.Now + Token.Window }, t => t with { Claim = t.Claim + 1 }, t => t with { Nonce = t.Until } })
        {
            rig.Proves = false;
            Put(rig, Create);
            rig.SetX(1, 0, Fn.Base + Fn.PartitionCreate);
            Put(rig, change(rig.Proof()).Words, 8);
            Assert.Equal(Code.Ok, rig.Call(Fn.PartitionCreate, Create));
        }
    }

    [Fact]
    public void A_token_is_for_one_call_of_one_partition() =>
        Prop.ForAll(Gen.Choose(0, 7).ToArbitrary(), Gen.Choose(0, 63).ToArbitrary(), (register, bit) =>
        {
            var rig = Boot(Rules);
            ulong[] x = [Fn.Base + Fn.PartitionCreate, .. Create];
            var token = Token.For(1, x, 0, 0, 1, rig.Now);
            if (register < 2) return Token.Fnv(x.Prepend(1UL)) == token.Digest && Token.For(2, x, 0, 0, 1, rig.Now).Digest != token.Digest;
            rig.Proves = false;
            Put(rig, token.Words, 8);
            var other = (ulong[])Create.Clone();
            other[register - 1] ^= 1UL << bit;
            if (register == 4 && other[3] > Most) rig.Denied(other[3] >= 1000 ? Large : 4095u, Fn.PartitionCreate, other);
            else rig.Refused(Code.ProofInvalid, Fn.PartitionCreate, other);
            return rig.Call(Fn.PartitionCreate, Create) == Code.Ok && rig.Call(Fn.PartitionCreate, Create) == Code.ProofInvalid;
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(60).WithReplay(1UL, 1UL));

    [Fact]
    public void A_token_needs_the_depth_of_the_capability_and_its_right_to_prove()
    {
        var rig = Boot(Rules);
        rig.Refused(Code.ProofInvalid, Fn.PartitionCreate, [H(WeakPool), .. Create[1..]]);
        Assert.Equal(Code.Ok, rig.Call(Fn.CapGrant, H(Pool), 0, Right.Write | Right.Prove));
        ulong[] deeper = [rig.X(1, 1), .. Create[1..]];
        rig.Proves = false;
        Put(rig, deeper);
        rig.SetX(1, 0, Fn.Base + Fn.PartitionCreate);
        var token = rig.Proof();
        Assert.Equal(1UL << 8 | Token.Tier, token.Claim);
        Put(rig, (token with { Claim = Token.Tier }).Words, 8);
        rig.Refused(Code.ProofInvalid, Fn.PartitionCreate, deeper);
        rig.Proves = true;
        Assert.Equal(Code.Ok, rig.Call(Fn.PartitionCreate, deeper));
    }

    [Fact]
    public void The_capability_comes_before_the_policy_and_the_policy_before_the_token()
    {
        var rig = Boot(Rules);
        rig.Refused(Code.StaleCapability, Fn.PartitionCreate, [0x9_0000_0000, .. Create[1..]]);
        rig.Denied(Large, Fn.PartitionCreate, H(Pool), 0, Name, 1000, 0);
        rig.Denied(4095, Fn.PartitionCreate, H(Pool), 0, Name, Most + 1, 0);
        rig.Proves = false;
        rig.Denied(4095, Fn.PartitionCreate, H(Pool), 0, Name, Most + 1, 0);
        rig.Refused(Code.ProofInvalid, Fn.PartitionCreate, H(Pool), 0, Name, Most, 0);
        rig.Proves = true;
        rig.Refused(Code.PartitionNotFound, Fn.PartitionCreate, H(Pool), 7, Name, Most, 0);
        rig.Refused(Code.CapabilityTypeMismatch, Fn.PartitionCreate, H(Console), 0, Name, Most, 0);
        Assert.Equal(0UL, rig.Core.gate.nonces[1]);                               // only what is done uses a nonce up
    }

    [Fact]
    public void Without_a_policy_everything_that_needs_a_proof_is_denied()
    {
        var rig = Boot();
        Assert.DoesNotContain(rig.Log.From(0), r => r.Kind == Rec.PolicyActivate);
        rig.Denied(4095, Fn.PartitionCreate, Create);
        rig.Denied(4095, Fn.EdgeCreate, H(Neighbour), 1);
        rig.Denied(4095, Fn.EdgeDestroy, H(Edge));
        rig.Denied(4095, Fn.PolicyActivate, H(Policy), 1);
        Assert.Equal(Code.Ok, rig.Call(Fn.CapGrant, H(Pool), 0, Right.Write));
    }

    [Fact]
    public void The_policy_can_be_replaced_and_the_log_tells_both()
    {
        var rig = Boot(Rules, Standby);
        var boot = rig.Log.Read(1);
        Assert.Equal((Rec.PolicyActivate, 0UL, 1UL, Token.Fnv(Rules.Build())), (boot.Kind, boot.Subject, boot.Object, boot.Aux));
        rig.Refused(Code.ResourceLimitExceeded, Fn.PolicyActivate, H(Policy), 0);
        rig.Refused(Code.ResourceLimitExceeded, Fn.PolicyActivate, H(Policy), 3);
        rig.Refused(Code.InsufficientCapability, Fn.PolicyActivate, H(WeakPolicy), 2);
        rig.Refused(Code.CapabilityTypeMismatch, Fn.PolicyActivate, H(Pool), 2);
        var head = rig.Core.log.head;
        Assert.Equal(Code.Ok, rig.Call(Fn.PolicyActivate, H(Policy), 2));
        var log = rig.Log.From(head);
        Assert.Equal([Rec.PolicyActivate, Rec.Proved], log.Select(r => r.Kind));
        Assert.Equal((1UL, 2UL, Token.Fnv(Standby.Build())), (log[0].Subject, log[0].Object, log[0].Aux));
        Assert.Equal(79UL << 32 | 79, log[1].Aux);                                // the rule of the policy before
        rig.Denied(4095, Fn.PartitionCreate, Create);
        rig.Denied(4095, Fn.CapGrant, H(Pool), 0, Right.Write);
        Assert.Equal(Code.Ok, rig.Call(Fn.PolicyActivate, H(Policy), 1));
        Accepts(rig);
    }

    [Fact]
    public void A_policy_is_needed_for_its_own_replacement()
    {
        var rig = Boot(new PolicyWords().Permit(Fn.PartitionCreate, Small), Standby);
        rig.Denied(4095, Fn.PolicyActivate, H(Policy), 2);
    }

    [Fact]
    public void Damaged_tables_refuse_the_boot_and_change_nothing()
    {
        var random = new Random(3);
        for (var i = 0; i < 400; i++)
        {
            ulong[][] tables = [Rules.Build(), Standby.Build()];
            var which = random.Next(2);
            var damaged = RandomPolicy.Mutate(tables[which], random);
            if (damaged.Length == 0 || Rvm.Policy.Evaluation.VerifiedPolicy.Admit(damaged) is not null) continue;
            tables[which] = damaged;
            var rig = new Rig();
            var before = Frozen.Of(rig.Core);
            Assert.Equal((Code.ProofInvalid, -1), rig.Load(new BootScript().Image().Partition().Start(1).Policy(tables[0]).Policy(tables[1]).Words()));
            before.AssertSame(rig.Core);
            before.AssertSameLog(rig.Core);
        }
    }
}
