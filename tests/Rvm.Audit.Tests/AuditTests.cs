using System.Text.Json;
using Rvm.Tool.Audit;
using Rvm.Tool.Proof;

namespace Rvm.Audit.Tests;

public sealed class AuditTests : IDisposable
{
    private readonly TestCheckout checkout = new();

    public AuditTests()
    {
        checkout.Write("spec/Theorem.dfy", "module Theorem {\n  /** A number is below its successor. */\n  lemma SuccessorIsGreater(x: int) ensures x < x + 1 { }\n}\n");
        checkout.Write(Checkout.ContractFolder + "Heap.dfy",
            "module {:extern \"Heap\"} Heap {\n  /** What it does. Reason: Dafny cannot. */\n  method {:extern} {:axiom} New(n: nat) returns (a: array<int>)\n    ensures fresh(a) && a.Length == n\n  /* The end. */\n}\n");
        foreach (var file in new[] { "translate.sh", "inline.awk", "inline.list" }) checkout.Write($"src/Rvm.Verified/{file}", "#!/bin/sh\n\necho\n");
        checkout.Write("src/Rvm.Platform.Aarch64/start.S", "// From reset to C#.\n_start:\n    b 1f    // go\n\n1:  wfi\n");
    }

    public void Dispose() => checkout.Dispose();

    private AuditReport Audit() => new AuditRun(checkout.Checkout).Collect();

    [Fact]
    public void ListsWhatIsProvedAndWhatIsTrusted()
    {
        Assert.True(checkout.Verify().Good);
        var report = Audit();
        Assert.True(report.Clean, string.Join('\n', report.Findings));
        var theorem = Assert.Single(report.Theorems);
        Assert.Equal(("Theorem.SuccessorIsGreater", "A number is below its successor.", 3, "proved"), (theorem.Name, theorem.Sentence, theorem.Line, theorem.Outcome));
        Assert.True(theorem.Resources > 0);
        Assert.All(report.Obligations, o => Assert.Equal("proved", o.Outcome));
        var trusted = report.Trusted.Single(t => t.Kind == "extern");
        Assert.Equal(("Heap.New", "Dafny cannot.", 3), (trusted.Name, trusted.Reason, trusted.Line));
        Assert.Equal("method {:extern} {:axiom} New(n: nat) returns (a: array<int>) ensures fresh(a) && a.Length == n", trusted.Contract);
        Assert.Equal((3, "From reset to C#."), report.Trusted.Where(t => t.Kind == "assembly").Select(t => (t.Lines, t.Reason)).Single());
        Assert.Equal(AuditWriter.Json(report), AuditWriter.Json(Audit()));
    }

    [Fact]
    public void ListsWhatEditsTheGeneratedProgram()
    {
        var edits = Audit().Trusted.Where(t => t.Kind == "translation").ToList();
        Assert.Equal(["inline.awk 1", "inline.list 1", "translate.sh 1"], edits.Select(t => $"{t.Name} {t.Lines}"));
        Assert.All(edits, t => Assert.NotEmpty(t.Reason));
        File.Delete(checkout.Checkout.Path("src/Rvm.Verified/inline.awk"));
        checkout.Write("src/Rvm.Verified/other.sh", "sed -i s/a/b/ x.cs\n");
        var rules = Audit().Findings.Select(f => $"{f.Rule} {f.Place.File}").ToList();
        Assert.Contains("missing src/Rvm.Verified/inline.awk", rules);
        Assert.Contains("no-reason src/Rvm.Verified/other.sh", rules);
    }

    [Fact]
    public void WeighsProofAgainstCode()
    {
        checkout.Write("spec/Theorem.dfy", "module Theorem {\n" + string.Concat(Enumerable.Range(0, 60).Select(i => $"  // remark\n\n  const C{i} := {i}\n")) + "}\n");
        checkout.Write("proofs/p.dfy", string.Concat(Enumerable.Repeat("module P {\n", 1).Concat(Enumerable.Range(0, 28).Select(i => $"const D{i} := {i}\n"))) + "}\n");
        checkout.Write("src/Rvm.Verified/c.dfy", "module C {\n  method M()\n    ensures true\n  { }\n}\n");
        var report = Audit();
        Assert.Equal(["lines of spec/Theorem.dfy: 62, allowed are 60"], report.Findings.Where(f => f.Rule == "budget").Select(f => f.Message));
        Assert.Equal((7, 2), (report.Sizes.Single(s => s.Part == "core-runs").Code, report.Sizes.Single(s => s.Part == "core-ghost").Code));
        Assert.Equal((457L, 500L), report.Budgets.Where(b => b.Name.StartsWith("lines of proof", StringComparison.Ordinal)).Select(b => (b.Value, b.Limit)).Single());
    }

