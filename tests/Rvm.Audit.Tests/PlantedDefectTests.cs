using Rvm.Tool.Audit;
using Rvm.Tool.Closure;
using Rvm.Tool.Proof;

namespace Rvm.Audit.Tests;

/// <summary>Each plants one thing that would let something unproved pass in a checkout that is otherwise good: the audit has to name it and the place.</summary>
public sealed class PlantedDefectTests : IDisposable
{
    private const string Leaf = "proofs/Leaf.dfy", Claims = "spec/Theorem.dfy";

    private readonly TestCheckout checkout = new();

    public PlantedDefectTests()
    {
        checkout.Write(Leaf, "module Leaf {\n  predicate Small(x: int) { x < 10 }\n  lemma Below(x: int)\n    requires Small(x)\n    ensures x < 11\n  { }\n}\n");
        checkout.Write(Claims, """
            include "../proofs/Leaf.dfy"
            module Theorem {
              import Leaf
              /** A small number is below eleven. */
              lemma Small_is_below_eleven(x: int) requires Leaf.Small(x) ensures x < 11 { Leaf.Below(x); }
            }

            """);
    }

    public void Dispose() => checkout.Dispose();

    private AuditReport Audit() => new AuditRun(checkout.Checkout).Collect();

    private TheoremClosure Closure() => Assert.Single(Audit().Closures);

    private void Replace(string file, string text, string with)
    {
        var path = checkout.Checkout.Path(file);
        Assert.Contains(text, File.ReadAllText(path));
        File.WriteAllText(path, File.ReadAllText(path).Replace(text, with, StringComparison.Ordinal));
    }

    [Fact]
    public void Without_a_defect_there_is_no_finding_but_the_missing_proof()
    {
        var report = Audit();
        Assert.All(report.Findings, f => Assert.Equal("stale", f.Rule));
        var (closure, symbols) = (Assert.Single(report.Closures), report.Symbols);
        Assert.Equal("Theorem.Small_is_below_eleven", closure.Theorem);
        Assert.Equal("lemma Small_is_below_eleven ( x : int ) requires Leaf . Small ( x ) ensures x < 11", closure.Statement);
        Assert.Equal(["Leaf.Small"], closure.Meaning.Select(i => symbols[i].Name));
        Assert.Equal(["Leaf.Below"], closure.Proof.Select(i => symbols[i].Name));
        Assert.Equal("predicate Small ( x : int ) { x < 10 }", symbols.Single(s => s.Name == "Leaf.Small").Text);
    }

    /// <summary>One defect a module, all in one program: rule, the module's body (its defect on the first line), what has to be named.</summary>
    private static readonly (string Rule, string Body, string Name)[] Defects =
    [
        ("assume", "lemma L(x: int) ensures x < 11 { assume false; }", "D0.L"),
        ("assume", "lemma L(x: int) { var y :| assume y > x; }", "D1.L"),
        ("assume", "predicate P(x: int) { assume {:axiom} false; x < 10 }", "D2.P"),
        ("no-body", "lemma L(x: int) ensures x < 11", "D3.L"),
        ("no-body", "predicate P(x: int)", "D4.P"),
        ("no-body", "lemma L() { forall y: int ensures y < 11 }", "forall"),
        ("no-body", "method M() { while true }", "loop"),
        ("limit", "lemma {:rlimit 100000} L(x: int) { }", "rlimit"),
        ("only", "lemma {:only} L(x: int) { }", "only"),
        ("verify-false", "lemma {:verify false} L(x: int) { }", "verify false"),
        ("only", "@VerifyOnly lemma L(x: int) { }", "only"),
        ("axiom", "lemma {:axiom} L(x: int) ensures x < 11", "axiom"),
        ("decreases-star", "method M() decreases * { while true decreases * { } }", "decreases *"),
        ("expect", "method M() { expect 1 == 2; }", "D13.M"),
        ("attribute", "method {:selective_checking} M() { }", "selective_checking"),
        ("extern", "method {:extern} M() returns (x: int) ensures x == 3", "D15.M"),
    ];

    [Fact]
    public void Each_planted_construct_is_named()
    {
        checkout.Write("proofs/Planted.dfy", string.Concat(Defects.Select((d, i) => $"module D{i} {{\n  {d.Body}\n}}\n"))
            + "abstract module Any { }\nmodule {:options \"--function-syntax:4\"} Odd { }\n");
        var findings = Audit().Findings;
        Assert.All(Defects.Select((d, i) => (d.Rule, Line: 3 * i + 2, d.Name)).Append(("abstract-module", 3 * Defects.Length + 1, "Any")).Append(("attribute", 3 * Defects.Length + 2, "options")), defect =>
            Assert.Contains(findings, f => f.Rule == defect.Item1 && f.Place == f.Place with { File = "proofs/Planted.dfy", Line = defect.Item2 } && f.Message.Contains(defect.Item3, StringComparison.Ordinal)));
    }

    /// <summary>The text of a file alone does not show these: Dafny has to say which declarations there are.</summary>
    [Fact]
    public void Nothing_is_mistaken_for_a_missing_body()
    {
        checkout.Write("proofs/Bodies.dfy", """
            module Bodies {
              datatype T = A | B
              lemma L(x: T) ensures x.A? || x.B?
              { match x case A => case B => }
              predicate P(x: T) { match x case A => true case B => false }
              lemma M(x: T) ensures match x case A => true case B => x.B?
              { }
              function F(x: T): (y: int) ensures match x case A => y == 1 case B => y == 2 { match x case A => 1 case B => 2 }
            }

            """);
        Assert.DoesNotContain(Audit().Findings, f => f.Rule != "stale");
    }

