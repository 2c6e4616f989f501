using Rvm.Tool.Witness;

namespace Rvm.Boot.Tests;

/// <summary>One run of a system: console, exit status, and the log that it left, verified by <c>rvm witness verify</c>.</summary>
public sealed class SystemRun
{
    private const int Timeout = 120;
    private static readonly Dictionary<(string, int), SystemRun> Done = [];
    private static readonly string Folder = Directory.CreateTempSubdirectory("rvm-boot-").FullName;

    static SystemRun() => AppDomain.CurrentDomain.ProcessExit += (_, _) => Directory.Delete(Folder, recursive: true);

    private SystemRun(string system, int cores)
    {
        System = system;
        File_ = Path.Combine(Folder, $"{system}-{cores}.bin");
        Run = Shell.Rvm(Timeout + 60, "run", $"systems/{system}.yaml", "--witness", File_, "--timeout", $"{Timeout}", "--smp", $"{cores}");
        Log = File.Exists(File_) ? File.ReadAllBytes(File_) : [];
        Records = [.. Enumerable.Range(0, Log.Length / 64).Select(i => WitnessRecord.Read(Log.AsSpan(i * 64)))];
    }

    /// <summary>The system's name.</summary>
    public string System { get; }

    /// <summary>The log's file; its bytes and records are in <see cref="Log"/> and <see cref="Records"/>.</summary>
    public string File_ { get; }

    public Finished Run { get; }

    public byte[] Log { get; }

    public WitnessRecord[] Records { get; }

    /// <summary>A file that is gone after the tests.</summary>
    public static string Temporary(string name) => Path.Combine(Folder, name);

    /// <summary>The run of a system, once for all tests of this process.</summary>
    public static SystemRun Of(string system, int cores = 1)
    {
        lock (Done)
        {
            if (!Done.TryGetValue((system, cores), out var run)) Done[(system, cores)] = run = new(system, cores);
            return run;
        }
    }

    /// <summary>The lines of one partition, without its name.</summary>
    public string[] Of(string partition) => [.. Run.Lines.Where(l => l.StartsWith(partition + "| ", StringComparison.Ordinal)).Select(l => l[(partition.Length + 2)..])];

    /// <summary>The system ended by itself with status 0, nobody reported a failure, and the log is complete.</summary>
    public SystemRun MustBeGood()
    {
        Assert.True(Run.ExitCode == 0, $"{System}: exit status {Run.ExitCode}\n{Run.All}");
        Assert.False(Run.All.Contains("FAILED", StringComparison.Ordinal) || Run.All.Contains("RVM KERNEL FAULT", StringComparison.Ordinal), $"{System}:\n{Run.All}");
        Contains(Run.Lines, l => l.StartsWith("RVM HALT status=0 records=", StringComparison.Ordinal));
        var verified = Shell.Rvm(60, "witness", "verify", File_);
        Assert.True(verified.ExitCode == 0, $"{System}: {verified.All}");
        Assert.Contains($"good: {Records.Length} records, chain complete from BootAttestation to SystemEnd", verified.Output, StringComparison.Ordinal);
        CheckLog();
        return this;
    }

    /// <summary>Fails with the console when no line fits.</summary>
    public void Contains(IEnumerable<string> lines, Func<string, bool> fits) => Assert.True(lines.Any(fits), $"{System}: a line is missing on the console:\n{Run.All}");

    /// <summary>Fails with the console unless exactly so many lines fit.</summary>
    public void Count(int expected, Func<string, bool> fits)
    {
        var found = Run.Lines.Count(fits);
        Assert.True(found == expected, $"{System}: {found} lines where {expected} were expected:\n{Run.All}");
    }

    /// <summary>Records of a kind, by a subject.</summary>
    public int Kind(byte kind, ulong? subject = null) => Records.Count(r => r.Kind == kind && (subject is null || r.Subject == subject));

    /// <summary>The record of a partition's end.</summary>
    public WitnessRecord End(ulong partition) => Assert.Single(Records, r => r.Kind == 0x71 && r.Object == partition);

    /// <summary>Facts of the log itself, besides what the tool checks: FNV-1a is computed here, byte by byte.</summary>
    private void CheckLog()
    {
        Assert.Equal(0, Log.Length % 64);
        Assert.Equal((0x80, 0x8F), (Records[0].Kind, Records[^1].Kind));
        var chain = 0xcbf29ce484222325UL;
        for (var i = 0; i < Records.Length; i++)
        {
            var record = Log.AsSpan(i * 64, 64);
            if (Records[i].Sequence != (ulong)i || Records[i].Before != chain) Assert.Fail($"{System}: record {i} does not follow: {Records[i]}");
            chain = 0xcbf29ce484222325UL;
            foreach (var b in record[..52]) chain = unchecked((chain ^ b) * 0x100000001b3UL);
            foreach (var b in record[60..]) chain = unchecked((chain ^ b) * 0x100000001b3UL);
            if (Records[i].Hash != chain) Assert.Fail($"{System}: record {i} has the hash 0x{Records[i].Hash:x}, its bytes give 0x{chain:x}");
        }

        for (var i = 1; i < Records.Length; i++) Assert.True(Records[i].Timestamp >= Records[i - 1].Timestamp, $"{System}: time runs back at record {i}");
        Assert.Equal(Kind(0x01), Kind(0x71));                     // whoever was created has ended
        var halt = Run.Lines.Single(l => l.StartsWith("RVM HALT ", StringComparison.Ordinal));
        Assert.Contains($" records={Records.Length} ", halt, StringComparison.Ordinal);
        Assert.Contains(" first=0 ", halt, StringComparison.Ordinal);
    }
}
