using System.Text.Json;
using Rvm.Tool.Replay;
using Rvm.Tool.Tests.Support;
using Rvm.Tool.Witness;

namespace Rvm.Tool.Tests;

public sealed class ReplayTests : IDisposable
{
    private const ulong Mapped = 8, Edge = 11, Passed = 16, Sent = 17, Rejected = 18, Revoked = 19, Unmapped = 20, SecondEnds = 21, FirstEnds = 22;
    private static readonly byte[] Log = LogBuilder.TwoPartitions().Bytes;

    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    private ProcessResult Rvm(params string[] arguments) => RvmProcess.Run(_folder.Root, ["witness", .. arguments]);

    private string Save(byte[] log, string name = "w.bin") => _folder.Write(name, log);

    private static ulong[] Ask(ulong[]? partition = null, string[]? of = null, byte[]? kind = null, ulong? since = null, ulong? until = null, bool refused = false) =>
        [.. WitnessQuery.Ask(Log, new(partition ?? [], [.. (of ?? []).Select(o => ObjectName.Parse(o)!.Value)], kind ?? [], since, until, refused)).Found.Select(r => r.Sequence)];

    // ---- replay ---------------------------------------------------------------------------------------------------------------------

    [Fact]
    public void The_tree_shows_partitions_capabilities_with_their_derivation_regions_maps_and_edges()
    {
        var run = Rvm("replay", Save(Log), "--to", "19", "--memory", "1GiB");
        Assert.Equal((0, ""), (run.ExitCode, run.Errors));
        string[] lines =
        [
            "after record 19 of 24, at 30.400 us",
            "partition 1 started, generation 1, image 0, slice 1 ms, deadline 10 ms (record 1)",
            "4 of 100 undrained records used",
            "slot 0: Console 0 [read, write, grant], generation 2, passed on to 2.0 (dead) (record 9)",
            "slot 1: Region 0 [read, write], generation 1 (record 10)",
            "region 0: slab, 8 pages from frame 0x46000, generation 0 (record 7)",
            "mapped at 0x50000000: rw, 4 pages from page 2",
            "edge 0: to partition 2, capacity 4, generation 1 (record 11)",
            "partition 2 started, generation 1, image 1, slice 1 ms, deadline 10 ms, budget 3 slices (record 4)",
            "slot 0: Console 0 [write], generation 1, from 1.0 generation 1, depth 1, dead: revoked (record 16)",
            "edge 0: from partition 1, capacity 4, generation 1 (record 11)",
            "memory never given out: from frame 0x46008 to 0x7ffff",
            "log: 20 records, drained up to record 0; hypervisor 16 of 65386 undrained records used",
        ];
        foreach (var line in lines) Assert.Contains(line + Environment.NewLine, run.Output, StringComparison.Ordinal);
    }

    [Fact]
    public void The_state_as_json()
    {
        var run = Rvm("replay", Save(Log), "--to", "20", "--format", "json");
        Assert.Equal(0, run.ExitCode);
        var json = JsonDocument.Parse(run.Output).RootElement;
        Assert.Equal(20, json.GetProperty("sequence").GetInt32());
        var partitions = json.GetProperty("state").GetProperty("partitions");
        var map = partitions[0].GetProperty("map");
        Assert.Equal((1, 0x50001, 3, 0x46003), (map.GetArrayLength(), map[0].GetProperty("ipa_page").GetInt32(), map[0].GetProperty("pages").GetInt32(), map[0].GetProperty("frame").GetInt32()));
        var derived = partitions[1].GetProperty("capabilities")[0];
        Assert.Equal("revoked", derived.GetProperty("state").GetString());
        Assert.Equal(1, derived.GetProperty("from").GetProperty("partition").GetInt32());
    }

    [Fact]
    public void At_the_end_of_a_complete_log_nobody_is_left()
    {
        var result = WitnessReplay.Run(Log);
        Assert.Equal((24, null), (result.Applied, result.Stop));
        Assert.All(result.Structure.Parts, p => Assert.Equal(Life.Free, p.Life));
        Assert.Equal((0U, 8UL), (result.Structure.Regions[0].Owner, result.Structure.Regions[0].Pages));
    }

