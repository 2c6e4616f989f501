namespace Rvm.Boot.Tests;

/// <summary>systems/proof.yaml and systems/tenants.yaml: proof tokens and policies on the machine.</summary>
public class PolicySystemsTests
{
    private const ulong Create = 0xC600_000C, Activate = 0xC600_004F, NoRule = 4096;

    private const long ProofInvalid = -18;

    [Fact]
    public void Every_wrong_token_is_refused_with_one_status_and_one_record()
    {
        var run = SystemRun.Of("proof").MustBeGood();
        run.Contains(run.Of("prover"), l => l == "prover: ok");
        var refused = run.Records.Where(r => r.Kind == 0x41 && r.Subject == 1 && (long)r.Aux == ProofInvalid).ToList();
        // 8 wrong tokens, 4 cut ones, 6 for other arguments, one without the right to prove; then the policy's refusals.
        Assert.Equal(19, refused.Count(r => r.Object == Create));
        Assert.Equal([NoRule << 32 | Create, 2UL << 32 | Create, NoRule << 32 | Activate, NoRule << 32 | Create],
            refused.Where(r => r.Object >> 32 != 0).Select(r => r.Object));
        Assert.Single(refused, r => r.Object == Activate);
        Assert.Equal(3 + 2, run.Kind(0x40, 1));
        Assert.Equal([1UL, 2, 1], run.Records.Where(r => r.Kind == 0x86).Select(r => r.Object));
        Assert.Equal(3, run.Kind(0x01, 1));
    }

    [Fact]
    public void A_deep_proof_is_checked_while_slices_end_and_counts_once()
    {
        var run = SystemRun.Of("deep").MustBeGood();
        foreach (var line in new[] { "a wrong claim: bad", "a certificate for another call: good", "the right claim: good", "deep: 8 calls refused", "deep: ok" })
            run.Contains(run.Of("auditor"), l => l == line);
        Assert.Equal(8, run.Records.Count(r => r.Kind == 0x41 && r.Subject == 1 && r.Object == Create && (long)r.Aux == ProofInvalid));
        Assert.Equal(3, Assert.Single(run.Records, r => r.Kind == 0x40).Tier);
        Assert.Equal(1, run.Kind(0x01, 1));
        Assert.Contains("by a deep proof", Shell.Rvm(60, "witness", "show", run.File_, "--kind", "ProofVerified").Output, StringComparison.Ordinal);
    }

    [Fact]
    public void What_the_policy_forbids_is_refused_and_the_log_names_the_rule()
    {
        var run = SystemRun.Of("tenants").MustBeGood();
        foreach (var tenant in new[] { "alice", "bob", "carol" }) run.Contains(run.Of(tenant), l => l.StartsWith("tenant: partition ", StringComparison.Ordinal));
        run.Contains(run.Of("operator"), l => l == "operator: ok");
        Assert.Equal(3, run.Kind(0x01, 1));
        foreach (var (tenant, id) in new[] { ("alice", 2), ("bob", 3), ("carol", 4) }) run.Contains(run.Of(tenant), l => l == $"tenant {id}: model 0x{ModelTests.Digest(64 << 10)}");
        var shown = Shell.Rvm(60, "witness", "show", run.File_, "--kind", "ProofRejected");
        foreach (var what in new[]
        {
            "partition_create: ProofInvalid, rule 2 `greedy` denies", "partition_create: ProofInvalid, rule 1 `endless` denies",
            "cap_grant: ProofInvalid, rule 6 `tamper` denies", "cap_grant: ProofInvalid, no rule permits it", "partition_terminate: ProofInvalid, no rule permits it",
        }) Assert.Contains(what, shown.Output, StringComparison.Ordinal);
        Assert.Contains("rule 0 `workers` permits", Shell.Rvm(60, "witness", "show", run.File_, "--kind", "ProofVerified").Output, StringComparison.Ordinal);
        // One asks for the clock for too long and gives it back early, one lets his lease expire, one ends while she has it; never two at a time.
        Assert.Contains("device_lease_acquire: ProofInvalid, rule 12 `hog` denies", shown.Output, StringComparison.Ordinal);
        Assert.Contains("lease_renew: ProofInvalid, rule 12 `hog` denies", shown.Output, StringComparison.Ordinal);
        Assert.Contains("device_lease_acquire: ProofInvalid, no rule permits it", shown.Output, StringComparison.Ordinal);
        Assert.Contains(": rule 11 `turns` permits", Shell.Rvm(60, "witness", "show", run.File_, "--kind", "ProofVerified").Output, StringComparison.Ordinal);
        var turns = LeaseTests.Turns(run.Records);
        Assert.Equal(["2 gets it", "2 renews", "2 ends: returned"], turns.Where(t => t[0] == '2'));
        Assert.Equal(["3 gets it", "3 renews", "3 ends: expired"], turns.Where(t => t[0] == '3'));
        Assert.Equal(["4 gets it", "4 is gone"], turns.Where(t => t[0] == '4'));
        foreach (var (tenant, id) in new[] { ("alice", 2), ("bob", 3), ("carol", 4) }) run.Contains(run.Of(tenant), l => l == $"tenant {id}: has the clock");
        foreach (var (tenant, id) in new[] { ("alice", 2), ("bob", 3) }) run.Contains(run.Of(tenant), l => l == $"tenant {id}: has the clock no more");
        // Without the system's policy the rules have their numbers only; with its source, their names again.
        var copy = SystemRun.Temporary("tenants-alone.bin");
        File.WriteAllBytes(copy, run.Log);
        Assert.Contains("rule 2 denies", Shell.Rvm(60, "witness", "show", copy).Output, StringComparison.Ordinal);
        Assert.Contains("rule 2 `greedy` denies", Shell.Rvm(60, "witness", "show", copy, "--policy", "policies/tenants.rvmp").Output, StringComparison.Ordinal);
    }
}
