using System.Text.RegularExpressions;
using Rvm.Diagnostics;
using Rvm.Policy.Binding;
using Rvm.Policy.Language;
using Rvm.Policy.Tests.Support;

namespace Rvm.Policy.Tests;

/// <summary>docs/policy.md says what the program does.</summary>
public class DocumentTests
{
    private static readonly string Document = File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "policy.md"));

    [Fact]
    public void Its_example_is_a_policy()
    {
        var example = Document[Document.IndexOf("policy tenants", StringComparison.Ordinal)..];
        example = example[..example.IndexOf("```", StringComparison.Ordinal)];
        var names = new SystemNames("s.yaml", new Dictionary<string, int> { ["operator"] = 1, ["alice"] = 2, ["bob"] = 3, ["carol"] = 4 },
            new Dictionary<string, IReadOnlyList<int>>());
        var bag = new DiagnosticBag();
        var policy = PolicyFile.Parse("policy.md", example, names, bag);
        Assert.Empty(bag.All);
        Assert.Equal((4, 3), (policy!.Rules.Count, policy.Assertions.Count));
        Assert.Equal(example, Formatter.Format(Parser.Read("", example, bag)));
    }

    [Fact]
    public void Its_fields_are_the_fields()
    {
        var rows = Regex.Matches(Document, @"^\| (\d+) \| `(\w+)` \| ([a-z ]+) \|", RegexOptions.Multiline)
            .Select(m => (int.Parse(m.Groups[1].Value), m.Groups[2].Value)).ToList();
        Assert.Equal(Fields.All.Select(f => (f.Index, f.Name)), rows);
        foreach (var word in Fields.All.Where(f => f.Type != FieldType.Partition).SelectMany(f => Enumerators.Of(f.Type).Keys))
            Assert.Matches($@"[` ]{word}[` ]", Document);
    }

    [Fact]
    public void Its_calls_are_the_calls()
    {
        var columns = Regex.Match(Document, @"\| decided by every policy \|.*\n.*\n\| (.*) \| (.*) \|").Groups;
        foreach (var (column, always) in new[] { (columns[1].Value, true), (columns[2].Value, false) })
            Assert.Equal(Calls.All.Where(c => c.AlwaysDecided == always).Select(c => $"`{c.Name}` {c.Number}"), column.Split(", "));
    }

    [Fact]
    public void Its_statements_are_the_statements()
    {
        foreach (var word in Keywords.Statements) Assert.Contains($"| `{word} ", Document, StringComparison.Ordinal);
        foreach (var word in Keywords.Conditions) Assert.Contains($"\"{word}\"", Document, StringComparison.Ordinal);
    }

    [Fact]
    public void The_policies_of_the_checkout_compile_and_are_formatted()
    {
        var files = Directory.GetFiles(Path.Combine(AppContext.BaseDirectory, "policies"), "*.rvmp");
        Assert.NotEmpty(files);
        foreach (var file in files)
        {
            var text = File.ReadAllText(file);
            Assert.Equal(text, Formatter.Format(Parser.Read(file, text, new())));
            Sample.Table(text);
        }
    }
}