    [Fact]
    public void A_damaged_log_gives_the_last_good_point_and_what_is_lost()
    {
        byte[] log = [.. Log];
        log[17 * 64 + 36] ^= 4;
        var run = Rvm("replay", Save(log));
        Assert.Equal(1, run.ExitCode);
        Assert.Contains("after record 16 of 24", run.Output, StringComparison.Ordinal);
        Assert.Contains("slot 0: Console 0 [write], generation 1, from 1.0 generation 1, depth 1 (record 16)", run.Output, StringComparison.Ordinal);
        Assert.Contains("record 17: byte 36 is 0x05 where the record's hash asks for 0x01", run.Errors, StringComparison.Ordinal);
        Assert.Contains("the last good point is record 16 at 25.600 us; 7 records from 17 on are lost, 6 of them whole: 1 CapRevoke, 1 RegionUnmap, 1 ProofRejected, 2 TaskTerminate, 1 SystemEnd\n",
            run.Errors, StringComparison.Ordinal);
        Assert.Equal(0, Rvm("replay", Save(log), "--to", "16").ExitCode);
        Assert.Equal(1, Rvm("replay", Save(log), "--to", "17").ExitCode);
    }

    [Fact]
    public void Every_changed_byte_ends_the_replay_before_its_record()
    {
        for (var at = 0; at < Log.Length; at += 7)
        {
            byte[] log = [.. Log];
            log[at] ^= 0x20;
            var result = WitnessReplay.Run(log);
            // Where the link to the record before is what was changed, nothing vouches for that one either.
            Assert.Equal(Math.Max(0, at / 64 - (at % 64 is >= 44 and < 52 ? 1 : 0)), result.Applied);
            Assert.Equal(result.Applied, result.Stop!.Record);
        }
    }

