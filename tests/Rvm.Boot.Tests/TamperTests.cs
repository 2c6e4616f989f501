namespace Rvm.Boot.Tests;

/// <summary>A real log, damaged: <c>rvm witness verify</c> names the record, or says that the log was cut.</summary>
public sealed class TamperTests : IDisposable
{
    private readonly SystemRun _run = SystemRun.Of("hello").MustBeGood();
    private readonly string _folder = Directory.CreateTempSubdirectory("rvm-tamper-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private Finished Verify(byte[] log, params string[] more)
    {
        var file = Path.Combine(_folder, "w.bin");
        File.WriteAllBytes(file, log);
        return Shell.Rvm(60, ["witness", "verify", file, .. more]);
    }

    /// <summary>Every offset, each in another record, all through the tool's own code: a process each would take minutes.</summary>
    [Fact]
    [Trait("Theorem", "The_log_only_grows")]
    [Trait("Theorem", "Equal_last_hashes_mean_equal_logs")]
    public void A_flipped_byte_at_any_offset_of_any_record_names_the_record()
    {
        for (var record = 0; record < _run.Records.Length; record++)
            for (var offset = 0; offset < 64; offset++)
            {
                var log = (byte[])_run.Log.Clone();
                log[record * 64 + offset] ^= (byte)(1 + (record * 64 + offset) % 255);
                var findings = Rvm.Tool.Witness.WitnessChain.Verify(log).Findings;
                Assert.True(findings.Count >= 1 && findings[0].Record == record && findings[0].Sequence == (ulong)record, $"byte {offset} of record {record}: {string.Join("; ", findings)}");
            }
    }

    [Fact]
    public void The_command_names_the_record_and_its_field()
    {
        var random = new Random(64);
        string[] fields = ["sequence", "timestamp", "kind", "proof tier", "reserved", "subject", "object", "aux", "chain_hash_before", "record_hash", "flags"];
        int[] offsets = [3, 11, 16, 17, 19, 20, 30, 43, 44, 59, 63];
        foreach (var (field, offset) in fields.Zip(offsets))
        {
            var record = random.Next(_run.Records.Length);
            var log = (byte[])_run.Log.Clone();
            log[record * 64 + offset] ^= 0x40;
            var verified = Verify(log);
            Assert.Equal(1, verified.ExitCode);
            Assert.Contains($"record {record} (offset {record * 64 + offset}) {field}: ", verified.Output, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void A_truncated_log_is_called_truncated()
    {
        var half = _run.Records.Length / 2;
        foreach (var length in new[] { _run.Log.Length - 64, half * 64, 64 })
        {
            var verified = Verify(_run.Log[..length]);
            Assert.Equal(1, verified.ExitCode);
            Assert.Contains($"log ends at record {length / 64 - 1} without SystemEnd: truncated", verified.Output, StringComparison.Ordinal);
        }

        foreach (var length in new[] { _run.Log.Length - 1, half * 64 + 9, 63 })
            Assert.Contains($"truncated: the file ends within record {length / 64}", Verify(_run.Log[..length]).Output, StringComparison.Ordinal);
        Assert.Contains("the log is empty", Verify([]).Output, StringComparison.Ordinal);
    }

    [Fact]
    [Trait("Theorem", "The_log_only_grows")]
    public void Records_removed_exchanged_or_repeated_are_found()
    {
        var middle = _run.Records.Length / 2 * 64;
        byte[] removed = [.. _run.Log[..middle], .. _run.Log[(middle + 64)..]];
        byte[] exchanged = [.. _run.Log[..middle], .. _run.Log[(middle + 64)..(middle + 128)], .. _run.Log[middle..(middle + 64)], .. _run.Log[(middle + 128)..]];
        byte[] repeated = [.. _run.Log[..middle], .. _run.Log[(middle - 64)..]];
        foreach (var log in new[] { removed, exchanged, repeated })
        {
            var verified = Verify(log);
            Assert.Equal(1, verified.ExitCode);
            Assert.Contains(" sequence: ", verified.Output, StringComparison.Ordinal);
            Assert.Contains(" chain_hash_before: ", verified.Output, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void A_log_without_its_first_records_is_no_whole_log() =>
        Assert.Contains("the log is anchored later: it begins at record 2", Verify(_run.Log[128..]).Output, StringComparison.Ordinal);

    [Fact]
    public void Another_systems_bundle_is_not_attested()
    {
        SystemRun.Of("crash");
        var verified = Verify(_run.Log, "--bundle", Checkout.Path_("artifacts/systems/crash/crash.bundle"));
        Assert.Equal(1, verified.ExitCode);
        Assert.Contains("the log attests a bundle of", verified.Output, StringComparison.Ordinal);
    }
}