    [Fact]
    public void FindsStaleProofs()
    {
        Assert.Contains(Audit().Findings, f => f is { Rule: "stale", Place.File: "spec/Theorem.dfy" });
        checkout.Verify();
        checkout.Write("spec/Theorem.dfy", "module Theorem {\n  /** Changed. */\n  lemma Other(x: int) ensures x <= x + 1 { }\n}\n");
        var report = Audit();
        Assert.Equal("stale", Assert.Single(report.Findings).Rule);
        Assert.Equal("stale", Assert.Single(report.Theorems).Outcome);
    }

    [Fact]
    public void FindsWorkThatNobodyCounts()
    {
        checkout.Write("src/Rvm.Verified/k.dfy", "module RvmKernel {\n  method Tick(a: array<int>)\n  {\n    var i := 0;\n    while i < 8 { i := i + 1; }\n  }\n}\n");
        Assert.Contains(Audit().Findings, f => f is { Rule: "work-loop", Place: { File: "src/Rvm.Verified/k.dfy", Line: 5 } });
        Assert.Contains(Audit().Findings, f => f is { Rule: "work-entry", Place.File: "src/Rvm.Verified/k.dfy" });
    }

    [Fact]
    public void FindsMissingSentencesReasonsAndClaims()
    {
        checkout.Write("spec/Theorem.dfy", "module Theorem { lemma Silent(x: int) ensures x == x { }\n /** Claims nothing. */\n lemma Empty() { } }\n");
        checkout.Write(Checkout.ContractFolder + "Heap.dfy", "module Heap { method {:extern} {:axiom} New() returns (a: int) ensures a == 1 }\n");
        checkout.Verify();
        Assert.Equal(["no-claim", "no-reason", "no-sentence"], Audit().Findings.Select(f => f.Rule).Order());
    }

    [Fact]
    public void FindsBudgetsExceeded()
    {
        checkout.Write("spec/Long.dfy", string.Concat(Enumerable.Range(0, 1600).Select(i => $"const C{i} := {i}\n")));
        checkout.Write("src/Rvm.Platform.Aarch64/long.S", string.Concat(Enumerable.Repeat("nop\n", 500)));
        var report = Audit();
        Assert.Equal("lines of assembly: 503, allowed are 499", Assert.Single(report.Findings, f => f.Rule == "budget").Message);
        Assert.Contains(report.Budgets, b => b is { Name: "lines of specification", Met: false, Binding: false });
    }

    [Fact]
    public void KeepsToItsSchema()
    {
        checkout.Verify();
        using var schema = JsonDocument.Parse(File.ReadAllText(TestCheckout.Real.Path("docs/audit.schema.json")));
        using var audit = JsonDocument.Parse(AuditWriter.Json(Audit()));
        Schema.Check(schema.RootElement, schema.RootElement, audit.RootElement, "audit");
    }
}

/// <summary>As much of JSON Schema as <c>docs/audit.schema.json</c> uses.</summary>
internal static class Schema
{
    public static void Check(JsonElement root, JsonElement schema, JsonElement value, string path)
    {
        if (schema.TryGetProperty("$ref", out var reference)) schema = root.GetProperty("$defs").GetProperty(reference.GetString()!.Split('/')[^1]);
        if (schema.TryGetProperty("enum", out var allowed)) Assert.Contains(value.GetString(), allowed.EnumerateArray().Select(e => e.GetString()));
        switch (schema.GetProperty("type").GetString())
        {
            case "object": CheckObject(root, schema, value, path); break;
            case "array":
                Assert.Equal(JsonValueKind.Array, value.ValueKind);
                foreach (var item in value.EnumerateArray()) Check(root, schema.GetProperty("items"), item, path + "[]");
                break;
            case "string": Assert.Equal(JsonValueKind.String, value.ValueKind); break;
            case "integer": Assert.True(value.TryGetInt64(out _), path); break;
            case "boolean": Assert.True(value.ValueKind is JsonValueKind.True or JsonValueKind.False, path); break;
            default: Assert.Fail(path); break;
        }
    }

    private static void CheckObject(JsonElement root, JsonElement schema, JsonElement value, string path)
    {
        Assert.False(schema.GetProperty("additionalProperties").GetBoolean());
        var properties = schema.GetProperty("properties");
        foreach (var required in schema.GetProperty("required").EnumerateArray())
            Assert.True(value.TryGetProperty(required.GetString()!, out _), $"{path} lacks {required}");
        foreach (var property in value.EnumerateObject())
        {
            Assert.True(properties.TryGetProperty(property.Name, out var inner), $"{path}.{property.Name} is not in the schema");
            Check(root, inner, property.Value, $"{path}.{property.Name}");
        }
    }
}
