using System.Text.RegularExpressions;
using Rvm.Diagnostics;
using Rvm.Policy.Checks;
using Rvm.Policy.Tests.Support;

namespace Rvm.Policy.Tests.PolicyChecks;

/// <summary>docs/policy.md lists the checks, and the policies of the checkout pass them.</summary>
public sealed class DocumentedChecksTests
{
    private static readonly string Document = File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "policy.md"));

    [Fact]
    public void The_built_in_checks_are_documented()
    {
        var section = Document[Document.IndexOf("## Built-in checks", StringComparison.Ordinal)
            ..Document.IndexOf("## The report", StringComparison.Ordinal)];
        Assert.Equal(BuiltIns.All.Select(b => b.Name), Regex.Matches(section, @"^\| `([a-z-]+)` \|", RegexOptions.Multiline)
            .Select(m => m.Groups[1].Value));
    }

    [Fact]
    public void The_policies_of_the_checkout_pass_every_check()
    {
        foreach (var file in Directory.GetFiles(Path.Combine(AppContext.BaseDirectory, "policies"), "*.rvmp"))
        {
            var bag = new DiagnosticBag();
            var policy = PolicyFile.Load(file, null, bag);
            Assert.True(policy is not null, string.Join('\n', bag.All));
            var report = Checking.Check(policy, [Checking.Solver("z3"), Checking.Solver("cvc5")], new Checking.TableEvaluator());
            Assert.True(report.Passed, string.Join('\n', report.Findings));
        }
    }
}
