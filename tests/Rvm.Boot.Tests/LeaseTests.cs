using Rvm.Tool.Witness;

namespace Rvm.Boot.Tests;

/// <summary>systems/lease.yaml: two partitions take turns with the machine's clock, and nobody has it longer than was leased.</summary>
public class LeaseTests
{
    private const byte Create = 0x20, Map = 0x25, Unmap = 0x26, Proof = 0x40, Fault = 0x42, Grant = 0x50, End = 0x51, Ended = 0x71;
    private const ulong Alice = 1, Bob = 2, Clock = 3UL << 60 | 1UL << 40 | 0x9010, At = 0x6000_0000, Returned = 0, Expired = 1, TenMicroseconds = 625;

    [Fact]
    [Trait("Theorem", "A_lease_ends_with_its_time")]
    [Trait("Theorem", "A_device_has_one_holder")]
    [Trait("Theorem", "No_lease_is_slept_past")]
    public void Two_take_turns_and_each_way_in_which_a_lease_ends_gives_the_device_to_the_other()
    {
        var run = SystemRun.Of("lease").MustBeGood();
        foreach (var line in new[]
        {
            "no time at all: ok (ResourceLimitExceeded)", "longer than the policy permits: ok (ProofInvalid)", "half a page off: ok (AlignmentError)", "where the program is: ok (MemoryOverlap)",
            "without the right to lease it: ok (InsufficientCapability)", "without a token: ok (ProofInvalid)", "renewing what is not leased: ok (DeviceLeaseNotFound)",
            "returning what is not leased: ok (DeviceLeaseNotFound)", "before the lease: an access faults", "device_lease_acquire: ok (OK)", "the clock once more: ok (DeviceLeaseConflict)",
            "a second device: ok (DeviceLeaseConflict)", "waiting for the other one: ok (DeviceLeaseConflict)", "returning another device: ok (DeviceLeaseNotFound)", "renewing for longer than the policy permits: ok (ProofInvalid)", "lease_renew: ok (OK)",
            "device_lease_revoke: ok (OK)", "after it was returned: an access faults", "after it expired: ok (OK)", "after it expired in her sleep: an access faults", "after her sleep: ok (OK)",
            "lease: ok",
        }) run.Contains(run.Of("alice"), l => l == line);
        foreach (var line in new[]
        {
            "while the other one has it: ok (DeviceLeaseConflict)", "while the other one has it: an access faults", "after it was returned: ok (OK)", "renewing it for less: ok (OK)",
            "after it expired: an access faults", "renewing what has expired: ok (DeviceLeaseNotFound)", "after it expired in the other one's sleep: ok (OK)",
            "after its holder has ended: ok (OK)", "device_lease_revoke: ok (OK)", "lease: ok",
        }) run.Contains(run.Of("bob"), l => l == line);
        run.Count(6, l => l.EndsWith("| the clock is there", StringComparison.Ordinal));

        // Who has it, one after the other, and how it ended: never a grant to one while the other has it.
        Assert.Equal(["1 gets it", "1 renews", "1 ends: returned", "2 gets it", "2 renews", "2 ends: expired", "1 gets it", "1 renews", "1 ends: expired", "2 gets it", "2 ends: returned", "1 gets it", "1 is gone", "2 gets it", "2 ends: returned"], Turns(run.Records));
        Assert.All(run.Records.Where(r => r.Kind == Create && r.Subject != 0), r => Assert.Equal((Clock, r.Subject), (r.Aux, r.Object >> 32)));
        // Alice: before she had it, after she gave it back, and after it expired in her sleep. Bob: while she had it, the access that found it gone, and one more.
        Assert.Equal((3, 3), (run.Kind(Fault, Alice), run.Kind(Fault, Bob)));
        Assert.All(run.Records.Where(r => r.Kind == Fault), r => Assert.Equal(At, r.Object));
    }

