using Rvm.Tool.Proof;

namespace Rvm.Audit.Tests;

public class ForbiddenConstructsTests
{
    private const string Contracts = Checkout.ContractFolder + "Heap.dfy";

    [Theory]
    [InlineData("assume", "lemma L() ensures false { assume false; }")]
    [InlineData("assume", "method M() { var x :| assume x > 3; }")]
    [InlineData("assume", "lemma L() { assume {:axiom} false; }")]
    [InlineData("expect", "method M() { expect 1 == 1; }")]
    [InlineData("decreases-star", "method M() decreases * { }")]
    [InlineData("axiom", "lemma {:axiom} L() ensures false { }")]
    [InlineData("verify-false", "lemma {:verify false} L() ensures false { }")]
    [InlineData("verify-false", "module { :verify false} M { }")]
    [InlineData("only", "method {:only} M() { }")]
    [InlineData("only", "lemma L() { assert {:only} true; }")]
    [InlineData("limit", "lemma {:rlimit 100} L() { }")]
    [InlineData("limit", "lemma {:resource_limit \"2e6\"} L() { }")]
    [InlineData("limit", "lemma {:timeLimit 100} L() { }")]
    [InlineData("attribute", "method {:selective_checking} M() ensures false { assert 1 == 2; }")]
    [InlineData("attribute", "lemma L() { assert {:subsumption 0} true; }")]
    [InlineData("attribute", "trait {:termination false} T { }")]
    [InlineData("attribute", "module {:options \"--relax-definite-assignment\"} M { }")]
    [InlineData("attribute", "@Verify(false) lemma L() ensures false { }")]
    [InlineData("no-body", "lemma L() ensures false")]
    [InlineData("no-body", "ghost function F(): int")]
    [InlineData("no-body", "method M() returns (x: int) ensures x == 3")]
    [InlineData("no-body", "class C { constructor () ensures false }")]
    [InlineData("extern", "method {:extern} M() returns (x: int)")]
    [InlineData("extern", "function {:extern} F(): int { 3 }")]
    public void FindsPlantedConstruct(string rule, string source)
    {
        const string before = "// line 1\nmodule Clean { lemma Fine() { } }\n";
        var findings = ForbiddenConstructs.In("spec/X.dfy", before + source);
        Assert.Contains(findings, f => f.Rule == rule && f.Place.File == "spec/X.dfy" && f.Place.Line == 3 && f.Place.Column > 0);
        Assert.All(findings, f => Assert.NotEmpty(f.Hint!));
    }

    [Fact]
    public void LeavesCleanSourceAlone()
    {
        const string source = """
            // assume false; {:axiom} expect decreases * {:verify false} {:only} {:rlimit 3}
            /* lemma L() ensures false   /* nested: assume */  method {:selective_checking} M() */
            module {:compile false} M {
              /** Nobody may assume anything, or expect {:only} this. */
              const Text := "assume {:axiom} \" expect decreases * {:verify false}"
              const Verbatim := @"assume "" {:only} "
              newtype {:nativeType "uint"} u32 = x: int | 0 <= x < 0x1_0000_0000
              ghost predicate assumed(expected: int, only: bool) decreases expected, only { expected > 0 && only }
              lemma {:isolate_assertions} {:induction false} Uses(x: int) ensures forall y {:trigger assumed(x, y)} :: assumed(x, y) || true
              { assert {:contradiction} true; }
              twostate predicate Frame(c: object?) { old(c == c) }
              method Labels(c: object?) { label L: assert old@L(c) == c; assert Frame@L(c); }
              method Loop(n: nat) { var i := 0; while i < n decreases n - i { i := i * 1 + 1; } }
            }
            module {:extern "Boot"} Named { }
            """;
        Assert.Empty(ForbiddenConstructs.In("src/Rvm.Verified/X.dfy", source));
    }

    [Fact]
    public void LetsContractFilesStateContracts() =>
        Assert.Empty(ForbiddenConstructs.In(Contracts, "module {:extern \"Heap\"} Heap { method {:extern} {:axiom} New(n: int) returns (a: int) ensures a == n }"));

    [Theory]
    [InlineData("assume", "lemma L() { assume false; }")]
    [InlineData("verify-false", "lemma {:verify false} L() { }")]
    [InlineData("attribute", "method {:selective_checking} M() { }")]
    public void ForbidsTheRestInContractFilesToo(string rule, string source) =>
        Assert.Equal(rule, Assert.Single(ForbiddenConstructs.In(Contracts, source)).Rule);

    [Fact]
    public void RefusesIncludesOfUnprovedFiles()
    {
        using var checkout = new TestCheckout();
        checkout.Write("elsewhere/a.dfy", "lemma L() ensures false { }");
        checkout.Write("spec/b.dfy", "include \"../elsewhere/a.dfy\"\ninclude \"c.dfy\"\n");
        checkout.Write("spec/c.dfy", "");
        var finding = Assert.Single(new SourceGraph(checkout.Checkout).Findings);
        Assert.Equal(("include", new Place("spec/b.dfy", 1, 9)), (finding.Rule, finding.Place));
    }
}
