using System.Diagnostics;
using System.Text.Json;
using Rvm.Tool.Tests.Support;

namespace Rvm.Tool.Tests;

/// <summary>A stand-in for the kernel, compiled once.</summary>
public sealed class FakeKernel : IDisposable
{
    private readonly TempFolder _folder = new();

    public FakeKernel()
    {
        var source = Path.Combine(AppContext.BaseDirectory, "FakeKernel");
        var made = RvmProcess.Start("aarch64-linux-gnu-gcc",
            ["-O1", "-ffreestanding", "-nostdlib", "-static", "-mgeneral-regs-only", "-mstrict-align", "-fno-pic", "-no-pie", "-T", Path.Combine(source, "fake.ld"), "-Wl,--build-id=none",
             "-o", _folder.At("kernel.elf"), Path.Combine(source, "start.S"), Path.Combine(source, "fake.c")], [], _folder.Root);
        Assert.True(made.ExitCode == 0, made.All);
    }

    public string Path_ => _folder.At("kernel.elf");

    public void Dispose() => _folder.Dispose();
}

/// <summary>Boots in QEMU, with a kernel that ends as the test wants.</summary>
public sealed class RunTests(FakeKernel kernel) : IClassFixture<FakeKernel>, IDisposable
{
    private readonly TempFolder _root = new();

    public void Dispose() => _root.Dispose();

    private ProcessResult Run(string mode, params string[] more)
    {
        _root.Write("artifacts/kernel/kernel.elf", File.ReadAllBytes(kernel.Path_));
        _root.Write("guest.elf", ElfBuilder.Guest());
        _root.Write("s.yaml", $"name: s\npartitions:\n  - name: {mode}\n    image: guest.elf\n    capabilities:\n      - console: [write]\n");
        return RvmProcess.Run(_root.Root, ["run", "s.yaml", .. more.Contains("--timeout") ? (string[])[] : ["--timeout", "20"], .. more]);
    }

    [Fact]
    public void A_run_ends_by_itself_shows_lines_with_their_partition_and_saves_a_log_that_verifies()
    {
        var run = Run("good", "--witness", "w.bin");
        Assert.True(run.ExitCode == 0, run.All);
        Assert.StartsWith("RVM fake kernel\nalice| hello\nbob| \\x1b[31mred\nRVM HALT status=0 records=10 ", run.Output, StringComparison.Ordinal);
        Assert.Equal(640, new FileInfo(_root.At("w.bin")).Length);
        var good = RvmProcess.Run(_root.Root, "witness", "verify", "w.bin");
        Assert.Equal((0, "w.bin: good: 10 records"), (good.ExitCode, good.Output[..23]));
        var log = File.ReadAllBytes(_root.At("w.bin"));
        log[4 * 64 + 40] ^= 1;
        _root.Write("w.bin", log);
        var bad = RvmProcess.Run(_root.Root, "witness", "verify", "w.bin");
        Assert.Equal(1, bad.ExitCode);
        Assert.StartsWith("w.bin: record 4 (offset 296) aux: ", bad.Output, StringComparison.Ordinal);
    }

