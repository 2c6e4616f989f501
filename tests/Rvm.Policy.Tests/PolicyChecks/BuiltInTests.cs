using Rvm.Diagnostics;
using Rvm.Policy.Binding;
using Rvm.Policy.Checks;
using Rvm.Policy.Tests.Support;

namespace Rvm.Policy.Tests.PolicyChecks;

/// <summary>A flaw planted for each built-in check is found by each solver alone; its mend satisfies both.</summary>
public sealed class BuiltInTests
{
    private const string Govern = "govern cap_grant, region_map, region_share, region_transfer\n";

    public static IReadOnlyList<(string Check, string Flaw, string Mend)> Plants =>
    [
        ("interrupt-controller", "when call = region_map and region_policy = device and permission = device and address in 0x0801_0000..0x0802_0000",
            "and address >= 0x0a00_0000"),
        ("interrupt-controller", "when call = device_lease_acquire and address < 0x0800_0000 and size <= 64KiB", "and address < 0x07fe_0000"),
        ("interrupt-controller", "when call = lease_renew and caller = bob and object = 5 and duration <= 2s", "and address >= 0x0900_1000"),
        ("interrupt-controller", "when call = cap_grant and kind = lease and region_policy = none and depth < 8 and rights = {lease}",
            "and address >= 0x0900_1000"),
        ("interrupt-controller", "when call = region_transfer and address = 0x0800_0000 and size <= 4KiB", "and region_policy = slab"),
        ("hypervisor-uart", "when call = region_share and region_policy = device and address in 0x0900_0000..0x0900_2000",
            "and address != 0x0900_0000"),
        ("hypervisor-uart", "when call = cap_grant and depth < 8 and region_policy = device and address = 0x0900_0000 and rights = {read}",
            "and region_policy != device"),
        ("hypervisor-uart", "when call = device_lease_acquire and address >= 0x0900_0000 and kind = lease and duration in 1ms..2s",
            "and address > 0x0900_0000"),
        ("hypervisor-uart", "when call = lease_renew and size > 0B and address in 0x08ff_f000..0x0900_0000 and duration < 1s",
            "and address = 0x08ff_f000 and size < 8KiB"),
        ("slab-leaves-owner", "when call = region_share and region_policy != device", "and region_policy != slab"),
        ("slab-leaves-owner", "when call = cap_grant and depth < 8 and region_policy = slab and target in network", "and caller = target"),
        ("deepest-delegation", "when call = cap_grant and kind = queue and region_policy = none and depth >= 7 and not rights has witness",
            "and depth < 8"),
        ("witness-to-network", "when call = cap_grant and depth < 8 and kind = witness_log and region_policy = none and rights has witness",
            "and target != bob"),
        ("device-write-and-grant",
            "when call = cap_grant and depth < 8 and region_policy = device and address > 0x0a00_0000 and rights = {write, grant_once}",
            "and caller = target"),
        ("immutable-written",
            "when call = cap_grant and depth < 8 and region_policy = immutable and rights has any {read, write} and not rights has witness",
            "and not rights has write"),
        ("device-as-memory", "when call = region_map and region_policy = device and address >= 0x0a00_0000 and permission != none",
            "and permission = device"),
        ("policy-from-anyone", "when call = policy_activate", "and caller in operators"),
    ];

    public static IEnumerable<object[]> Cases => from plant in Enumerable.Range(0,
        Plants.Count) from solver in Checking.Solvers select new object[] { plant, solver };

    [Theory]
    [MemberData(nameof(Cases))]
    public void A_planted_flaw_is_found_by_each_solver(int plant, string solver)
    {
        var (check, flaw, mend) = Plants[plant];
        var report = Checking.Check($"{Govern}permit p \"Flaw.\"\n  {flaw}\n", solver);
        var finding = Assert.Single(report.Of($"built-in/{check}"));
        Assert.Equal(Severity.Error, finding.Severity);
        Assert.Equal(new(true, 0), ReferenceEvaluator.Decide(report.Policy, finding.Request!));
        Assert.False(report.Passed);
        var mended = Checking.Check($"{Govern}permit p \"Mended.\"\n  {flaw} {mend}\n", solver);
        Assert.Empty(mended.Of($"built-in/{check}"));
        Assert.Equal(ClaimStatus.Holds, mended.BuiltIns.Single(b => b.Name == check).Status);
    }

    [Fact]
    public void Every_built_in_check_has_a_planted_flaw() =>
        Assert.Equal(BuiltIns.All.Select(b => b.Name).Order(), Plants.Select(p => p.Check).Distinct().Order());

    [Fact]
    public void An_override_with_a_reason_is_listed_and_no_error()
    {
        var report = Checking.Check($"{Govern}permit p \"All.\" when call = policy_activate\nallow policy-from-anyone \"A test bench.\"\n");
        var claim = report.BuiltIns.Single(b => b.Name == "policy-from-anyone");
        Assert.Equal((ClaimStatus.Overridden, "A test bench."), (claim.Status, claim.Reason));
        Assert.NotNull(claim.Request);
        Assert.True(report.Passed, string.Join('\n', report.Findings));
    }

    [Fact]
    public void An_override_that_is_not_needed_or_not_known_is_a_finding()
    {
        var report = Checking.Check("permit p \"\" when call = commedge_create\n"
            + "allow policy-from-anyone \"Why?\"\nallow policy-from-anyon \"Why?\"\n");
        Assert.Equal(Severity.Warning, Assert.Single(report.Of("unneeded-allow")).Severity);
        Assert.Contains("policy-from-anyone", Assert.Single(report.Of("unknown-allow")).Mend, StringComparison.Ordinal);
        Assert.False(report.Passed);
    }

    [Fact]
    public void What_the_policy_does_not_decide_is_not_covered_and_what_is_unknown_not_applicable()
    {
        var policy = Sample.Bound("policy t \"No groups.\"\npermit p \"\" when call = commedge_create\n");
        var report = Checking.Check(policy, [Checking.Solver("z3"), Checking.Solver("cvc5")], new Checking.TableEvaluator());
        Assert.Equal(ClaimStatus.NotCovered, report.BuiltIns.Single(b => b.Name == "device-as-memory").Status);
        Assert.Equal(ClaimStatus.NotApplicable, report.BuiltIns.Single(b => b.Name == "witness-to-network").Status);
        Assert.True(report.Passed, string.Join('\n', report.Findings));
    }

    [Fact]
    public void Partitions_with_virtio_registers_count_as_network()
    {
        var policy = Sample.Bound(Checking.Head);
        Assert.Equal([2, 3], SystemFacts.Of(policy, [2]).Network);
        Assert.Equal([5], SystemFacts.Of(Sample.Bound("policy t \"\"\n"), [5]).Network);
        Assert.Null(SystemFacts.Of(Sample.Bound("policy t \"\"\n"), null).Network);
    }
}
