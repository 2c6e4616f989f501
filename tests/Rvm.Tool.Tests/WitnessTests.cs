using FsCheck.Fluent;
using Rvm.Tool.Bundle;
using Rvm.Tool.Tests.Support;
using Rvm.Tool.Witness;

namespace Rvm.Tool.Tests;

public class WitnessTests
{
    private static readonly FsCheck.Gen<byte[]> Log =
        from seed in Gen.Choose(0, int.MaxValue)
        from count in Gen.Choose(2, 40)
        select Make(count, new Random(seed));

    /// <summary>A well-formed log of random records.</summary>
    private static byte[] Make(int count, Random random, ulong first = 0)
    {
        var log = new byte[count * 64];
        var before = first == 0 ? WitnessRecord.Anchor : (ulong)random.NextInt64();
        byte[] kinds = [0x01, 0x10, 0x34, 0x41, 0x71];
        for (var i = 0; i < count; i++)
        {
            var kind = i == 0 && first == 0 ? WitnessKind.BootAttestation : i == count - 1 ? WitnessKind.SystemEnd : kinds[random.Next(kinds.Length)];
            var record = new WitnessRecord(first + (ulong)i, (ulong)i * 10, kind, (byte)random.Next(2), 0, (ulong)random.Next(5), (ulong)random.NextInt64(), (ulong)random.NextInt64(), before, 0, 0);
            before = Seal(log.AsSpan(i * 64, 64), record);
        }

        return log;
    }

    private static ulong Seal(Span<byte> at, WitnessRecord record)
    {
        record.Write(at);
        var hash = WitnessRecord.HashOf(at);
        (record with { Hash = hash }).Write(at);
        return hash;
    }

    private static string[] Fields(byte[] log) => [.. WitnessChain.Verify(log).Findings.Select(f => $"{f.Sequence}:{f.Field}")];

    [Fact]
    public void A_complete_log_is_good() => Prop.ForAll(Log.ToArbitrary(), log => WitnessChain.Verify(log).IsGood).Holds();

    [Fact]
    public void Any_changed_byte_names_its_record_its_field_and_its_place() =>
        Prop.ForAll(Log.ToArbitrary(), Gen.Choose(0, int.MaxValue).ToArbitrary(), Gen.Choose(1, 255).ToArbitrary(), (log, place, change) =>
        {
            var at = place % log.Length;
            log[at] ^= (byte)change;
            var findings = WitnessChain.Verify(log).Findings;
            return findings.Count == 1 && findings[0].Record == at / 64 && findings[0].Sequence == (ulong)at / 64
                && findings[0].Field == WitnessRecord.FieldAt(at % 64) && findings[0].Offset == at;
        }).Holds(1000);

    [Fact]
    [Trait("Theorem", "The_log_only_grows")]
    public void Every_byte_of_every_record_is_covered()
    {
        var log = Make(6, new Random(5));
        for (var at = 0; at < log.Length; at++)
        {
            log[at] ^= 0x10;
            var finding = Assert.Single(WitnessChain.Verify(log).Findings);
            Assert.Equal((at / 64, at), (finding.Record, finding.Offset));
            log[at] ^= 0x10;
        }
    }

    [Fact]
    [Trait("Theorem", "The_log_only_grows")]
    public void A_removed_record_leaves_a_gap_and_a_broken_link() =>
        Prop.ForAll(Log.ToArbitrary(), Gen.Choose(0, 1000).ToArbitrary(), (log, which) =>
        {
            var count = log.Length / 64;
            if (count < 4) return true;
            var gone = 1 + which % (count - 2);
            byte[] shorter = [.. log[..(gone * 64)], .. log[((gone + 1) * 64)..]];
            return Fields(shorter).SequenceEqual([$"{gone + 1}:sequence", $"{gone + 1}:chain_hash_before"]);
        }).Holds();

    [Fact]
    public void A_record_rewritten_with_its_hash_breaks_the_next_link()
    {
        var log = Make(8, new Random(1));
        Seal(log.AsSpan(3 * 64, 64), WitnessRecord.Read(log.AsSpan(3 * 64)) with { Aux = 77, Hash = 0 });
        Assert.Equal(["4:chain_hash_before"], Fields(log));
    }

    [Fact]
    public void Reserved_fields_must_be_zero_even_under_a_right_hash()
    {
        var log = Make(8, new Random(1));
        Seal(log.AsSpan(7 * 64, 64), WitnessRecord.Read(log.AsSpan(7 * 64)) with { Reserved = 1, Flags = 2, Hash = 0 });
        Assert.Equal(["7:reserved", "7:flags"], Fields(log));
    }

    [Fact]
    public void A_log_cut_between_records_ends_without_SystemEnd()
    {
        var report = WitnessChain.Verify(Make(9, new Random(2))[..(5 * 64)]);
        Assert.Equal("log ends at record 4 without SystemEnd: truncated, or the run did not end", Assert.Single(report.Findings).Message);
    }

    [Fact]
    public void A_log_cut_within_a_record_says_how_many_bytes_are_there()
    {
        var findings = WitnessChain.Verify(Make(9, new Random(2))[..(5 * 64 + 7)]).Findings;
        Assert.Contains(findings, f => f.Message == "truncated: the file ends within record 5, 7 of 64 bytes are there" && f.Offset == 320);
        Assert.Contains(findings, f => f.Message.StartsWith("log ends at record 4 without SystemEnd", StringComparison.Ordinal));
    }

    [Fact]
    public void An_empty_log_is_a_finding() => Assert.Equal("the log is empty", Assert.Single(WitnessChain.Verify([]).Findings).Message);