    [Fact]
    public void A_rewritten_record_is_not_applied_although_its_hash_fits()
    {
        byte[] log = [.. Log];
        var forged = WitnessRecord.Read(log.AsSpan(9 * 64)) with { Aux = 11UL << 56 | 0xFFF };
        forged.Write(log.AsSpan(9 * 64));
        (forged with { Hash = WitnessRecord.HashOf(log.AsSpan(9 * 64)) }).Write(log.AsSpan(9 * 64));
        var result = WitnessReplay.Run(log);
        Assert.Equal(9, result.Applied);
        Assert.StartsWith("record 9 may have been rewritten, for record 10 does not vouch for it", result.Stop!.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(24, 0, "log ends at record 22 without SystemEnd", 23)]
    [InlineData(24, 7, "truncated: the file ends within record 23, 7 of 64 bytes are there", 23)]
    public void A_cut_log_is_replayed_to_the_cut(int records, int rest, string message, int applied)
    {
        var result = WitnessReplay.Run(Log[..((records - 1) * 64 + rest)]);
        Assert.Equal(applied, result.Applied);
        Assert.StartsWith(message, result.Stop!.Message, StringComparison.Ordinal);
        Assert.False(result.Loss!.Ends);
    }

    [Fact]
    public void A_log_that_begins_later_cannot_be_replayed()
    {
        var result = WitnessReplay.Run(Log[(3 * 64)..]);
        Assert.Equal((0, "the log begins at record 3: what came before is not in it, so nothing can be rebuilt"), (result.Applied, result.Stop!.Message));
        Assert.Equal(1, Rvm("replay", Save(Log[(3 * 64)..])).ExitCode);
    }

    [Fact]
    public void An_unknown_kind_is_named_and_ends_the_replay()
    {
        var log = LogBuilder.TwoPartitions(whole: false).Add(0xC7, 1, 2, 3).Add(0x8F, tier: 0).Bytes;
        var run = Rvm("replay", Save(log));
        Assert.Equal(1, run.ExitCode);
        Assert.Contains("record 23: this tool does not know kind 0xC7 at record 23", run.Errors, StringComparison.Ordinal);
        Assert.Contains("after record 22 of 25", run.Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0x12, 1, 2UL << 32, 31UL << 32 | 2, null)]                                              // an empty source: Apply does not mind
    [InlineData(0x01, 1, 128, 0, "there is no partition 128")]
    [InlineData(0x01, 1, 0, 0, "there is no partition 0")]
    [InlineData(0x10, 1, 1UL << 32 | 32, 0, "there is no slot 32")]
    [InlineData(0x10, 1, 1UL << 32, 1UL << 56 | 512UL << 32, "there is no Region 512")]
    [InlineData(0x12, 1, 1UL << 32, 2, "a capability cannot be derived into its own slot")]
    [InlineData(0x25, 1, 0x7FF_FFFF, 1UL << 52 | 2, "the pages go beyond the last IPA page 0x7ffffff")]
    [InlineData(0x30, 1, 256, 0, "there is no edge 256")]
    [InlineData(0x09, 1, 3, 500UL << 32, "partition 1 gives 500 records of its 100")]
    [InlineData(0x71, 1, 5, 0, "partition 5 has no record left for its end: 0 of 0 are used")]
    [InlineData(0x31, 1, 1UL << 32, 0, "object 0x100000000 has bits that belong to no field of CommEdgeDestroy")]
    [InlineData(0x50, 1, 3UL << 32 | 0x50000, 1000, null)]
    [InlineData(0x51, 1, 0, 1, "partition 1 has not leased region 0")]
    [InlineData(0x51, 1, 512, 0, "there is no region 512")]
    [InlineData(0x50, 1UL << 32, 0, 0, "subject 0x100000000 is no partition")]
    [InlineData(0x8F, 0, 0, 1, "aux 0x1 has bits that belong to no field of SystemEnd")]
    [InlineData(0x07, 1UL << 40, 1, 0, "subject 0x10000000000 is no partition")]
    [InlineData(0x07, 300, 1, 0, "there is no partition 300 that the record could count against")]
    public void A_record_that_no_kernel_writes_ends_the_replay(byte kind, ulong subject, ulong what, ulong aux, string? reason)
    {
        var result = WitnessReplay.Run(LogBuilder.TwoPartitions(whole: false).Bytes[..(20 * 64)]);
        var state = new WitnessReplay(result.Structure, result.Accounts);
        var before = Thing.All(result.Structure);
        var said = state.Apply(new(20, 0, kind, 1, 0, subject, what, aux, 0, 0, 0));
        if (reason is null) Assert.Null(said);
        else
        {
            Assert.Contains(reason, said, StringComparison.Ordinal);
            Assert.Equal(before.Select(t => $"{t.Name} {string.Join(' ', t.Fields)}"), Thing.All(result.Structure).Select(t => $"{t.Name} {string.Join(' ', t.Fields)}"));
        }
    }

    /// <summary>Partition 1 leases a device, renews and gives it back; partition 2 leases it then, until its end.</summary>
    [Fact]
    public void Leases_are_granted_renewed_ended_and_gone_with_their_holder()
    {
        const ulong Device = 3UL << 60 | 1UL << 40 | 0x9010, Shown = 3UL << 60 | 1, AtPage = 1UL << 32 | 0x60000;
        ulong Mapped(ulong p) => Shown | p << 52;
        var log = new LogBuilder();
        foreach (var r in Enumerable.Range(0, 19).Select(i => WitnessRecord.Read(Log.AsSpan(i * 64)))) log.Add(r.Kind, r.Subject, r.Object, r.Aux, r.Tier);
        log.Add(0x20, 1, 1UL << 32 | 1, Device).Add(0x25, 1, AtPage, Mapped(1)).Add(0x50, 1, AtPage, 5000).Add(0x50, 1, AtPage, 9000)     // 19–22
            .Add(0x26, 1, AtPage, 1).Add(0x51, 1, 1, 0)                                                                                       // 23, 24
            .Add(0x20, 2, 2UL << 32 | 1, Device).Add(0x25, 2, AtPage, Mapped(2)).Add(0x50, 2, AtPage, 9900)                                  // 25–27
            .Add(0x71, 2, 2, 0, 0).Add(0x71, 1, 1, 3, 0).Add(0x8F, tier: 0);
        var whole = WitnessReplay.Run(log.Bytes);
        Assert.Equal((log.Count, null), (whole.Applied, whole.Stop));
        Assert.All(whole.Structure.Leases, l => Assert.Equal(default, l));
        Assert.Equal([new LeaseRow(1, 0x60000, 5000), new(1, 0x60000, 9000), new(1, 0x60000, 9000), default], new ulong[] { 21, 22, 23, 24 }.Select(to => WitnessReplay.Run(log.Bytes, to).Structure.Leases[1]));
        Assert.Equal([1U, 0], new ulong[] { 23, 24 }.Select(to => WitnessReplay.Run(log.Bytes, to).Structure.Regions[1].Owner));
        var file = Save(log.Bytes);
        Assert.Contains("lease: region 1 at 0x60000000 until 158.400 us (record 27)\n", Rvm("replay", file, "--to", "27").Output, StringComparison.Ordinal);
        var json = JsonDocument.Parse(Rvm("replay", file, "--to", "27", "--format", "json").Output).RootElement.GetProperty("state").GetProperty("partitions");
        Assert.Equal((JsonValueKind.Null, 9900), (json[0].GetProperty("lease").ValueKind, json[1].GetProperty("lease").GetProperty("until").GetInt32()));
        Assert.Contains("  ~ lease of partition 1: until 80.000 us → 144.000 us\n", Rvm("diff", file, "--from", "21", "--to", "22").Output, StringComparison.Ordinal);
        Assert.Contains("  - lease of partition 1: region 1, at 0x60000000, until 144.000 us\n", Rvm("diff", file, "--from", "23", "--to", "24").Output, StringComparison.Ordinal);
    }

    // ---- diff -----------------------------------------------------------------------------------------------------------------------

    [Fact]
    public void Two_logs_differ_in_a_record_a_field_and_the_structure()
    {
        var other = LogBuilder.TwoPartitions(whole: false);
        var a = Save(other.Add(0x8F, tier: 0).Bytes, "a.bin");
        var b = Save(LogBuilder.TwoPartitions(whole: false).Bytes[..(21 * 64)], "b.bin");
        Assert.Equal(0, Rvm("diff", a, a).ExitCode);
        var run = Rvm("diff", b, a);
        Assert.Equal(1, run.ExitCode);
        Assert.Contains("first difference: record 21: the first log ends before it", run.Output, StringComparison.Ordinal);
        Assert.Contains("+ slot 0 of partition 3: ", Rvm("diff", a, Save(Third(), "c.bin")).Output, StringComparison.Ordinal);
        Assert.Contains("first difference: record 22: kind is TaskTerminate in the first log and CapGrant in the second", Rvm("diff", a, Save(Third(), "c.bin")).Output, StringComparison.Ordinal);
    }

    private static byte[] Third()
    {
        var log = new LogBuilder();
        foreach (var r in Enumerable.Range(0, 22).Select(i => WitnessRecord.Read(Log.AsSpan(i * 64)))) log.Add(r.Kind, r.Subject, r.Object, r.Aux, r.Tier);
        return log.Add(0x10, 0, 3UL << 32, 11UL << 56 | 2).Add(0x71, 1, 1, 3, 0).Add(0x8F, tier: 0).Bytes;
    }

    [Fact]
    public void Two_points_of_a_log_differ_in_what_happened_between_them()
    {
        var file = Save(Log);
        var run = Rvm("diff", file, "--from", "15", "--to", "20");
        Assert.Equal(1, run.ExitCode);
        Assert.Equal(
        [
            "structure: 4 differences between after record 15 and after record 20",
            "  ~ slot 0 of partition 1: generation 1 → 2",
            "  - map of partition 1 at 0x50000000: pages 4, permission rw, region 0, first frame 0x46002",
            "  + map of partition 1 at 0x50001000: pages 3, permission rw, region 0, first frame 0x46003",
            "  + slot 0 of partition 2: object Console 0, generation 1, rights [write], object's generation 0, from slot 0 of partition 1, generation 1, depth 1",
        ], run.Output.Split('\n')[..5]);
        Assert.Equal(0, Rvm("diff", file, "--from", "17", "--to", "18").ExitCode);
        var json = JsonDocument.Parse(Rvm("diff", file, "--from", "18", "--to", "19", "--format", "json").Output).RootElement.GetProperty("structure");
        Assert.Equal(("changed", "slot 0 of partition 1", "1", "2"), (json[0].GetProperty("change").GetString(), json[0].GetProperty("thing").GetString(),
            json[0].GetProperty("fields")[0].GetProperty("before").GetString(), json[0].GetProperty("fields")[0].GetProperty("after").GetString()));
    }

    [Fact]
    public void The_first_differing_field_is_named_wherever_it_is()
    {
        for (var at = 0; at < 64; at++)
        {
            byte[] other = [.. Log];
            other[5 * 64 + at] ^= 1;
            var difference = RecordDifference.First(Log, other)!;
            Assert.Equal((5, WitnessRecord.FieldAt(at)), (difference.Record, difference.Field));
        }

        Assert.Null(RecordDifference.First(Log, Log));
    }

    // ---- query ----------------------------------------------------------------------------------------------------------------------

    [Fact]
    public void A_partition_acts_or_is_acted_on() =>
        Assert.Equal([4, 5, 6, Edge, 12, 14, Passed, Sent, Revoked, SecondEnds], Ask(partition: [2]));

    [Fact]
    public void An_object_is_found_where_records_name_it_and_where_the_state_does()
    {
        Assert.Equal([Edge, 12, Sent, SecondEnds], Ask(of: ["edge:0"]));
        Assert.Equal([7, Mapped, 10, Unmapped, FirstEnds], Ask(of: ["region:0"]));
        Assert.Equal([9, Passed, Revoked, FirstEnds], Ask(of: ["slot:1.0"]));
        Assert.Equal([Passed, Revoked, SecondEnds], Ask(of: ["slot:2.0"]));
        Assert.Equal([9, Passed, Revoked], Ask(of: ["console"]));
        Assert.Equal([4], Ask(of: ["image:1"]));
        Assert.Equal([1, 9, Passed, Revoked, FirstEnds], Ask(of: ["image:0", "slot:1.0"]));
    }

    [Fact]
    public void Kinds_times_and_refusals()
    {
        Assert.Equal([Rejected], Ask(refused: true));
        Assert.Equal([Sent, Unmapped], Ask(kind: [0x34, 0x26]));
        Assert.Equal([Passed, Sent, Rejected], Ask(since: 1600, until: 1800));
        Assert.Equal([Sent], Ask(since: 1601, until: 1799));
        Assert.Equal([Sent], Ask(partition: [2], since: 1601, until: 1799, kind: [0x34, 0x41]));
        Assert.Empty(Ask(partition: [2], refused: true));
    }

    [Fact]
    public void The_query_as_table_and_json()
    {
        var file = Save(Log);
        var run = Rvm("query", file, "--partition", "1", "--refused");
        Assert.Equal((0, ""), (run.ExitCode, run.Errors));
        Assert.Contains("18       28.800 us     1  ProofRejected       P1    queue_send: InsufficientCapability", run.Output, StringComparison.Ordinal);
        Assert.Contains("1 of 24 records", run.Output, StringComparison.Ordinal);
        var json = JsonDocument.Parse(Rvm("query", file, "--kind", "MessageSend", "--since", "27.2us", "--until", "27200ns", "--format", "json").Output).RootElement;
        Assert.Equal((1, 17UL), (json.GetProperty("matched").GetInt32(), json.GetProperty("records")[0].GetProperty("sequence").GetUInt64()));
        Assert.Equal(1, Rvm("query", Save(Log[..(20 * 64)], "cut.bin"), "--refused").ExitCode);
    }

    [Theory]
    [InlineData("query", "--object", "tree:1", "--object tree:1 names no object")]
    [InlineData("query", "--object", "slot:1", "--object slot:1 names no object")]
    [InlineData("query", "--object", "0", "--object 0 names no object")]
    [InlineData("query", "--kind", "MesageSend", "MessageSend")]
    [InlineData("query", "--since", "later", "--since later is not a time")]
    [InlineData("replay", "--to", "24", "has no record 24: it ends with record 23")]
    [InlineData("replay", "--memory", "much", "--memory much is not a size")]
    [InlineData("diff", "--from", "3", "there is nothing to compare with")]
    public void Wrong_usage_is_explained(string command, string option, string value, string message)
    {
        var run = Rvm(command, Save(Log), option, value);
        Assert.Equal(2, run.ExitCode);
        Assert.Contains(message, run.Errors, StringComparison.Ordinal);
        Assert.Contains("mend", run.Errors, StringComparison.Ordinal);
    }

    // ---- the table ------------------------------------------------------------------------------------------------------------------

    /// <summary>docs/abi.md §6 writes the layout of object and aux as shifts: «a << 60 | b << 52 | c».</summary>
    [Fact]
    public void Fields_lie_where_the_interface_says()
    {
        var compared = 0;
        foreach (var line in File.ReadLines(Repository.File("docs/abi.md")).Where(l => l.StartsWith("| 0x", StringComparison.Ordinal)))
        {
            var cells = line.Replace("\\|", "¦", StringComparison.Ordinal).Split('|', StringSplitOptions.TrimEntries);
            var kind = RecordKinds.Find(Convert.ToByte(cells[1].Split('/')[0].Trim(), 16))!;
            if (kind.Name == "TaskTerminate") continue;                         // the page says in words how the end's reason shares a word with what it is about
            foreach (var (word, cell) in new[] { (RecordWord.Object, cells[4]), (RecordWord.Aux, cells[5]) })
            {
                var shifts = cell.Split('(')[0].Split('¦').Where(part => part.Contains("<<", StringComparison.Ordinal)).Select(part => int.Parse(part.Split("<<")[1].Split(';')[0])).ToArray();
                if (shifts.Length == 0) continue;
                Assert.Equal([.. shifts, 0], kind.Fields.Where(f => f.Word == word).Select(f => f.Shift).OrderDescending());
                compared++;
            }
        }

        Assert.True(compared >= 10, $"{compared} words compared");
    }

    [Fact]
    public void No_bit_belongs_to_two_fields()
    {
        foreach (var kind in RecordKinds.All)
            foreach (var word in Enum.GetValues<RecordWord>())
                Assert.Equal(0UL, kind.Fields.Where(f => f.Word == word).Aggregate((Seen: 0UL, Twice: 0UL), (m, f) => (m.Seen | f.Mask, m.Twice | m.Seen & f.Mask)).Twice);
    }
}
