using System.Text.Json;
using Rvm.Diagnostics;
using Rvm.Tool.Audit;
using Rvm.Tool.Proof;

namespace Rvm.Audit.Tests.Page;

/// <summary><c>rvm audit --compare</c> and <c>--format sarif</c> on a checkout that is proved, weakened and proved again.</summary>
public sealed class CompareTests : IDisposable
{
    private readonly TestCheckout checkout = new();

    public void Dispose() => checkout.Dispose();

    private (int Status, string Output) Audit(string format, string? compare = null)
    {
        var output = new StringWriter();
        return (AuditCommands.Run(checkout.Checkout, format, compare, output), output.ToString());
    }

    private void Write(string safe) =>
        checkout.Write("spec/Theorem.dfy", "module State {\n  predicate Safe(n: int) { " + safe + " }\n}\n" +
            "module Theorem {\n  import S = State\n  /** A safe number is positive. */\n  lemma Safe_is_positive(n: int) requires S.Safe(n) ensures n > 0 { }\n}\n");

    [Fact]
    public void A_weakened_definition_fails_by_exit_status_and_in_SARIF()
    {
        Write("n > 1");
        Assert.True(checkout.Verify().Good);
        var (status, json) = Audit("json");
        Assert.True(status == 0, json);
        checkout.Write("base.json", json);
        var baseFile = checkout.Checkout.Path("base.json");
        Assert.Equal(0, Audit("text", baseFile).Status);

        Write("n > 1 && n < 10");
        Assert.True(checkout.Verify().Good);
        Assert.Equal(0, Audit("json").Status);
        var text = Audit("text", baseFile);
        Assert.Equal(1, text.Status);
        Assert.Contains("spec/Theorem.dfy:2: error: weakened-statement: the definition of State.Safe has changed", text.Output);
        using var sarif = JsonDocument.Parse(Audit("sarif", baseFile).Output);
        var run = sarif.RootElement.GetProperty("runs")[0];
        Assert.Equal(("2.1.0", "rvm audit"), (sarif.RootElement.GetProperty("version").GetString(), run.GetProperty("tool").GetProperty("driver").GetProperty("name").GetString()));
        var result = run.GetProperty("results").EnumerateArray().Single(r => r.GetProperty("level").GetString() == "error");
        Assert.Equal("weakened-statement", result.GetProperty("ruleId").GetString());
        Assert.Equal("spec/Theorem.dfy", result.GetProperty("locations")[0].GetProperty("physicalLocation").GetProperty("artifactLocation").GetProperty("uri").GetString());
        Assert.Contains("n &lt; 10", File.ReadAllText(checkout.Checkout.Path("artifacts/audit/audit.html")));
    }

    [Fact]
    public void A_base_that_is_no_audit_is_wrong_usage()
    {
        string Refused(string text)
        {
            checkout.Write("base.json", text);
            return Assert.Throws<UserErrorException>(() => Audit("text", checkout.Checkout.Path("base.json"))).Message;
        }
        Assert.Contains("not the JSON of an audit", Refused("hello"));
        Assert.Contains("this is no audit", Refused("{}"));
        Assert.Contains("reads format 1", Refused("""{ "version": 9, "verdict": "clean" }"""));
        Assert.Contains("no statements", Refused("""{ "version": 1, "verdict": "clean" }"""));
        Assert.Contains("a symbol that is not there", Refused("""{ "version": 1, "verdict": "clean", "closures": [{ "theorem": "T", "meaning": [3], "proof": [], "trusted": [] }] }"""));
        Assert.Contains("cannot be read", Assert.Throws<UserErrorException>(() => Audit("text", checkout.Checkout.Path("nothing.json"))).Message);
    }
}
