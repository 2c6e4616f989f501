using Rvm.Diagnostics;
using Rvm.Tool.Mutants.Generated;
using Rvm.Tool.Proof;

namespace Rvm.Audit.Tests;

/// <summary>Which mistakes are made where, and what becomes of them in a small checkout with the real prover.</summary>
public sealed class GeneratedMutantTests : IDisposable
{
    private const string Spec = "spec/Stack.dfy";

    private static readonly Lazy<Candidates> Real = new(() => new(new SourceGraph(TestCheckout.Real)));

    private readonly TestCheckout checkout = new();
    private readonly StringWriter output = new(), errors = new();

    public void Dispose() => checkout.Dispose();

    private string[] In(string file, string source)
    {
        checkout.Write(file, source);
        return [.. new Candidates(new SourceGraph(checkout.Checkout)).All.Select(c => $"{c.Layer} {c.Id}: {c.Text}").Order(StringComparer.Ordinal)];
    }

    [Fact]
    public void Every_mistake_is_made_in_what_runs_and_nowhere_else() => Assert.Equal(
    [
        "core A.K.M/arguments-swapped/1: n, m → m, n",
        "core A.K.M/arithmetic/1: + → -",
        "core A.K.M/assignment-dropped/1: x := n + m; → (nothing)",
        "core A.K.M/condition/1: n < 8 && m == 2 → !(n < 8 && m == 2)",
        "core A.K.M/connective/1: && → ||",
        "core A.K.M/constant/1: 8 → 9",
        "core A.K.M/constant/2: 8 → 7",
        "core A.K.M/constant/3: 2 → 3",
        "core A.K.M/constant/4: 2 → 1",
        "core A.K.M/effect-dropped/1: Emit(n); → (nothing)",
        "core A.K.M/record-dropped/1: Record(n, m); → (nothing)",
        "core A.K.M/relation/1: < → <=",
        "core A.K.M/relation/2: == → !=",
    ], In("src/Rvm.Verified/A.dfy", """
        module A {
          lemma L(n: int) ensures n < n + 1 { assert n < 9; }
          class K {
            var x: int
            method Record(n: int, m: int) {}
            method Emit(n: int) {}
            method M(n: int, m: int) returns (ghost work: nat)
              modifies this
              ensures n < 3
            {
              work := 1;
              if n < 8 && m == 2 {
                assert n < 9 && m == 2;
                L(n);
                x := n + m;
                Record(n, m);
                Emit(n);
                work := work + 1;
              }
            }
            ghost function G(n: int): int { n + 1 }
          }
        }
        """));

    [Fact]
    public void Definitions_and_preconditions_of_the_specification_and_contracts_of_the_platform()
    {
        Assert.Equal(["precondition S.F/requires-clause-dropped/1: requires n < m → (nothing)", "precondition S.F/requires-relation/1: < → <=", "spec S.F/arithmetic/1: - → +"],
            In("spec/S.dfy", "module S { function F(n: nat, m: nat): int requires n < m ensures F(n, m) >= 0 { m - n } }"));
        Assert.Contains("platform H.New/clause-dropped/1: ensures a >= n → (nothing)",
            In("src/Rvm.Verified/platform/H.dfy", "module H { method {:extern} {:axiom} New(n: int) returns (a: int) ensures a >= n }"));
    }

    [Fact]
    public void The_sources_give_many_mutants_each_with_a_name_of_its_own()
    {
        Assert.True(Real.Value.All.Count > 2000, $"{Real.Value.All.Count}");
        Assert.All(Candidates.Layers, layer => Assert.True(Real.Value.All.Count(c => c.Layer == layer) >= 10, layer));
        Assert.Equal([], Real.Value.All.GroupBy(c => (c.File, c.Id)).Where(g => g.Count() > 1).Select(g => g.Key.Id));
        string[] operators = ["relation", "arithmetic", "connective", "constant", "condition", "assignment dropped", "record dropped", "effect dropped", "call dropped", "arguments swapped", "clause dropped"];
        Assert.All(operators, o => Assert.Contains(Real.Value.All, c => c.Edit.Operator == o));
    }

    [Fact]
    public void A_seed_always_draws_the_same()
    {
        string[] Drawn(int seed) => [.. Real.Value.Shuffled(seed)["core"].Take(50).Select(c => c.Id)];
        Assert.Equal(Drawn(3), Drawn(3));
        Assert.NotEqual(Drawn(3), Drawn(4));
        Assert.Equal((200, 120), (Candidates.Shares(200).Values.Sum(), Candidates.Shares(200)["core"]));
    }

    [Fact]
    public void Explanations_fit_the_sources()
    {
        var bag = new DiagnosticBag();
        var file = new Explanations(TestCheckout.Real, bag);
        file.Check(file.Read(), Real.Value);
        Assert.True(bag.All.Count == 0, string.Join('\n', bag.All.Select(d => $"{d.Place}: {d.Message} ({d.Mend})")));
    }