    [Fact]
    public void A_log_that_begins_later_is_reported_as_such_and_nothing_else()
    {
        var finding = Assert.Single(WitnessChain.Verify(Make(9, new Random(2), first: 1000)).Findings);
        Assert.StartsWith("the log is anchored later: it begins at record 1000", finding.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Two_logs_one_after_the_other_are_not_one_log()
    {
        byte[] twice = [.. Make(4, new Random(1)), .. Make(4, new Random(2))];
        Assert.Equal(["3:kind", "0:sequence", "0:chain_hash_before", "0:kind"], Fields(twice));
    }

    [Fact]
    public void Any_bytes_are_reported_without_a_throw() =>
        Prop.ForAll(Gen.ArrayOf(Gen.Choose(0, 255).Select(b => (byte)b), 200).ToArbitrary(), bytes => !WitnessChain.Verify(bytes).IsGood).Holds();

    [Fact]
    public void A_record_survives_writing_and_reading() =>
        Prop.ForAll(Gen.ArrayOf(Gen.Choose(0, 255).Select(b => (byte)b), 64).ToArbitrary(), bytes =>
        {
            var copy = new byte[64];
            WitnessRecord.Read(bytes).Write(copy);
            return copy.SequenceEqual(bytes);
        }).Holds();

    [Fact]
    public void A_log_attests_its_bundle_and_no_other()
    {
        ulong[] words = BundleCodec.Encode(new([new(7, 1), new(8)], [5, 6]));
        var bundle = BundleCodec.ToBytes(words);
        var log = Make(3, new Random(1));
        // FNV-1a 64 of the first 24 words, written out here apart from the tool's own function.
        var hash = bundle[..(24 * 8)].Aggregate(0xcbf29ce484222325UL, (h, b) => unchecked((h ^ b) * 0x100000001b3UL));
        Seal(log.AsSpan(0, 64), WitnessRecord.Read(log) with { Object = (ulong)words.Length, Aux = hash, Hash = 0 });
        Assert.Null(Attestation.Check(log, bundle));
        Assert.Equal("aux", Attestation.Check(log, BundleCodec.ToBytes(BundleCodec.Encode(new([new(7, 2), new(8)], [5, 6]))))!.Field);
        Assert.Equal("object", Attestation.Check(log, BundleCodec.ToBytes(BundleCodec.Encode(new([new(7, 1), new(8)], [5]))))!.Field);
        Assert.Contains("damaged", Attestation.Check(log, bundle[..^8])!.Message, StringComparison.Ordinal);
        Assert.Contains("no boot record", Attestation.Check([], bundle)!.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0x41, 0xC600_0003, unchecked((ulong)-10), "queue_send: InsufficientCapability")]
    [InlineData(0x41, 3UL << 32 | 0xC600_000C, unchecked((ulong)-18), "partition_create: ProofInvalid, rule 2 denies")]
    [InlineData(0x41, 4096UL << 32 | 0xC600_000C, unchecked((ulong)-18), "partition_create: ProofInvalid, no rule permits it")]
    [InlineData(0x40, 77UL, 12UL << 32 | 5, "partition_create with nonce 77: rule 5 permits")]
    [InlineData(0x86, 2UL, 0x1234UL, "policy 2, FNV 0x0000000000001234")]
    [InlineData(0x41, 0xFFFF_FFFF, unchecked((ulong)-1), "SMC: Unsupported")]
    [InlineData(0x71, 3, 0, "partition 3: exit status 0")]
    [InlineData(0x71, 3, 0x0100_0000_9300_0046, "partition 3: fault, ESR 0x93000046 (data abort)")]
    [InlineData(0x71, 3, 0x0200_0000_0000_0000, "partition 3: budget used up")]
    [InlineData(0x71, 3, 0x0400_0000_0000_0000, "partition 3: lease over, and no record left to tell of it")]
    [InlineData(0x41, 2UL << 32 | 0xC600_0013, unchecked((ulong)-18), "device_lease_acquire: ProofInvalid, rule 1 denies")]
    [InlineData(0x41, 0xC600_0014, unchecked((ulong)-27), "device_lease_revoke: DeviceLeaseNotFound")]
    [InlineData(0x41, 0xC600_0047, unchecked((ulong)-28), "lease_renew: DeviceLeaseExpired")]
    [InlineData(0x50, 9UL << 32 | 0x50000, 6_250_000UL, "region 9 at IPA 0x50000000 until 100000.000 us")]
    [InlineData(0x51, 9, 0, "region 9: returned")]
    [InlineData(0x51, 9, 1, "region 9: expired")]
    [InlineData(0x10, 0x2_0000_0001, 0x0B00_0000_0000_0002, "partition 2 slot 1: Console 0 [write]")]
    [InlineData(0x30, 5, 0x1_0002_0010, "edge 5: 1 to 2, capacity 16")]
    [InlineData(0x25, 0x4_0005_0000, 0x1010_0002_0000_0003, "region 4 at IPA 0x50000000 of partition 1: rw, 3 pages from page 2")]
    public void Records_are_explained_in_words(byte kind, ulong what, ulong aux, string text) =>
        Assert.Equal(text, WitnessText.Explain(new(0, 0, kind, 0, 0, 0, what, aux, 0, 0, 0)));

    [Fact]
    public void The_kinds_are_those_of_the_interface()
    {
        foreach (var line in File.ReadLines(Repository.File("docs/abi.md")).Where(l => l.StartsWith("| 0x", StringComparison.Ordinal)))
        {
            var cells = line.Split('|', StringSplitOptions.TrimEntries);
            foreach (var (number, name) in cells[1].Split('/', StringSplitOptions.TrimEntries).Zip(cells[2].Split('/', StringSplitOptions.TrimEntries)))
                Assert.Equal(name, WitnessKind.Name(Convert.ToByte(number, 16)));
        }
    }
}
