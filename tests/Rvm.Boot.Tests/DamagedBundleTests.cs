using Rvm.Tool.Image;
using Xunit.Abstractions;

namespace Rvm.Boot.Tests;

/// <summary>
/// Real images whose bundle is damaged. Whatever the words are, the kernel refuses them in one line or runs what they say; it never faults
/// and never hangs. (A hundred thousand more are tried on the host: tests/Rvm.Verified.Tests.)
/// </summary>
[Trait("Theorem", "Boot_starts_valid_and_stays_so")]
public sealed class DamagedBundleTests(ITestOutputHelper output) : IDisposable
{
    private const int Places = 30;
    private const ulong BundleBase = 0x4200_0000;
    private readonly string _folder = Directory.CreateTempSubdirectory("rvm-damage-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData("hello", 1)]
    [InlineData("intruder", 2)]
    [InlineData("proof", 3)]
    public void Damaged_commands_are_refused_or_run(string system, int seed)
    {
        var random = new Random(seed);
        var (image, first, words) = Image(system);
        var commands = (int)BitConverter.ToUInt64(image, first + 16);
        Dictionary<string, int> outcomes = [];
        for (var i = 0; i < Places; i++)
        {
            var damaged = (byte[])image.Clone();
            var word = i % 6 == 0 ? random.Next(words) : 8 + random.Next(8 * commands);
            var value = i % 2 == 0 ? BitConverter.ToUInt64(image, first + 8 * word) ^ 1UL << random.Next(64) : (ulong)random.NextInt64() >> random.Next(64);
            BitConverter.TryWriteBytes(damaged.AsSpan(first + 8 * word), value);
            var outcome = Boot(damaged, $"{system}, seed {seed}, place {i}: word {word} is 0x{value:x}");
            outcomes[outcome] = outcomes.GetValueOrDefault(outcome) + 1;
        }

        foreach (var (outcome, count) in outcomes) output.WriteLine($"{count,4}  {outcome}");
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(5)]
    [InlineData(6)]
    [InlineData(7)]
    public void A_damaged_header_is_refused(int word)
    {
        var (image, first, _) = Image();
        BitConverter.TryWriteBytes(image.AsSpan(first + 8 * word), 0xDEAD_0000_0000UL);
        Assert.Equal("refused", Boot(image, $"header word {word}"));
    }

    [Fact]
    public void A_truncated_bundle_is_refused()
    {
        var (image, first, words) = Image();
        image.AsSpan(first + 8 * 20, 8 * (words - 20)).Clear();
        Assert.Equal("refused", Boot(image, "words from 20 on are zero"));
    }

    [Fact]
    public void The_tool_says_that_the_kernel_refused_a_damaged_header()
    {
        var (image, first, _) = Image();
        image[first] ^= 1;
        var run = Shell.Rvm(60, "run", Write(image), "--timeout", "20");
        Assert.Equal(1, run.ExitCode);
        Assert.Contains("refused", run.Errors, StringComparison.Ordinal);
    }

    /// <summary>The image of a system, where its bundle's first word lies in the file, and how many words there are.</summary>
    private static (byte[] Image, int First, int Words) Image(string system = "hello")
    {
        SystemRun.Of(system);
        var image = File.ReadAllBytes(Checkout.Path_($"artifacts/systems/{system}/{system}.elf"));
        var segment = ElfFile.Parse(image).Headers.Single(h => h.Type == ProgramHeader.Load && h.PhysicalAddress == BundleBase);
        return (image, (int)segment.Offset + 16, (int)(segment.FileSize - 16) / 8);
    }

    private string Write(byte[] image)
    {
        var file = Path.Combine(_folder, "damaged.elf");
        File.WriteAllBytes(file, image);
        return file;
    }

    /// <summary>How the boot came out. A guest whose own code or entry is damaged may do what it likes: spin until the time-out, fault, wait for ever.</summary>
    private string Boot(byte[] image, string what)
    {
        var run = Shell.Rvm(60, "run", Write(image), "--timeout", "3");
        var started = run.Lines.Any(l => l.StartsWith("RVM 0.1 at EL2", StringComparison.Ordinal));
        Assert.True(started && !run.All.Contains("RVM KERNEL FAULT", StringComparison.Ordinal), $"{what}:\n{run.All}");
        if (run.Lines.Any(l => l.StartsWith("RVM BOOT REFUSED ", StringComparison.Ordinal))) return "refused";
        if (run.ExitCode == 0) return "ran to a good end";
        if (run.Lines.Any(l => l.StartsWith("RVM HALT status=1", StringComparison.Ordinal))) return "ran, and a guest failed";
        if (run.Lines.Any(l => l.StartsWith("RVM DEADLOCK", StringComparison.Ordinal))) return "ran into a deadlock";
        // Still running: only a guest may be, never the boot.
        Assert.True(run.Seconds > 3 && run.Errors.Contains("did not end within", StringComparison.Ordinal), $"{what}:\n{run.All}");
        return $"runs on ({what})";
    }
}
