using Xunit.Abstractions;

namespace Rvm.Model.Tests.Mutants;

/// <summary>Does the exploration bite? Each mistake, planted in a copy of the generated core, is found, with the fewest events that show it.</summary>
[Trait("Theorem", "The_core_computes_exactly_Step")]
public class MutantTests(ITestOutputHelper output)
{
    /// <summary>What is wrong; the method; the text and what takes its place; which configuration finds it; with which words; after how many events.</summary>
    public static TheoryData<string, string, string, string, string, string, int> All => new()
    {
        { "a revoked capability keeps its generation", "public void Revoke(uint i)", "((this).Generation(i)) + (1U)", "(this).Generation(i)", "pair", "The_log_tells_all", 1 },
        { "a dropped slot keeps its generation", "public void Drop(uint i)", "((_0_gen) + (1U))", "(_0_gen)", "pair", "The_log_tells_all", 1 },
        { "rights are not checked", "public void Check(uint p, ulong handle", "!(Rights.__default.Subset(rights, _5_has))", "false", "tokens", "The_core_computes_exactly_Step", 2 },
        { "a link of the derivation path is not checked", "public void Check(uint p, ulong handle", "(((_0_a)[(int)(_2_w)]) != (_9_pgen))", "(false)", "pair", "Revocation_is_complete_for_ever", 2 },
        { "more rights than held can be granted", "public ulong DeriveCheck(uint src, uint asked)", "!(Rights.__default.Subset(asked, _0_rights))", "false", "pair", "Authority_only_shrinks", 2 },
        { "GRANT_ONCE is not used up", "public void Derive(uint i, uint src, uint asked)", "(_0_a)[(int)(_index0)] = Rights.__default.Without(_2_rights, Rights.__default.GRANT__ONCE);", "", "tokens", "The_core_computes_exactly_Step", 2 },
        { "a region's memory is not zeroed", "public static void Fill(CoreState.Core k, uint image", "(k).Emit(2UL, df, _3_data, 0UL);", "", "memory", "Nothing_remains_in_memory", 2 },
        { "an unmapped page stays in the TLB", "public static void Unmap(CoreState.Core k, uint r", "(k).Emit(5UL, (ulong)(_0_me), (ipa) / (4096UL), n);", "", "pair", "No_stale_translation_survives", 2 },
        { "an ended partition keeps its regions", "public void Free(uint r)", "(this).Store(r, _0_g, 0U, 0U, (this).Pages(r), (this).Frame(r));", "", "pair", "The_log_tells_all", 1 },
        { "an ended partition keeps its edges", "public static void Forget(CoreState.Core k, uint p)", "CoreTasks.__default.Cut(k, p);", "", "pair", "The_log_tells_all", 1 },
        { "a refusal leaves no record", "public static void Refuse(CoreState.Core k", "if (", "if (false && ", "tokens", "Every_refused_call_leaves_a_record", 0 },
        { "later deadlines come first", "public void Insert(uint p, ulong deadline)", "<= (deadline)", ">= (deadline)", "schedule", "Valid: S.SchedOk", 0 },
        { "a sleeper is forgotten", "public void WakeOne(uint i, ulong now)", "else if ((_0_wake) < (this.nextWake))", "else if (false)", "schedule", "Valid: S.SchedOk", 3 },
        { "a waiting partition learns nothing of its source's end", "public static void BreakOne(CoreState.Core k", "CoreTasks.__default.Notify(k, _0_q, now);", "", "letters", "The_core_computes_exactly_Step", 3 },
        { "a nonce that was used is accepted", "public static bool TokenOk", "(_5_last) < (_8_nonce)", "(_5_last) <= (_8_nonce)", "calls", "The_core_computes_exactly_Step", 1 },
        { "a nonce is not used up", "public void Use(uint p, ulong nonce)", "((this).nonces)[(int)((p))] = nonce;", "", "letters", "A_nonce_is_never_accepted_twice", 1 },
        { "a token that has expired is accepted", "public static bool TokenOk", "PolicyCalls.__default.Fails((now) <= (_7_until))", "0U", "calls", "The_core_computes_exactly_Step", 1 },
        { "the right to prove is not asked for", "public static bool TokenOk", "Rights.__default.Subset(Rights.__default.PROVE, _1_rights)", "true", "memory", "No_mutation_without_proof", 3 },
        { "the policy is not asked", "public static void Gated", "!(_1_permitted)", "false", "calls", "The_core_computes_exactly_Step", 2 },
        { "a lease is not ended by the tick", "public static void Lapse(CoreState.Core k", "!(LeaseEnding.__default.Over(k, _0_cur, now))", "true", "leases", "A_lease_ends_with_its_time", 2 },
        { "the timer does not know of leases", "public static ulong Sooner(CoreState.Core k)", "((_2_u) != (0UL)) && ((_2_u) < (_1_s))", "false", "leases", "The_timer_is_not_later_than_the_end_of_the_lease", 1 },
        { "the end of a lease leaves the device to its holder", "public static void Free(CoreState.Core k, uint p, uint r, ulong reason", "CoreMemory.__default.FreeRegion(k, r);", "", "leases", "A_lease_ends_with_its_time", 2 },
        { "the end of a lease leaves the pages in the map", "public static void Unmap(CoreState.Core k, uint p, uint r, uint page", "CoreMemory.__default.Unmap(k, p, page, n);", "", "leases", "", 2 },
        { "a page whose lease has ended stays in the TLB", "public static void EndLease", "(k).Emit(5UL, (ulong)(p), (ulong)(_1_page), (ulong)(_2_n));", "", "leases", "No_stale_translation_survives", 2 },
        { "a device that another has is leased", "public static void Acquire(CoreState.Core k", "!(BootCalls.__default.DeviceFree(k, LeaseCalls.__default.FrameOf(k, _0_c), LeaseCalls.__default.PagesOf(k, _0_c)))", "false", "leases", "", 3 },
        { "the right to lease is not asked for", "public static ulong Named(CoreState.Core k)", "Rights.__default.LEASE", "0U", "leases", "The_core_computes_exactly_Step", 1 },
        { "a lease that is over is renewed", "public static void Renew(CoreState.Core k", "(LeaseEnding.__default.Until(k, CoreCommon.__default.Me(k))) <= (now)", "false", "leases", "The_core_computes_exactly_Step", 0 },
        { "who cannot record the end of its lease goes on", "public static void Lapse(CoreState.Core k", "!(TaskCalls.__default.Recordable(k, _0_cur))", "false", "leases", "", 0 },
        { "an ended partition keeps its lease", "public static void Forget(CoreState.Core k, uint p)", "(k).Lease(p, 0U, 0U, 0UL);", "", "leases", "", 3 },
        { "the tables of another are used", "public void Reset(uint p)", "= 1U", "= 2U", "memory", "", 0 },
    };

    [Theory]
    [MemberData(nameof(All))]
    public void A_mistake_in_the_core_is_found(string mistake, string within, string text, string replacement, string configuration, string expected, int events)
    {
        var finding = MutatedCore.Explore(within, text, replacement, configuration, "--depth", "6");
        output.WriteLine($"{mistake}: {finding.What}\n{finding.Output}");
        Assert.Equal(1, finding.ExitCode);
        Assert.Contains(expected, finding.What, StringComparison.Ordinal);
        if (events > 0) Assert.Equal(events, finding.Events);
    }
}
