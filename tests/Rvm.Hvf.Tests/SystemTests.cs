using System.Diagnostics;
using Rvm.Tool.Witness;

namespace Rvm.Hvf.Tests;

/// <summary>
/// The examples' guests, unchanged, through `rvm run` on both platforms. Compared is every record's sequence number, kind, proof tier, subject,
/// object, aux and flags; not its time, and not the two hashes, which cover the time: `rvm witness verify` follows the chain of each log by itself.
/// Both logs are of a description whose slices are so long that no tick decides, so that the order does not depend on how fast a machine is.
/// </summary>
public sealed class SystemTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("rvm-hvf-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory, InlineData("hello"), InlineData("pingpong"), InlineData("intruder")]
    public void The_log_equals_that_of_EL2(string system)
    {
        var description = Unhurried(system);
        var hvf = Log(description, "hvf", "--platform", "hvf", "--library", Standin.Library());
        var el2 = Log(description, "el2");
        Assert.Equal(el2.Length, hvf.Length);
        for (var i = 0; i < el2.Length; i++) Assert.True(el2[i] == hvf[i], $"record {i}: EL2 {el2[i]}, HVF {hvf[i]}");
    }

    [Fact]
    public void Every_attempt_of_the_intruder_fails_and_the_budget_ends_it()
    {
        var (status, said) = Rvm("run", Patient("intruder"), "--platform", "hvf", "--library", Standin.Library(), "--timeout", "300");
        Assert.True(status == 0, said);
        Assert.Equal(41, said.Split('\n').Count(l => l.StartsWith("intruder| attempt", StringComparison.Ordinal) && l.Contains(": refused (", StringComparison.Ordinal)));
        Assert.Contains("intruder| attempt 42", said, StringComparison.Ordinal);
        Assert.Contains("victim| victim: result correct", said, StringComparison.Ordinal);
        Assert.DoesNotContain("BREACH", said, StringComparison.Ordinal);
    }

    [Fact]
    public void A_description_that_needs_4_KiB_is_refused_where_there_are_16_with_the_reason()
    {
        foreach (var (library, granule) in new[] { (Standin.Library(13), "auto"), (Standin.Library(), "16KiB") })
        {
            var (status, said) = Rvm("run", "systems/hello.yaml", "--platform", "hvf", "--library", library, "--granule", granule);
            Assert.Equal(2, status);
            Assert.Contains("systems/hello.yaml:6:12: error: ", said, StringComparison.Ordinal);
            Assert.Contains("16 KiB", said, StringComparison.Ordinal);
            Assert.Contains("mend:", said, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void A_device_to_be_leased_is_refused_at_its_line()
    {
        var (status, said) = Rvm("run", "systems/lease.yaml", "--platform", "hvf", "--library", Standin.Library());
        Assert.Equal(2, status);
        Assert.Contains("systems/lease.yaml:6:5: error: `clock` is a device to be leased, and this platform has none to give", said, StringComparison.Ordinal);
    }

    [Fact]
    public void Without_a_framework_or_its_permission_the_reason_is_said()
    {
        var (none, said) = Rvm("run", "systems/hello.yaml", "--platform", "hvf");
        Assert.Equal((1, true), (none, said.Contains("Hypervisor.framework is a part of macOS", StringComparison.Ordinal)));
        var (denied, why) = RvmWith(new() { ["HVF_STANDIN_UNSIGNED"] = "1" }, "run", "systems/hello.yaml", "--platform", "hvf", "--library", Standin.Library());
        Assert.True(denied == 1 && why.Contains("com.apple.security.hypervisor", StringComparison.Ordinal), why);
    }

    [Theory, InlineData(13), InlineData(26)]
    public void The_self_test_passes(int macos)
    {
        var (status, said) = Rvm("selftest", "--platform", "hvf", "--library", Standin.Library(macos));
        Assert.True(status == 0, said);
        Assert.Contains("selftest: all good", said, StringComparison.Ordinal);
        Assert.DoesNotContain("FAILED", said, StringComparison.Ordinal);
    }

    private string Unhurried(string system) => Rewritten(system, lines => lines
        .Where(l => !l.TrimStart().StartsWith("slice:", StringComparison.Ordinal))
        .Select(l => l.Replace("budget: 20", "budget: 1", StringComparison.Ordinal))
        .SelectMany(l => l.TrimStart().StartsWith("image:", StringComparison.Ordinal) ? (string[])["    slice: 10s", l] : [l]));

    /// <summary>A budget is time of the host's clock, and a busy host needs more of it for the same work.</summary>
    private string Patient(string system) => Rewritten(system, lines => lines.Select(l => l.Replace("slice: 20ms", "slice: 500ms", StringComparison.Ordinal)));

    private string Rewritten(string system, Func<IEnumerable<string>, IEnumerable<string>> how)
    {
        var lines = how(File.ReadAllLines(Path.Combine(Standin.Root, "systems", system + ".yaml")).Select(l => l.Replace("../artifacts", Path.Combine(Standin.Root, "artifacts"), StringComparison.Ordinal)));
        var path = Path.Combine(_folder, system + ".yaml");
        File.WriteAllLines(path, lines);
        return path;
    }

    private (ulong, byte, byte, ulong, ulong, ulong, uint)[] Log(string description, string name, params string[] platform)
    {
        var file = Path.Combine(_folder, name + ".bin");
        var (status, said) = Rvm(["run", description, "--witness", file, "--timeout", "300", .. platform]);
        Assert.True(status == 0, said);
        var (good, verdict) = Rvm("witness", "verify", file);
        Assert.True(good == 0, verdict);
        var bytes = File.ReadAllBytes(file);
        return [.. Enumerable.Range(0, bytes.Length / 64).Select(i =>
        {
            var r = WitnessRecord.Read(bytes.AsSpan(i * 64));
            return (r.Sequence, r.Kind, bytes[i * 64 + 17], r.Subject, r.Object, r.Aux, BitConverter.ToUInt32(bytes, i * 64 + 60));
        })];
    }

    private static (int Status, string Said) Rvm(params string[] arguments) => RvmWith([], arguments);

    private static (int Status, string Said) RvmWith(Dictionary<string, string> environment, params string[] arguments)
    {
        var info = new ProcessStartInfo(Path.Combine(Standin.Root, "rvm"), arguments) { RedirectStandardOutput = true, RedirectStandardError = true, RedirectStandardInput = true, WorkingDirectory = Standin.Root };
        info.Environment["HVF_STANDIN_HZ"] = "62500000";                        // QEMU's: then the bundles are equal, too
        foreach (var (name, value) in environment) info.Environment[name] = value;
        using var process = Process.Start(info)!;
        process.StandardInput.Close();
        var errors = process.StandardError.ReadToEndAsync();
        var said = process.StandardOutput.ReadToEnd() + errors.Result;
        process.WaitForExit();
        return (process.ExitCode, said);
    }
}

/// <summary>The Python package over the same program.</summary>
public sealed class PythonTests
{
    [Fact]
    public async Task The_package_creates_runs_and_halts_VMs()
    {
        var folder = Path.Combine(Standin.Root, "clients", "python");
        var info = new ProcessStartInfo("python3", ["-B", "-m", "unittest", "-v"]) { RedirectStandardOutput = true, RedirectStandardError = true, WorkingDirectory = folder };
        info.Environment["RVM_HYPERVISOR"] = Standin.Library();
        info.Environment["RVM_HVF"] = "dotnet " + Path.Combine(AppContext.BaseDirectory, "rvm-hvf.dll");
        using var process = Process.Start(info)!;
        var said = process.StandardError.ReadToEndAsync();
        var output = await process.StandardOutput.ReadToEndAsync() + await said;
        await process.WaitForExitAsync();
        Assert.True(process.ExitCode == 0 && output.Contains("Ran 4 tests", StringComparison.Ordinal), output);
    }
}
