using System.Diagnostics;
using System.Text.RegularExpressions;

namespace Rvm.Hvf.Tests;

/// <summary>librvm_hosting, the shared library for C, Swift and Python, over the stand-in. `make hosting-native` has to be done.</summary>
public sealed partial class NativeTests : IDisposable
{
    private static readonly string Source = Path.Combine(Standin.Root, "src", "Rvm.Hosting.Native");
    private readonly string _folder = Directory.CreateTempSubdirectory("rvm-native-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void A_C_program_creates_runs_and_halts_VMs_and_is_refused_with_the_reason()
    {
        var (program, log) = (Compiled(), Path.Combine(_folder, "log.bin"));
        var (status, said) = Run(program, new() { ["RVM_HYPERVISOR"] = Standin.Library() }, log);
        Assert.True(status == 0, said);
        string[] expected =
        [
            "too early: -1004 there is no host", "twice: -1002 the host has been started", "exits: kind 0, value 0x2a", "again: -1002 the VM is Halted", "gone: -1003 1 is not the handle",
            "too large: -1001 536870912 bytes of memory: a VM has at most 16 MiB", "no program: -1001 program is NULL", "no entry: -1001 not an instruction", "not yet: -1002 the VM is Created",
            "strays: kind 1, value 0x9", "vectors: kinds 0 0, values 0x1111 0x2222", "halted: kind 3, state 3", "no more: -33 partition_create: the kernel refuses: ResourceLimitExceeded",
            "info: granule 4096, most vCPUs some, hertz some", "stopped: -1004", "exits again: kind 0, value 0x2a", "lost: -1007 the host has ended", "dead: -1004",
        ];
        var lines = said.Split('\n').Where(l => l.Contains(": ", StringComparison.Ordinal)).ToArray();
        Assert.True(lines.Length == expected.Length, said);
        Assert.All(expected.Zip(lines), pair => Assert.StartsWith(pair.First, pair.Second, StringComparison.Ordinal));
        var (good, verdict) = Run(Path.Combine(Standin.Root, "rvm"), [], "witness", "verify", log);
        Assert.True(good == 1 && verdict.Contains("1 finding in ", StringComparison.Ordinal) && verdict.Contains("without SystemEnd", StringComparison.Ordinal), verdict);      // of a host that still ran
    }

    [Fact]
    public void Without_a_framework_or_its_permission_the_status_and_the_text_say_so()
    {
        var program = Compiled();
        var (none, said) = Run(program, new() { ["RVM_HYPERVISOR"] = "" });
        Assert.True(none == 1 && said.Contains("start: -1005 Hypervisor.framework is a part of macOS", StringComparison.Ordinal), said);
        var (denied, why) = Run(program, new() { ["RVM_HYPERVISOR"] = Standin.Library(), ["HVF_STANDIN_UNSIGNED"] = "1" });
        Assert.True(denied == 1 && why.Contains("start: -1006 ", StringComparison.Ordinal) && why.Contains("com.apple.security.hypervisor", StringComparison.Ordinal), why);
    }

    [Fact]
    public void The_Python_program_of_the_documentation_runs()
    {
        var page = File.ReadAllLines(Path.Combine(Standin.Root, "docs", "platforms.md"));
        var snippet = page.SkipWhile(l => !l.StartsWith("    import ctypes", StringComparison.Ordinal)).TakeWhile(l => l.StartsWith("    ", StringComparison.Ordinal)).Select(l => l[4..]);
        var (status, said) = Run("python3", new() { ["RVM_HYPERVISOR"] = Standin.Library() }, "-B", "-c", string.Join('\n', snippet));
        Assert.True(status == 0, said);
        Assert.Equal("0 42", said.Trim());
    }

    [Fact]
    public void The_header_declares_what_the_library_exports_with_the_same_numbers()
    {
        var (header, calls, status) = (File.ReadAllText(Path.Combine(Source, "rvm_hosting.h")), File.ReadAllText(Path.Combine(Source, "Calls.cs")), File.ReadAllText(Path.Combine(Source, "Status.cs")));
        var exported = EntryPoint().Matches(calls).Select(m => m.Groups[1].Value).Order().ToArray();
        Assert.NotEmpty(exported);
        Assert.Equal(exported, Declaration().Matches(header).Select(m => m.Groups[1].Value).Order());
        Assert.Equal(
            StatusMember().Matches(status).Select(m => (m.Groups[1].Value.ToUpperInvariant(), m.Groups[2].Value)).Order(),
            StatusMacro().Matches(header).Select(m => (m.Groups[1].Value.Replace("_", "", StringComparison.Ordinal), m.Groups[2].Value)).Order());
        Assert.Equal(Enum.GetNames<Hosting.ExitKind>().Select((n, i) => $"{n} {i}".ToUpperInvariant()), ExitMacro().Matches(header).Select(m => $"{m.Groups[1].Value.Replace("_", "", StringComparison.Ordinal)} {m.Groups[2].Value}"));
        Assert.Equal(Enum.GetNames<Hosting.VmState>().Select((n, i) => $"{n} {i}".ToUpperInvariant()), StateMacro().Matches(header).Select(m => $"{m.Groups[1].Value} {m.Groups[2].Value}"));
    }

    /// <summary>Native/host.c with the header of the sources and the library that was published.</summary>
    private string Compiled()
    {
        var (folder, program) = (Path.Combine(Standin.Root, "artifacts", "hosting"), Path.Combine(_folder, "host"));
        var library = Path.Combine(folder, "librvm_hosting.so");
        Assert.True(File.Exists(library), $"{library} is not built; run `make hosting-native`");
        var (status, said) = Run("gcc", [], "-std=gnu11", "-Wall", "-Wextra", "-Werror", "-I", Source, "-o", program,
            Path.Combine(Standin.Root, "tests", "Rvm.Hvf.Tests", "Native", "host.c"), library, $"-Wl,-rpath,{folder}", "-lpthread");
        Assert.True(status == 0, said);
        return program;
    }

    private static (int Status, string Said) Run(string program, Dictionary<string, string> environment, params string[] arguments)
    {
        var info = new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true, WorkingDirectory = Standin.Root };
        foreach (var (name, value) in environment) info.Environment[name] = value;
        using var process = Process.Start(info)!;
        var errors = process.StandardError.ReadToEndAsync();
        var output = process.StandardOutput.ReadToEndAsync();
        if (process.WaitForExit(60_000)) return (process.ExitCode, output.Result + errors.Result);
        process.Kill(entireProcessTree: true);
        return (-1, $"{program} did not end within 60 s; it said: {output.Result}{errors.Result}");
    }

    [GeneratedRegex("EntryPoint = \"(rvm_[a-z_]+)\"")]
    private static partial Regex EntryPoint();

    [GeneratedRegex(@"^(?:int32_t|rvm_status|size_t) (rvm_[a-z_]+)\(", RegexOptions.Multiline)]
    private static partial Regex Declaration();

    [GeneratedRegex(@"^    (\w+) = (-?\d+),$", RegexOptions.Multiline)]
    private static partial Regex StatusMember();

    [GeneratedRegex(@"^#define RVM_(?:E_)?(OK|(?<=E_)[A-Z_]+) \(?(-?\d+)\)?", RegexOptions.Multiline)]
    private static partial Regex StatusMacro();

    [GeneratedRegex(@"^#define RVM_(EXITED|FAULT|BUDGET_USED|HALTED) (\d+)", RegexOptions.Multiline)]
    private static partial Regex ExitMacro();

    [GeneratedRegex(@"^#define RVM_STATE_(\w+) (\d+)", RegexOptions.Multiline)]
    private static partial Regex StateMacro();
}
