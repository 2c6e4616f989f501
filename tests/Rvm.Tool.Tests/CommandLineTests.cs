using System.Text.Json;
using Rvm.Tool.Tests.Support;

namespace Rvm.Tool.Tests;

/// <summary>The tool as users meet it: help, exit statuses, errors.</summary>
public sealed class CommandLineTests : IDisposable
{
    private readonly TempFolder _root = new();

    public void Dispose() => _root.Dispose();

    private ProcessResult Rvm(params string[] arguments) => RvmProcess.Run(_root.Root, arguments);

    private void WriteSystem(string more = "")
    {
        _root.Write("guest.elf", ElfBuilder.Guest());
        _root.Write("kernel.elf", ElfBuilder.Build(0x4020_0000, new(0x4020_0000, ElfBuilder.Rx, new byte[100], 100), new(0x4200_0000, ElfBuilder.R, new byte[8], 8)));
        _root.Write("s.yaml", "name: s\npartitions:\n  - name: alice\n    image: guest.elf\n    capabilities: [{ console: [write] }]\n" + more);
    }

    [Theory]
    [InlineData]
    [InlineData("build")]
    [InlineData("run")]
    [InlineData("witness")]
    [InlineData("witness", "show")]
    [InlineData("witness", "verify")]
    [InlineData("verify")]
    [InlineData("mutants")]
    [InlineData("audit")]
    [InlineData("release")]
    [InlineData("release", "make")]
    [InlineData("release", "verify")]
    [InlineData("inspect")]
    [InlineData("theorems")]
    [InlineData("bench")]
    [InlineData("policy")]
    [InlineData("policy", "compile")]
    [InlineData("policy", "decompile")]
    [InlineData("policy", "format")]
    public void Every_command_has_help_with_examples(params string[] command)
    {
        var help = Rvm([.. command, "--help"]);
        Assert.Equal(0, help.ExitCode);
        Assert.Contains("Examples:", help.Output, StringComparison.Ordinal);
        Assert.Contains("rvm " + string.Join(' ', command), help.Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("buidl")]
    [InlineData("build")]
    [InlineData("build", "s.yaml", "--format", "xml")]
    [InlineData("run", "s.yaml", "--smp", "99")]
    [InlineData("run", "s.yaml", "--timeout", "0")]
    [InlineData("run", "s.yaml", "--no-such-option")]
    [InlineData("run", "s.yaml", "--witness", "no/such/directory/w.bin")]
    [InlineData("run", "nothing.yaml")]
    [InlineData("witness", "show", "nothing.bin")]
    [InlineData("witness", "verify", "nothing.bin")]
    [InlineData("witness", "show", "s.yaml", "--kind", "Nonsense")]
    public void Wrong_usage_ends_with_status_2_one_reason_and_no_stack_trace(params string[] arguments)
    {
        WriteSystem();
        var result = Rvm(arguments);
        Assert.Equal(2, result.ExitCode);
        Assert.Contains("mend", result.Errors, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", result.All, StringComparison.Ordinal);
    }

    [Fact]
    public void Building_writes_image_and_bundle_and_prints_the_handles()
    {
        WriteSystem();
        var result = Rvm("build", "s.yaml", "--kernel", "kernel.elf");
        Assert.True(result.ExitCode == 0, result.All);
        Assert.Matches("alice +0x100000000 +Console +write", result.Output);
        var bundle = File.ReadAllBytes(_root.At("artifacts/systems/s/s.bundle"));
        var image = File.ReadAllBytes(_root.At("artifacts/systems/s/s.elf"));
        Assert.Equal(bundle, image[^bundle.Length..]);
        Assert.Equal("RVMBNDL1"u8.ToArray(), bundle[..8]);
    }

    [Fact]
    public void The_same_input_gives_the_same_bytes()
    {
        WriteSystem();
        Rvm("build", "s.yaml", "--kernel", "kernel.elf", "-o", "one.elf");
        Rvm("build", "s.yaml", "--kernel", "kernel.elf", "-o", "two.elf");
        Assert.Equal(File.ReadAllBytes(_root.At("one.elf")), File.ReadAllBytes(_root.At("two.elf")));
    }

    [Fact]
    public void The_result_of_a_build_is_readable_by_programs()
    {
        WriteSystem();
        var json = JsonDocument.Parse(Rvm("build", "s.yaml", "--kernel", "kernel.elf", "--format", "json").Output).RootElement;
        var capability = json.GetProperty("partitions")[0].GetProperty("capabilities")[0];
        Assert.Equal(("0x100000000", "console", "write"), (capability.GetProperty("handle").GetString(), capability.GetProperty("kind").GetString(), capability.GetProperty("rights")[0].GetString()));
    }

    [Fact]
    public void Errors_name_file_line_and_column_in_both_formats()
    {
        WriteSystem("    slcie: 1ms\n");
        var text = Rvm("build", "s.yaml", "--kernel", "kernel.elf");
        Assert.Equal(2, text.ExitCode);
        Assert.StartsWith("s.yaml:6:5: error: unknown key `slcie` in a partition\n    mend: did you mean `slice`?", text.Errors, StringComparison.Ordinal);
        Assert.EndsWith("1 error\n", text.Errors, StringComparison.Ordinal);
        var json = JsonDocument.Parse(Rvm("build", "s.yaml", "--kernel", "kernel.elf", "--format", "json").Output).RootElement;
        var error = json.GetProperty("diagnostics")[0];
        Assert.Equal((false, 6, 5), (json.GetProperty("ok").GetBoolean(), error.GetProperty("line").GetInt32(), error.GetProperty("column").GetInt32()));
    }

    [Fact]
    public void A_missing_kernel_is_reported_with_the_description_errors()
    {
        WriteSystem("    slcie: 1ms\n");
        var result = Rvm("build", "s.yaml");
        Assert.Contains("the kernel does not exist", result.Errors, StringComparison.Ordinal);
        Assert.Contains("make build", result.Errors, StringComparison.Ordinal);
        Assert.Contains("2 errors", result.Errors, StringComparison.Ordinal);
    }

    [Fact]
    public void Records_can_be_filtered()
    {
        var log = new byte[5 * 64];
        for (var i = 0; i < 5; i++)
        {
            new Witness.WitnessRecord((ulong)i, 0, (byte)(i == 2 ? 0x41 : 0x34), 1, 0, (ulong)(i % 2), 7, 1, 0, 0, 0).Write(log.AsSpan(i * 64));
        }

        _root.Write("w.bin", log);
        int[] Shown(params string[] filter) =>
            [.. JsonDocument.Parse(Rvm(["witness", "show", "w.bin", "--format", "json", .. filter]).Output).RootElement.EnumerateArray().Select(r => r.GetProperty("sequence").GetInt32())];
        Assert.Equal([0, 1, 2, 3, 4], Shown());
        Assert.Equal([1, 3], Shown("--partition", "1"));
        Assert.Equal([2], Shown("--kind", "proofrejected"));
        Assert.Equal([2], Shown("--kind", "0x41"));
        Assert.Equal([1, 2, 3], Shown("--from", "1", "--to", "3"));
        Assert.Equal(6, Rvm("witness", "show", "w.bin").Output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Length);
    }
}
