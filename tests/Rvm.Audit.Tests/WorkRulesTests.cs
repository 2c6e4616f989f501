using Rvm.Tool.Proof;
using Rvm.Tool.Work;

namespace Rvm.Audit.Tests;

/// <summary>The rules that hold the proofs on work to the text of the core.</summary>
public sealed class WorkRulesTests : IDisposable
{
    private const string File = "src/Rvm.Verified/kernel/Kernel.dfy";

    private const string Spec = """
        module Cost {
          const ACCESSES: nat := 3
          function Cost(e: int): nat { 100 }
        }
        """;

    private const string Core = """
        module Tables {
          method {:extern} Fetch()
          ghost const CLEAR_WORK: nat := 9
          class Table {
            const a: array<int>
            ghost var s: seq<int>
            method Clear(n: int, ghost m: int) returns (ghost work: nat)
              ensures work <= CLEAR_WORK
            {
              work := 1;
              var i := 0;
              while i < 8
                invariant work == 1 + i && s == a[..]
              {
                work := work + 1;
                a[i] := Get(i) + n;
                s := s[i := n];
                i := i + 1;
              }
            }
            function Get(i: int): int
            {
              Fact(a[..], a[i]);
              a[i]
            }
            lemma Fact(t: seq<int>, x: int) { }
          }
        }
        module RvmKernel {
          import Tables
          import Cost
          ghost const FREE_WORK: nat := 9
          ghost const ANY_WORK: nat := 1 + FREE_WORK
          function Free(t: Tables.Table): (n: int) {
            0
          } by method {
            ghost var work := 1;
            n := 0;
            while n < 8
              invariant work == 1 + n
            {
              work := work + 1;
              if t.a[n] == 0 {
                assert work <= FREE_WORK;
                return n;
              }
              n := n + 1;
            }
            assert work <= FREE_WORK;
          }
          function Any(t: Tables.Table): bool {
            assert 1 + FREE_WORK <= ANY_WORK;
            Free(t) < 8
          }
          method New() returns (t: Tables.Table) ensures fresh(t) { t := new Tables.Table(); }
          method Tick(t: Tables.Table) returns (ghost work: nat)
            ensures work <= Cost.Cost(0)
          {
            hide *;
            work := 1;
            ghost var w := t.Clear(1, t.s[0] + t.a[0]);
            work := work + w;
            var free := Free(t);
            work := work + FREE_WORK;
            work := work + ANY_WORK;
            if Any(t) { Store(t, free); }
          }
          method Store(t: Tables.Table, i: int) {
            if i == 0 { t.a[0] := t.a[1]; return; } else { t.a[2] := t.a[3] + t.a[4]; }
          }
        }
        """;

    private const string Proofs = """
        module {:compile false} Entries {
          import RvmKernel
          import Tables
          method Handle(t: Tables.Table) returns (ghost work: nat) { work := RvmKernel.Tick(t); }
          method Claim(t: Tables.Table) returns (ghost work: nat) { work := Handle(t); }
        }
        """;

    private readonly TestCheckout checkout = new();

    public void Dispose() => checkout.Dispose();

    private IReadOnlyList<Finding> Findings(string core, string proofs = Proofs)
    {
        checkout.Write("spec/Cost.dfy", Spec);
        checkout.Write(File, core);
        checkout.Write("proofs/Entries.dfy", proofs);
        return WorkRules.Of(new SourceGraph(checkout.Checkout)).Findings;
    }

    [Fact]
    public void LetsACoreThatCountsPass() => Assert.Empty(Findings(Core));

