using System.Text.Json;
using Rvm.Tool.Tests.Support;

namespace Rvm.Tool.Tests;

/// <summary><c>rvm policy check</c>, <c>diff</c> and <c>explain</c> as users meet them. The folder of these tests has no verified
/// evaluator.</summary>
public sealed class PolicyCheckCommandTests : IDisposable
{
    private const string System = "name: s\npartitions:\n  - { name: alice, image: guest.elf }\n  - name: net\n    image: guest.elf\n    regions:\n"
        + "      - { name: virtio, policy: device, address: 0x0a000000, size: 16KiB, dma: allow }\n";

    private const string Policy = "policy p \"For tests.\"\ngovern cap_grant\npermit x \"Why.\"\n"
        + "  when call = cap_grant and kind = witness_log and region_policy = none and depth < 8 and rights has witness\n"
        + "permit y \"Edges.\"\n  when call = commedge_create and count <= 64\n"
        + "assert never big \"Small edges only.\"\n  when call = commedge_create and count > 64\n";

    private readonly TempFolder _root = new();

    public PolicyCheckCommandTests()
    {
        _root.Write("s.yaml", System);
        _root.Write("p.rvmp", Policy);
    }

    public void Dispose() => _root.Dispose();

    private ProcessResult Rvm(params string[] arguments) => RvmProcess.Run(_root.Root, arguments);

    private static string[] Errors(JsonElement report) =>
        [.. report.GetProperty("findings").EnumerateArray().Where(f => f.GetProperty("severity").GetString() == "error")
            .Select(f => f.GetProperty("check").GetString()!)];

    [Theory]
    [InlineData("check")]
    [InlineData("diff")]
    [InlineData("explain")]
    public void Each_command_has_help_with_examples(string command)
    {
        var help = Rvm("policy", command, "--help");
        Assert.Equal(0, help.ExitCode);
        Assert.Contains($"  rvm policy {command}", help.Output, StringComparison.Ordinal);
        Assert.Contains("Exit status: 0", help.Output, StringComparison.Ordinal);
    }

    [Fact]
    public void Without_an_evaluator_that_is_the_only_error_and_questions_are_kept()
    {
        var result = Rvm("policy", "check", "p.rvmp", "--system", "s.yaml", "--format", "json");
        Assert.Equal(1, result.ExitCode);
        using var json = JsonDocument.Parse(result.Output);
        Assert.Contains("no-evaluator", Errors(json.RootElement));
        Assert.Equal("holds", json.RootElement.GetProperty("assertions")[0].GetProperty("status").GetString());
        Assert.Equal(2, json.RootElement.GetProperty("solvers").GetArrayLength());
        var folder = Path.Combine(_root.Root, "artifacts", "policy", "p");
        Assert.Equal(json.RootElement.GetProperty("questions").GetInt32(), Directory.GetFiles(folder, "*.smt2").Length);
        Assert.True(File.Exists(Path.Combine(folder, "report.json")));
    }

    [Fact]
    public void The_owner_of_virtio_registers_is_network()
    {
        using var with = JsonDocument.Parse(Rvm("policy", "check", "p.rvmp", "--system", "s.yaml", "--format", "json").Output);
        Assert.Contains("built-in/witness-to-network", Errors(with.RootElement));
        var text = with.RootElement.GetProperty("findings").EnumerateArray()
            .Single(f => f.GetProperty("check").GetString() == "built-in/witness-to-network")
            .GetProperty("request").GetProperty("text").GetString()!;
        Assert.Contains("target=net", text, StringComparison.Ordinal);
        Assert.Equal(0, Rvm("policy", "explain", "p.rvmp", text, "--system", "s.yaml").ExitCode);
        using var without = JsonDocument.Parse(Rvm("policy", "check", "p.rvmp", "--format", "json").Output);
        Assert.Equal(["no-evaluator"], Errors(without.RootElement));
    }

    [Fact]
    public void Sarif_names_rule_place_and_level()
    {
        using var json = JsonDocument.Parse(Rvm("policy", "check", "p.rvmp", "--system", "s.yaml", "--format", "sarif").Output);
        Assert.Equal("2.1.0", json.RootElement.GetProperty("version").GetString());
        var result = json.RootElement.GetProperty("runs")[0].GetProperty("results").EnumerateArray()
            .Single(r => r.GetProperty("ruleId").GetString() == "built-in/witness-to-network");
        Assert.Equal("error", result.GetProperty("level").GetString());
        Assert.Equal(3, result.GetProperty("locations")[0].GetProperty("physicalLocation").GetProperty("region").GetProperty("startLine").GetInt32());
        _root.Write("bad.rvmp", "policy p \"x\"\npermit x \"y\"\n  when kind = regoin\n");
        var bad = Rvm("policy", "check", "bad.rvmp", "--format", "sarif");
        Assert.Equal(2, bad.ExitCode);
        using var source = JsonDocument.Parse(bad.Output);
        Assert.Equal("source", source.RootElement.GetProperty("runs")[0].GetProperty("results")[0].GetProperty("ruleId").GetString());
    }

    [Fact]
    public void A_difference_has_a_request_and_only_more_permission_is_a_finding()
    {
        _root.Write("wide.rvmp", Policy.Replace("count <= 64", "count <= 65", StringComparison.Ordinal));
        var wider = Rvm("policy", "diff", "p.rvmp", "wide.rvmp");
        Assert.Equal(1, wider.ExitCode);
        Assert.Matches("commedge_create +deny by default +permit by y +more permissive +call=commedge_create caller=1 count=65", wider.Output);
        var stricter = Rvm("policy", "diff", "wide.rvmp", "p.rvmp", "--format", "json");
        Assert.Equal(0, stricter.ExitCode);
        using var json = JsonDocument.Parse(stricter.Output);
        Assert.False(json.RootElement.GetProperty("changes")[0].GetProperty("more_permissive").GetBoolean());
        Assert.Contains("alike", Rvm("policy", "diff", "p.rvmp", "p.rvmp").Output, StringComparison.Ordinal);
    }

    [Fact]
    public void An_explanation_says_what_failed()
    {
        var denied = Rvm("policy", "explain", "p.rvmp", "call=commedge_create", "count=70");
        Assert.Equal(1, denied.ExitCode);
        Assert.Contains("count <= 64 fails: count is 70", denied.Output, StringComparison.Ordinal);
        Assert.Equal(0, Rvm("policy", "explain", "p.rvmp", "call=commedge_create", "count=7").ExitCode);
    }

    [Theory]
    [InlineData("check", "nothing.rvmp")]
    [InlineData("check", "p.rvmp", "--format", "xml")]
    [InlineData("check", "p.rvmp", "--timeout", "0")]
    [InlineData("check", "p.rvmp", "--system", "nothing.yaml")]
    [InlineData("diff", "p.rvmp")]
    [InlineData("explain", "p.rvmp", "call=nothing")]
    [InlineData("explain", "p.rvmp", "call=cap_grant", "depth=99")]
    public void Wrong_usage_ends_with_status_2_and_a_mend(params string[] arguments)
    {
        var result = Rvm(["policy", .. arguments]);
        Assert.Equal(2, result.ExitCode);
        Assert.Contains("mend", result.Errors, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", result.All, StringComparison.Ordinal);
    }
}