    // ---- runs -----------------------------------------------------------------------------------------------------------------------

    private int Try(string explained, params string[] ids)
    {
        checkout.Write(Spec, "module Stack {\n  function Push(s: seq<int>, x: int): seq<int> { [x] + s + [3] }\n  predicate Full(s: seq<int>) { |s| >= 8 }\n}\n");
        checkout.Write("proofs/Stack.dfy", "include \"../spec/Stack.dfy\"\nmodule StackProofs {\n  import opened Stack\n  lemma Three(s: seq<int>, x: int) ensures Push(s, x)[|s| + 1] == 3 { }\n}\n");
        if (explained != "") checkout.Write(Explanations.File, "survivors:\n" + explained);
        return GeneratedCommand.Run(checkout.Checkout, new(0, 1, ids, new(false, false), 1, false, null), json: false, output, errors, CancellationToken.None);
    }

    private static string Explained(string id, string text) => $"  - {{ id: {id}, text: '{text}', why: Nobody calls it. }}\n";

    [Fact]
    public void A_mistake_that_a_dependent_proof_notices_is_stopped_by_proof()
    {
        Assert.True(Try("", "Stack.Push/constant/1") == ExitCodes.Good, output.ToString());
        Assert.Contains("1 stopped by proof (100.0 %), 1 of them refuted", output.ToString());
        Assert.Contains("| Stack.Push/constant/1 | spec/Stack.dfy:2 | `3 → 4` | proof | proofs/Stack.dfy:4:", File.ReadAllText(checkout.Checkout.Path("artifacts/mutants/generated.md")));
    }

    [Fact]
    public void A_survivor_is_a_finding_until_it_is_explained()
    {
        Assert.Equal(ExitCodes.Finding, Try("", "Stack.Full/constant/1"));
        Assert.Contains("spec/Stack.dfy:3:1: survived: mutant `Stack.Full/constant/1` (8 → 9)", output.ToString());
        Assert.Equal(ExitCodes.Good, Try(Explained("Stack.Full/constant/1", "8 → 9"), "Stack.Full/constant/1"));
        Assert.Contains("1 survived, 1 of them explained", output.ToString());
    }

    [Fact]
    public void An_explanation_of_a_mutant_that_is_stopped_is_a_finding()
    {
        Assert.Equal(ExitCodes.Finding, Try(Explained("Stack.Push/constant/1", "3 → 4"), "Stack.Push/constant/1"));
        Assert.Contains("explained: mutant `Stack.Push/constant/1` does not survive: proof: proofs/Stack.dfy:4:", output.ToString());
    }

    [Theory]
    [InlineData("Stack.Full/constant/9", "8 → 9", "no mutant `Stack.Full/constant/9` can be generated (any more)")]
    [InlineData("Stack.Full/constant/1", "7 → 8", "mutant `Stack.Full/constant/1` is now: 8 → 9")]
    public void An_explanation_that_does_not_fit_is_an_error_with_place_and_mend(string id, string text, string message)
    {
        Assert.Equal(ExitCodes.Usage, Try(Explained(id, text), "Stack.Full/constant/1"));
        Assert.Contains($"{Explanations.File}:2:5: error: {message}", errors.ToString());
        Assert.Contains("mend: ", errors.ToString());
    }

    [Fact]
    public void What_is_no_program_is_not_counted()
    {
        Assert.Equal(ExitCodes.Good, Try("", "Stack.Push/arithmetic/1"));      // sequences cannot be subtracted
        Assert.Contains("0 generated mutants", output.ToString());
        Assert.Contains("1 more were no programs", output.ToString());
    }

    [Fact]
    public void What_a_proof_has_stopped_is_not_tried_again_until_the_sources_change()
    {
        Try("", "Stack.Push/constant/1", "Stack.Full/constant/1", "Stack.Push/arithmetic/1");
        var (file, first) = (checkout.Checkout.Path("artifacts/mutants/tried.jsonl"), File.ReadAllText(checkout.Checkout.Path("artifacts/mutants/generated.md")));
        File.AppendAllText(file, "{\"key\":\"cut sho");

        Assert.Equal(ExitCodes.Finding, Try("", "Stack.Push/constant/1", "Stack.Full/constant/1", "Stack.Push/arithmetic/1"));
        Assert.Contains("2 mutants of these sources were tried before", output.ToString());     // the survivor meets the tests again
        Assert.Equal(first, File.ReadAllText(checkout.Checkout.Path("artifacts/mutants/generated.md")));
        Assert.Equal(2, File.ReadAllLines(file).Length);

        checkout.Write("proofs/Other.dfy", "module Other { lemma True() ensures true { } }\n");
        var before = output.ToString().Length;
        Try("", "Stack.Push/constant/1");
        Assert.DoesNotContain("tried before", output.ToString()[before..]);
        Assert.Single(File.ReadAllLines(file));
    }
}
