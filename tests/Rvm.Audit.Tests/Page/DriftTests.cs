using Rvm.Tool.Audit;
using Rvm.Tool.Audit.Drift;
using Rvm.Tool.Closure;
using Rvm.Tool.Proof;

namespace Rvm.Audit.Tests.Page;

/// <summary>A comparison of two audits fails by each thing that it should fail by, and names it.</summary>
public sealed class DriftTests
{
    private static readonly TheoremClosure Safe = new("Theorem.Safe", "A safe door is shut.", "1. Doors", "spec/Theorem.dfy", 7,
        "lemma Safe ( d : Door ) requires IsSafe ( d ) ensures d . Shut?", "digest of Safe", "m", [0, 1], [], [2], 3, 4, 0, 1000, "Doors.Helper");

    private static readonly AuditReport Base = new(
        [], [new Theorem("Theorem.Safe", "A safe door is shut.", "spec/Theorem.dfy", 7, "proved", 1000)], [], [new Trusted("extern", "Heap.New", "h.dfy", 3, 0, "why", "ensures fresh ( a )")],
        [new PartSize("spec", 1, 10, 12)], [new Budget("externs", 1, 25), new Budget("lines", 10, 20, Binding: false)], [new ToolVersion("Dafny", "4.11.0")])
    {
        Closures = [Safe],
        Symbols =
        [
            new ClosureSymbol("State.Door", "datatype", "spec/State.dfy", 2, false, "digest of Door", "datatype Door = Open | Shut", null),
            new ClosureSymbol("State.IsSafe", "predicate", "spec/State.dfy", 3, false, "digest of IsSafe", "predicate IsSafe ( d : Door ) { d . Shut? }", null),
            new ClosureSymbol("Heap.New", "method", "h.dfy", 3, false, "digest of New", null, "extern"),
            new ClosureSymbol("Heap.Other", "method", "h.dfy", 9, false, "digest of Other", null, "extern"),
            new ClosureSymbol("Doors.Helper", "lemma", "proofs/Doors.dfy", 9, true, "digest of Helper", "lemma Helper ( )", null),
        ],
    };

    private static IReadOnlyList<Change> Compare(AuditReport now) => AuditDrift.Between(Read(Base), Read(now));

    private static AuditDocument Read(AuditReport report) => AuditDocument.Parse(AuditWriter.Json(report), "audit.json");

    private static Change Fails(AuditReport now, string rule, string name)
    {
        var change = Assert.Single(Compare(now), c => c.Fails);
        Assert.Equal((rule, name), (change.Rule, change.Name));
        return change;
    }

    private static List<ClosureSymbol> With(int i, Func<ClosureSymbol, ClosureSymbol> change) => [.. Base.Symbols.Select((s, j) => i == j ? change(s) : s)];

    [Fact]
    public void Nothing_changed_is_no_change() => Assert.Empty(Compare(Base));

    [Fact]
    public void A_new_extern_fails() => Fails(Base with { Trusted = [.. Base.Trusted, new Trusted("extern", "Heap.Other", "h.dfy", 9, 0, "why", "ensures true")] }, "new-assumption", "Heap.Other");

    [Fact]
    public void A_new_axiom_and_a_new_file_of_assembly_fail()
    {
        Fails(Base with { Trusted = [.. Base.Trusted, new Trusted("axiom", "P.Q", "proofs/P.dfy", 9, 0, "", "lemma Q ( ) ensures false")] }, "new-assumption", "P.Q");
        Fails(Base with { Trusted = [.. Base.Trusted, new Trusted("assembly", "x.S", "Boot/x.S", 1, 9, "", null)] }, "new-assumption", "x.S");
    }

    [Fact]
    public void A_contract_that_promises_more_fails()
    {
        var change = Fails(Base with { Trusted = [Base.Trusted[0] with { Contract = "ensures fresh(a) && a.Length == n" }] }, "new-assumption", "Heap.New");
        Assert.Equal(("ensures fresh ( a )", "ensures fresh(a) && a.Length == n"), (change.Before, change.After));
        Assert.Empty(Compare(Base with { Trusted = [Base.Trusted[0] with { Contract = "ensures fresh(a)" }] }));
    }

    [Fact]
    public void A_theorem_that_rests_on_another_contract_fails() =>
        Fails(Base with { Closures = [Safe with { Trusted = [2, 3] }] }, "new-assumption", "Safe: Heap.Other");

    [Fact]
    public void A_lost_theorem_fails() => Fails(Base with { Closures = [] }, "lost-theorem", "Safe");

    [Fact]
    public void A_theorem_that_is_no_longer_proved_is_lost()
    {
        Fails(Base with { Theorems = [Base.Theorems[0] with { Outcome = "not-proved" }] }, "lost-theorem", "Safe");
        Fails(Base with { Closures = [Safe with { Unproved = 1 }] }, "lost-theorem", "Safe");
    }

    [Fact]
    public void A_statement_that_says_something_else_fails_and_both_texts_are_shown()
    {
        var change = Fails(Base with { Closures = [Safe with { Statement = "lemma Safe ( d : Door ) requires IsSafe ( d ) && d . Shut? ensures d . Shut?", Digest = "another" }] }, "weakened-statement", "Safe");
        Assert.Equal("lemma Safe(d: Door)\n  requires IsSafe(d)\n  ensures d.Shut?", change.Before);
        Assert.Equal("lemma Safe(d: Door)\n  requires IsSafe(d) && d.Shut?\n  ensures d.Shut?", change.After);
    }

    [Fact]
    public void A_definition_that_the_meaning_rests_on_fails_and_names_the_theorem()
    {
        var change = Fails(Base with { Symbols = With(1, s => s with { Text = "predicate IsSafe ( d : Door ) { false }", Digest = "another" }) }, "weakened-statement", "State.IsSafe");
        Assert.Contains("what is said by Safe", change.Message);
    }

    [Fact]
    public void A_changed_lemma_weakens_nothing() => Assert.DoesNotContain(Compare(Base with { Symbols = With(4, s => s with { Digest = "another" }) }), c => c.Fails);

    [Fact]
    public void Budgets_fail_when_exceeded_raised_loosened_or_dropped()
    {
        Fails(Base with { Budgets = [new Budget("externs", 26, 25), Base.Budgets[1]] }, "budget", "externs");
        Fails(Base with { Budgets = [new Budget("externs", 1, 26), Base.Budgets[1]] }, "budget", "externs");
        Fails(Base with { Budgets = [new Budget("externs", 1, 25, Binding: false), Base.Budgets[1]] }, "budget", "externs");
        Fails(Base with { Budgets = [Base.Budgets[0]] }, "budget", "lines");
        Fails(Base with { Budgets = [Base.Budgets[0], new Budget("lines", 21, 20, Binding: false)] }, "budget", "lines");
    }

    [Fact]
    public void Other_changes_are_told_and_do_not_fail()
    {
        var changes = Compare(Base with
        {
            Closures = [Safe with { Sentence = "Doors are shut." }, Safe with { Theorem = "Theorem.More" }], Tools = [new ToolVersion("Dafny", "4.12.0")], Sizes = [new PartSize("spec", 1, 11, 13)], Trusted = [],
            Theorems = [Base.Theorems[0], Base.Theorems[0] with { Name = "Theorem.More" }],
        });
        Assert.Equal(["Dafny", "Heap.New", "More", "Safe", "lines of spec"], changes.Select(c => c.Name).Order(StringComparer.Ordinal));
        Assert.All(changes, c => Assert.False(c.Fails));
    }
}
