using System.Text.Json;
using Rvm.Tool.Bundle;
using Rvm.Tool.Tests.Support;

namespace Rvm.Tool.Tests;

/// <summary><c>rvm policy compile</c>, <c>decompile</c> and <c>format</c> as users meet them.</summary>
public sealed class PolicyCommandTests : IDisposable
{
    private const string System = "name: s\npartitions:\n  - { name: alice, image: guest.elf }\n  - { name: w, image: guest.elf, count: 2 }\ngroups:\n  workers: [w]\n  all: [alice, w-2, w-2]\n";
    private const string Policy = "policy p \"For tests.\"\ngovern cap_grant\npermit x \"Why.\"\n  when call = cap_grant and caller in workers and target = alice\n";
    private readonly TempFolder _root = new();

    public PolicyCommandTests()
    {
        _root.Write("s.yaml", System);
        _root.Write("p.rvmp", Policy);
    }

    public void Dispose() => _root.Dispose();

    private ProcessResult Rvm(params string[] arguments) => RvmProcess.Run(_root.Root, arguments);

    private string Read(string name) => File.ReadAllText(Path.Combine(_root.Root, name));

    [Fact]
    public void A_table_comes_back_as_source_and_compiles_again()
    {
        Assert.Equal(0, Rvm("policy", "compile", "p.rvmp", "--system", "s.yaml", "-o", "a.policy").ExitCode);
        Assert.Equal(0, Rvm("policy", "decompile", "a.policy", "-o", "b.rvmp").ExitCode);
        Assert.Contains("caller in workers and target = alice", Read("b.rvmp"), StringComparison.Ordinal);
        Assert.Equal(0, Rvm("policy", "compile", "b.rvmp", "-o", "b.policy").ExitCode);
        Assert.Equal(0, Rvm("policy", "compile", "b.rvmp", "--system", "s.yaml", "-o", "c.policy").ExitCode);
        Assert.Equal(File.ReadAllBytes(Path.Combine(_root.Root, "a.policy")), File.ReadAllBytes(Path.Combine(_root.Root, "b.policy")));
        Assert.Equal(File.ReadAllBytes(Path.Combine(_root.Root, "a.policy")), File.ReadAllBytes(Path.Combine(_root.Root, "c.policy")));
        Assert.Equal(Read("b.rvmp"), Rvm("policy", "decompile", "a.policy").Output);
    }

    [Fact]
    public void A_table_is_found_in_a_bundle()
    {
        Rvm("policy", "compile", "p.rvmp", "--system", "s.yaml", "-o", "a.policy");
        var table = BundleCodec.ToWords(File.ReadAllBytes(Path.Combine(_root.Root, "a.policy")));
        _root.Write("with.bundle", BundleCodec.ToBytes(BundleCodec.Encode(new([], [1, 2, 3]) { Policies = [table, table] })));
        _root.Write("without.bundle", BundleCodec.ToBytes(BundleCodec.Encode(new([], [1, 2, 3]))));
        Assert.Equal(Rvm("policy", "decompile", "a.policy").Output, Rvm("policy", "decompile", "with.bundle").Output);
        Assert.Equal(Rvm("policy", "decompile", "a.policy").Output, Rvm("policy", "decompile", "with.bundle", "--number", "2").Output);
        Assert.Equal(2, Rvm("policy", "decompile", "with.bundle", "--number", "3").ExitCode);
        var none = Rvm("policy", "decompile", "without.bundle");
        Assert.Equal(2, none.ExitCode);
        Assert.Contains("carries no policy", none.Errors, StringComparison.Ordinal);
    }

    [Fact]
    public void Errors_show_the_line_and_a_caret()
    {
        _root.Write("bad.rvmp", Policy + "permit y \"r\"\n  when kind = regoin\npermit z \"r\"\n  when size < 5ms\n");
        var result = Rvm("policy", "compile", "bad.rvmp", "--system", "s.yaml", "-o", "a.policy");
        Assert.Equal(2, result.ExitCode);
        Assert.Contains("bad.rvmp:6:15: error: `regoin` is not a kind\n      when kind = regoin\n                  ^\n    mend: did you mean `region`?", result.Errors, StringComparison.Ordinal);
        Assert.Contains("bad.rvmp:8:15: error: a size is compared with a time", result.Errors, StringComparison.Ordinal);
        Assert.False(File.Exists(Path.Combine(_root.Root, "a.policy")));
        var json = JsonDocument.Parse(Rvm("policy", "compile", "bad.rvmp", "--system", "s.yaml", "--format", "json").Output).RootElement;
        Assert.Equal([6, 8], json.GetProperty("diagnostics").EnumerateArray().Select(d => d.GetProperty("line").GetInt32()));
    }

    [Fact]
    public void Compile_says_as_json_what_it_made()
    {
        var json = JsonDocument.Parse(Rvm("policy", "compile", "p.rvmp", "--system", "s.yaml", "-o", "a.policy", "--format",
            "json").Output).RootElement;
        Assert.True(json.GetProperty("ok").GetBoolean());
        Assert.Equal(136 + 1 + 2 * 3, json.GetProperty("kernel_words").GetInt32());
        Assert.Equal(new FileInfo(Path.Combine(_root.Root, "a.policy")).Length, 8 * json.GetProperty("words").GetInt64());
        Assert.Equal(1, json.GetProperty("calls").EnumerateArray().Single(c =>
            c.GetProperty("call").GetString() == "cap_grant").GetProperty("permits").GetInt32());
    }

    [Fact]
    public void Format_checks_then_mends()
    {
        _root.Write("f.rvmp", Policy.Replace("  when", "      when   ", StringComparison.Ordinal));
        Assert.Equal(1, Rvm("policy", "format", "f.rvmp", "--check").ExitCode);
        Assert.NotEqual(Policy, Read("f.rvmp"));
        Assert.Equal(0, Rvm("policy", "format", "f.rvmp").ExitCode);
        Assert.Equal(Policy, Read("f.rvmp"));
        Assert.Equal(0, Rvm("policy", "format", "f.rvmp", "--check").ExitCode);
        _root.Write("bad.rvmp", "permit\n");
        Assert.Equal(2, Rvm("policy", "format", "bad.rvmp").ExitCode);
        Assert.Equal("permit\n", Read("bad.rvmp"));
    }

    [Theory]
    [InlineData("policy", "compile", "nothing.rvmp")]
    [InlineData("policy", "compile", "p.rvmp", "--system", "nothing.yaml")]
    [InlineData("policy", "compile", "p.rvmp")]
    [InlineData("policy", "compile", "p.rvmp", "--system", "s.yaml", "-o", "p.rvmp/x")]
    [InlineData("policy", "decompile", "nothing")]
    [InlineData("policy", "decompile", "p.rvmp")]
    [InlineData("policy", "format", "nothing.rvmp")]
    public void Wrong_input_ends_with_status_two_and_a_mend(params string[] arguments)
    {
        var result = Rvm(arguments);
        Assert.Equal(2, result.ExitCode);
        Assert.Contains("mend", result.Errors, StringComparison.Ordinal);
    }
}