    [Fact]
    public void An_axiom_in_an_included_file_is_named_and_in_the_closure()
    {
        checkout.Write("library/Facts.dfy", "module Facts {\n  lemma {:axiom} Anything() ensures false\n}\n");
        Replace(Leaf, "module Leaf {", "include \"../library/Facts.dfy\"\nmodule Leaf { import Facts");
        Replace(Leaf, "  { }", "  { Facts.Anything(); }");
        var report = Audit();
        Assert.Contains(report.Findings, f => f is { Rule: "outside", Place: { File: "library/Facts.dfy", Line: 1 } });
        Assert.Contains(report.Findings, f => f is { Rule: "axiom", Place: { File: "library/Facts.dfy", Line: 2 } } && f.Message.Contains("Facts.Anything", StringComparison.Ordinal));
        var (closure, symbols) = (Assert.Single(report.Closures), report.Symbols);
        Assert.Equal(["Facts.Anything"], closure.Trusted.Select(i => symbols[i].Name));
        Assert.Equal("axiom", symbols.Single(s => s.Name == "Facts.Anything").Trusted);
    }

    [Fact]
    public void A_proof_that_the_solver_never_saw_is_named()
    {
        Assert.True(checkout.Verify().Good);
        var prover = ProverOptions.Read(checkout.Checkout);
        var store = new ProofStore(checkout.Checkout, new SourceGraph(checkout.Checkout), prover.Fingerprint);
        File.WriteAllText(store.Log(Leaf), "{\"verificationResults\":[]}\n");
        store.Accept(Leaf, store.Key(Leaf));
        var finding = Assert.Single(Audit().Findings);
        Assert.Equal(("skipped", Leaf, 3), (finding.Rule, finding.Place.File, finding.Place.Line));
        Assert.Contains("Leaf.Below", finding.Message);
    }

    [Fact]
    public void A_program_that_does_not_resolve_is_a_finding()
    {
        Replace(Leaf, "Small(x)\n", "Smaller(x)\n");
        var report = Audit();
        Assert.Contains(report.Findings, f => f.Rule == "unresolved" && f.Message.Contains("Smaller", StringComparison.Ordinal));
        Assert.Empty(report.Closures);
    }

    /// <summary>Four claims with one meaning each, and what is said of them after each was weakened in its own way: text, premise, definition, import.</summary>
    [Fact]
    public void A_weakened_claim_has_another_meaning_and_a_lost_one_is_lost()
    {
        const string claims = """
            include "../proofs/Leaf.dfy"
            module Others { predicate Small(x: int) { x < 10 } predicate Tiny(x: int) { x < 5 } }
            module More { predicate Small(x: int) { x < 10 } }
            module Theorem {
              import Leaf import O = Others import N = Others
              /** 1. */
              lemma Text(x: int) requires Leaf.Small(x) ensures x < 11 { }
              /** 2. */
              lemma Premise(x: int) requires Leaf.Small(x) ensures x < 11 { }
              /** 3. */
              lemma Definition(x: int) requires O.Tiny(x) ensures x < 11 { }
              /** 4. */
              lemma Imported(x: int) requires N.Small(x) ensures x < 11 { }
              /** 5. */
              lemma Untouched(x: int) requires Leaf.Small(x) ensures x < 11 { }
              /** 6. */
              lemma Lost(x: int) requires Leaf.Small(x) ensures x < 11 { }
            }

            """;
        checkout.Write(Claims, claims);
        var before = Audit().Closures.ToDictionary(c => c.Theorem[8..]);
        checkout.Write(Claims, claims.Replace("lemma Text(x: int) requires Leaf.Small(x) ensures x < 11", "lemma Text(x: int) requires Leaf.Small(x) ensures x < 12")
            .Replace("lemma Premise(x: int) requires Leaf.Small(x)", "lemma Premise(x: int) requires Leaf.Small(x) && x > 0")
            .Replace("x < 5", "x < 4").Replace("import N = Others", "import N = More").Replace("lemma Lost", "lemma Renamed"));
        var after = Audit().Closures.ToDictionary(c => c.Theorem[8..]);
        Assert.All(["Text", "Premise", "Definition", "Imported"], name => Assert.NotEqual(before[name].MeaningDigest, after[name].MeaningDigest));
        Assert.Equal(before["Definition"].Statement, after["Definition"].Statement);
        Assert.Equal(before["Imported"].Statement, after["Imported"].Statement);
        Assert.Equal(before["Untouched"].MeaningDigest, after["Untouched"].MeaningDigest);
        Assert.False(after.ContainsKey("Lost"));
    }

    [Fact]
    public void Another_proof_comments_and_layout_leave_the_meaning_alone()
    {
        var before = Closure();
        Replace(Claims, "{ Leaf.Below(x); }", "{\n // another way\n assert x < 10; }");
        Replace(Leaf, "predicate Small(x: int) { x < 10 }", "/** Small. */\n  predicate Small(x: int)\n  {\n    x < 10 // ten\n  }");
        var after = Closure();
        Assert.Equal((before.Digest, before.MeaningDigest), (after.Digest, after.MeaningDigest));
        Assert.NotEqual(before.Proof.Count, after.Proof.Count);
    }
}