    [Fact]
    public void A_ring_that_wrapped_is_unrolled_from_its_first_record()
    {
        Assert.Equal(0, Run("wrap", "--witness", "w.bin").ExitCode);
        var shown = RvmProcess.Run(_root.Root, "witness", "show", "w.bin", "--format", "json");
        var sequences = JsonDocument.Parse(shown.Output).RootElement.EnumerateArray().Select(r => r.GetProperty("sequence").GetInt32());
        Assert.Equal(Enumerable.Range(24, 16), sequences);
        var verified = RvmProcess.Run(_root.Root, "witness", "verify", "w.bin", "--format", "json");
        var finding = Assert.Single(JsonDocument.Parse(verified.Output).RootElement.GetProperty("findings").EnumerateArray());
        Assert.StartsWith("the log is anchored later: it begins at record 24", finding.GetProperty("message").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public void A_built_image_runs_too_and_the_kernel_sees_more_cores_and_instruction_counting()
    {
        Run("good");
        var run = RvmProcess.Run(_root.Root, "run", "artifacts/systems/s/s.elf", "--smp", "4", "--icount");
        Assert.Equal(0, run.ExitCode);
    }

    [Fact]
    public void A_halt_with_another_status_is_a_finding()
    {
        var run = Run("seven");
        Assert.Equal(1, run.ExitCode);
        Assert.Contains("the kernel halted with status 7", run.Errors, StringComparison.Ordinal);
    }

    [Fact]
    public void A_kernel_fault_is_a_finding_and_its_whole_report_is_shown()
    {
        var run = Run("fault");
        Assert.Equal(1, run.ExitCode);
        Assert.Contains("  ESR 0x1 at somewhere", run.Output, StringComparison.Ordinal);
        Assert.Contains("kernel fault: RVM KERNEL FAULT class=37", run.Errors, StringComparison.Ordinal);
    }

    [Fact]
    public void A_refused_boot_names_the_line_of_the_description()
    {
        var run = Run("refused");
        Assert.Equal(1, run.ExitCode);
        Assert.Contains("the kernel refused boot command 2: OutOfMemory (-26)", run.Errors, StringComparison.Ordinal);
        Assert.Contains("s.yaml:6:9: error: the kernel refused the Console capability of `refused`: OutOfMemory", run.Errors, StringComparison.Ordinal);
    }

    [Fact]
    public void A_run_that_does_not_end_is_stopped_in_time_and_shows_the_last_lines()
    {
        var clock = Stopwatch.StartNew();
        var run = Run("hang", "--timeout", "2");
        Assert.Equal(1, run.ExitCode);
        Assert.InRange(clock.Elapsed.TotalSeconds, 2, 15);
        Assert.Contains("did not end within 2 s", run.Errors, StringComparison.Ordinal);
        Assert.Contains("    alice| still here", run.Errors, StringComparison.Ordinal);
    }

    [Fact]
    public void A_machine_that_stops_without_a_word_is_a_finding()
    {
        var run = Run("quiet");
        Assert.Equal(1, run.ExitCode);
        Assert.Contains("without an RVM HALT line", run.Errors, StringComparison.Ordinal);
    }

    [Fact]
    public void A_halt_line_without_a_ring_is_a_finding_when_the_log_was_asked_for()
    {
        Assert.Equal(0, Run("bare").ExitCode);
        var run = Run("bare", "--witness", "w.bin");
        Assert.Equal(1, run.ExitCode);
        Assert.Contains("names no witness ring", run.Errors, StringComparison.Ordinal);
        Assert.False(File.Exists(_root.At("w.bin")));
    }

    [Fact]
    public void A_missing_emulator_and_one_that_fails_are_findings()
    {
        Run("good");
        var missing = RvmProcess.Run(_root.Root, [("RVM_QEMU", "no-such-qemu")], "run", "s.yaml");
        Assert.Equal(1, missing.ExitCode);
        Assert.Contains("cannot start no-such-qemu", missing.Errors, StringComparison.Ordinal);
        var failing = RvmProcess.Run(_root.Root, "run", "s.yaml", "--", "-no-such-option");
        Assert.Equal(1, failing.ExitCode);
        Assert.Contains("QEMU ended by itself with status 1", failing.Errors, StringComparison.Ordinal);
        Assert.Contains("-no-such-option", failing.Errors, StringComparison.Ordinal);
    }

    [Fact]
    public void The_result_of_a_run_is_readable_by_programs()
    {
        var run = Run("refused", "--format", "json");
        var json = JsonDocument.Parse(run.Output).RootElement;
        Assert.Equal(("boot_refused", 2, 6), (json.GetProperty("end").GetString(), json.GetProperty("refused_command").GetInt32(), json.GetProperty("refused_at").GetProperty("line").GetInt32()));
        Assert.Contains("RVM fake kernel", run.Errors, StringComparison.Ordinal);
    }

    [Fact]
    public void An_interrupt_ends_the_run_and_the_emulator()
    {
        Run("good");
        _root.Write("s.yaml", File.ReadAllText(_root.At("s.yaml")).Replace("name: good", "name: hang", StringComparison.Ordinal));
        var script = "dotnet \"$0\" run s.yaml > out.txt 2> err.txt & tool=$!; for i in $(seq 100); do grep -q 'still here' out.txt && break; sleep 0.1; done; qemu=$(pgrep -P $tool); kill -TERM $tool; wait $tool; echo $?; kill -0 $qemu 2>/dev/null && echo alive || echo gone";
        var result = RvmProcess.Start("bash", ["-c", script, Path.Combine(AppContext.BaseDirectory, "rvm.dll")], [("RVM_ROOT", _root.Root)], _root.Root);
        Assert.Equal("130\ngone\n", result.Output);
    }
}