    [Fact]
    public void The_log_names_calls_rules_and_reasons()
    {
        var run = SystemRun.Of("lease").MustBeGood();
        var shown = Shell.Rvm(60, "witness", "show", run.File_).Output;
        foreach (var what in new[]
        {
            "device_lease_acquire: ProofInvalid, rule 0 `hog` denies", "lease_renew: ProofInvalid, rule 0 `hog` denies", "device_lease_acquire: ProofInvalid\n", "device_lease_acquire: DeviceLeaseConflict",
            "device_lease_revoke: DeviceLeaseNotFound", "lease_renew: DeviceLeaseNotFound", ": rule 1 `turns` permits", ": rule 3 `return` permits", "region 4: returned", "region 4: expired",
            "region 4 at IPA 0x60000000 until ", "region 4 of partition 1: device, 1 pages from frame 0x9010", "DeviceLease 0 [prove, lease]",
        }) Assert.Contains(what, shown, StringComparison.Ordinal);
        var held = run.Records.Last(r => r is { Kind: Grant, Subject: Alice }).Sequence;
        Assert.Contains("lease: region 4 at 0x60000000 until ", Shell.Rvm(60, "witness", "replay", run.File_, "--to", $"{held}").Output, StringComparison.Ordinal);
        Assert.DoesNotContain("lease: ", Shell.Rvm(60, "witness", "replay", run.File_).Output, StringComparison.Ordinal);
        Assert.Contains("LeaseEnd", Shell.Rvm(60, "witness", "query", run.File_, "--object", "region:4", "--kind", "LeaseEnd").Output, StringComparison.Ordinal);
    }

    /// <summary>Where time follows instructions nothing delays the timer's interrupt: the lease ends when its time is over, not at the end of a slice.</summary>
    [Fact]
    [Trait("Theorem", "The_timer_is_not_later_than_the_end_of_the_lease")]
    public void A_lease_ends_at_its_time()
    {
        var file = SystemRun.Temporary("lease-icount.bin");
        var run = Shell.Rvm(180, "run", "systems/lease.yaml", "--icount", "--timeout", "120", "--witness", file);
        Assert.True(run.ExitCode == 0, run.All);
        var log = File.ReadAllBytes(file);
        var records = Enumerable.Range(0, log.Length / 64).Select(i => WitnessRecord.Read(log.AsSpan(i * 64))).ToList();
        var ended = Assert.Single(records, r => r is { Kind: End, Aux: Expired, Subject: Bob });
        var until = records.Last(r => r.Kind == Grant && r.Subject == ended.Subject && r.Sequence < ended.Sequence).Aux;
        Assert.InRange(ended.Timestamp, until, until + TenMicroseconds);
    }

    /// <summary>The log as a story of the one device.</summary>
    internal static List<string> Turns(WitnessRecord[] records)
    {
        List<string> turns = [];
        var (holder, until, region) = (0UL, 0UL, 0UL);
        foreach (var (r, i) in records.Select((r, i) => (r, i)))
            switch (r.Kind)
            {
                case Grant:
                    Assert.True(holder == 0 || holder == r.Subject, $"record {i}: {r.Subject} gets what {holder} has");
                    Assert.Equal(Proof, records[i + 1].Kind);
                    if (holder == 0) Assert.Equal((Map, Create), (records[i - 1].Kind, records[i - 2].Kind));
                    turns.Add($"{r.Subject} {(holder == 0 ? "gets it" : "renews")}");
                    (holder, until, region) = (r.Subject, r.Aux, r.Object >> 32);
                    Assert.True(r.Timestamp < until);
                    break;
                case End:
                    Assert.Equal((holder, region, Unmap), (r.Subject, r.Object, records[i - 1].Kind));
                    if (r.Aux == Expired) Assert.True(r.Timestamp >= until, $"record {i}: over at {r.Timestamp}, leased until {until}");
                    else Assert.Equal(Returned, r.Aux);
                    turns.Add($"{r.Subject} ends: {(r.Aux == Expired ? "expired" : "returned")}");
                    holder = 0;
                    break;
                case Ended when r.Object == holder:
                    turns.Add($"{holder} is gone");
                    holder = 0;
                    break;
                default:
                    break;
            }

        return turns;
    }
}