    [Theory]
    [InlineData("work-loop", "        work := work + 1;\n        a[i]", "        a[i]")]
    [InlineData("work-loop", "work := work + 1;\n        a[i]", "work := work + 0;\n        a[i]")]
    [InlineData("work-loop", "      work := work + 1;\n      if", "      if")]
    [InlineData("work-missing", "      work := 1;\n      var i", "      var i")]
    [InlineData("work-missing", "ghost var work := 1;", "ghost var work := 0;")]
    [InlineData("work-missing", "method Clear(n: int, ghost m: int) returns (ghost work: nat)", "method Clear(n: int, ghost m: int) returns (ghost steps: nat)")]
    [InlineData("work-missing", "        assert work <= FREE_WORK;\n        return n;", "        return n;")]
    [InlineData("work-missing", "    }\n    assert work <= FREE_WORK;", "    }")]
    [InlineData("work-missing", "    }\n    assert work <= FREE_WORK;", "    }\n    assert work <= ANY_WORK;")]
    [InlineData("work-call", "    work := work + w;\n", "")]
    [InlineData("work-call", "work := work + w;", "work := work + v;")]
    [InlineData("work-call", "    work := work + FREE_WORK;\n", "")]
    [InlineData("work-call", "work := work + FREE_WORK;", "work := work + ANY_WORK;")]
    [InlineData("work-call", "    work := work + ANY_WORK;\n", "")]
    [InlineData("work-call", "    work := work + FREE_WORK;\n    work := work + ANY_WORK;\n    if Any(t)", "    work := work + FREE_WORK;\n    if Free(t) == 0")]
    [InlineData("work-call", "assert 1 + FREE_WORK <= ANY_WORK;", "")]
    [InlineData("work-call", "assert 1 + FREE_WORK <= ANY_WORK;\n    Free(t) < 8", "assert 1 + FREE_WORK <= ANY_WORK;\n    Free(t) < 8 && Free(t) > 1")]
    [InlineData("work-call", "while n < 8", "while n < 8 && Any(t)")]
    [InlineData("work-set", "    work := work + w;\n", "    work := work + w;\n    work := 2;\n")]
    [InlineData("work-set", "    work := work + w;\n", "    work := work + w;\n    work := work + w;\n")]
    [InlineData("work-set", "    ghost var w := t.Clear", "    w, work := t.Clear")]
    [InlineData("work-set", "      var i := 0;\n", "      var i := 0;\n      return 1;\n")]
    [InlineData("work-entry", "ensures work <= Cost.Cost(0)", "ensures work <= 1000")]
    [InlineData("work-recursion", "t.a[2] := t.a[3] + t.a[4];", "Store(t, 0);")]
    [InlineData("work-hidden-loop", "t.a[2] := t.a[3] + t.a[4];", "var s := t.a[..];")]
    [InlineData("work-hidden-loop", "t.a[2] := t.a[3] + t.a[4];", "forall j | 0 <= j < 8 { t.a[j] := 0; }")]
    [InlineData("work-hidden-loop", "t.a[2] := t.a[3] + t.a[4];", "var b := exists j :: 0 <= j < 8 && t.a[j] == 0;")]
    [InlineData("work-hidden-loop", "t.a[2] := t.a[3] + t.a[4];", "match i { case 1 => while t.a[0] < 8 { t.a[0] := t.a[0] + 1; } case _ => } t.a[1] := 0;")]
    [InlineData("work-hidden-loop", "t.a[2] := t.a[3] + t.a[4];", "var b := new int[8];")]
    [InlineData("work-unknown", "t.a[2] := t.a[3] + t.a[4];", "Tables.Fetch();")]
    [InlineData("work-unknown", "t.a[2] := t.a[3] + t.a[4];", "var x := t.Getter(0);")]
    [InlineData("work-accesses", "t.a[2] := t.a[3] + t.a[4];", "t.a[2] := t.a[3] + t.a[4] + t.Get(0);")]
    public void FindsPlantedMistake(string rule, string find, string put)
    {
        var core = Core.Replace("\r", "", StringComparison.Ordinal);
        Assert.Equal(core.IndexOf(find, StringComparison.Ordinal), core.LastIndexOf(find, StringComparison.Ordinal));
        Assert.Contains(find, core, StringComparison.Ordinal);
        var findings = Findings(core.Replace(find, put, StringComparison.Ordinal));
        Assert.Contains(findings, f => f.Rule == rule && f.Place.File == File && f.Place.Line > 0 && f.Hint is { Length: > 0 });
    }

    private const string Question = "          method Store(";

    /// <summary>What the platform only asks for takes no step, if nothing on the way to it loops.</summary>
    [Theory]
    [InlineData("function Asked(t: Tables.Table): int { t.Get(0) }")]
    [InlineData("function Asked(t: Tables.Table): bool { Any(t) }", "work-entry")]
    [InlineData("method Asked(t: Tables.Table) { t.a[0] := 1; }", "work-entry")]
    public void MeasuresWhatThePlatformAsks(string question, params string[] rules)
    {
        var core = Core.Replace("\r", "", StringComparison.Ordinal);
        Assert.Contains(Question.Trim(), core, StringComparison.Ordinal);
        var findings = Findings(core.Replace(Question.Trim(), $"{question}\n  {Question.Trim()}", StringComparison.Ordinal));
        Assert.Equal(rules, findings.Where(f => f.Rule == "work-entry").Select(f => f.Rule));
        if (rules.Length == 0) Assert.Empty(findings);
    }

    [Theory]
    [InlineData("work := RvmKernel.Tick(t);", "var w := RvmKernel.Tick(t); work := 0;")]
    [InlineData("work := Handle(t);", "work := 0 * Handle(t);")]
    [InlineData("work := Handle(t);", "var w := Handle(t); work := 0;")]
    [InlineData("work := Handle(t);", "work :| work < 2;")]
    public void FindsAClaimAboutOtherWork(string find, string put) =>
        Assert.Equal("work-set", Assert.Single(Findings(Core, Proofs.Replace(find, put, StringComparison.Ordinal))).Rule);

    [Fact]
    public void LetsWhatNeverEntersTheCoreCostItNothing() =>
        Assert.Empty(Findings(Core, Proofs.Replace("work := Handle(t);", "t.a[0] := 1; work := 0;", StringComparison.Ordinal)));

    [Fact]
    public void ReadsTheRealCore()
    {
        var rules = WorkRules.Of(new SourceGraph(TestCheckout.Real));
        Assert.Empty(rules.Findings);
        Assert.Contains("Stage2.Stage2.Map", rules.Counted);
        Assert.Contains("RegionCalls.MapCheck", rules.Counted);
        Assert.DoesNotContain("WitnessLogs.WitnessLog.Append", rules.Counted);
        Assert.Equal(75, rules.MostAccesses);
    }
}
