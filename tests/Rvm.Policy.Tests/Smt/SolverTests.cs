using System.Diagnostics;
using Rvm.Policy.Smt;

namespace Rvm.Policy.Tests.Smt;

/// <summary>The two solvers behind one interface: answers, models, time-outs, nonsense, disagreement.</summary>
public sealed class SolverTests
{
    private static readonly Variable X = new("x", 8, 0), Y = new("y", 8, 1);

    public static TheoryData<string> Solvers => ["z3", "cvc5"];

    private static Query Ask(string name, params Term[] goals) => new(name, goals, [X, Y]);

    private static Term Number(uint value) => Terms.Number(value);

    [Theory]
    [MemberData(nameof(Solvers))]
    public void One_process_answers_many_questions_and_forgets_each(string name)
    {
        using var solver = Support.Checking.Solver(name);
        var small = new Definition("small", Terms.Below(X, Number(4)));
        for (var round = 0; round < 5; round++)
        {
            Assert.IsType<Answer.Unsat>(solver.Decide(Ask("no", small, Terms.Below(Number(9), X)), default));
            var sat = Assert.IsType<Answer.Sat>(solver.Decide(Ask("yes", small, Terms.Equal(Terms.Add(X, Y), Number(258))), default));
            Assert.True(sat.Model[X] < 4);
            Assert.Equal(258u, (uint)(sat.Model[X] + sat.Model[Y]));
        }
    }

    [Theory]
    [MemberData(nameof(Solvers))]
    public void Sums_and_products_lose_nothing(string name)
    {
        using var solver = Support.Checking.Solver(name);
        Assert.IsType<Answer.Unsat>(solver.Decide(Ask("sum", Terms.Below(Terms.Add(X, Number(255)), X)), default));
        Assert.IsType<Answer.Unsat>(solver.Decide(Ask("product", Terms.Below(Number(1), Y), Terms.Below(Terms.Multiply(X, Y), X)), default));
        Assert.IsType<Answer.Unsat>(solver.Decide(Ask("mask", Terms.Below(Terms.Mask(X, 0x0F), Number(16)) is var t ? Terms.Not(t) : t), default));
    }

    [Theory]
    [MemberData(nameof(Solvers))]
    public void A_kept_file_stands_alone_and_gives_the_same_answer(string name)
    {
        var folder = Directory.CreateTempSubdirectory("rvm-policy").FullName;
        try
        {
            var low = new Definition("low", Terms.AtMost(X, Number(7)));
            using (var panel = new SolverPanel([Support.Checking.Solver("z3"), Support.Checking.Solver("cvc5")], folder))
            {
                Assert.IsType<Verdict.Possible>(panel.Ask(Ask("yes", low, Terms.Equal(Terms.Mask(X, 6), Number(6))), "Is there one?", default));
                Assert.IsType<Verdict.Impossible>(panel.Ask(Ask("no", low, Terms.Equal(Terms.Mask(X, 8), Number(8))), "Is there one?", default));
            }

            foreach (var (file, answer) in new[] { ("0001-yes", "sat"), ("0002-no", "unsat") })
            {
                var text = File.ReadAllText(Path.Combine(folder, file + ".smt2"));
                Assert.Contains($"; z3 4", text, StringComparison.Ordinal);
                Assert.Contains($"; cvc5 1", text, StringComparison.Ordinal);
                Assert.Equal(answer, Run(name, Path.Combine(folder, file + ".smt2")).Split('\n')[0]);
            }
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Theory]
    [InlineData("while read l; do case \"$l\" in *check-sat*) echo what;; *echo*) echo rvm-done;; esac; done", typeof(Answer.Error))]
    [InlineData("exit 3", typeof(Answer.Error))]
    [InlineData("exec sleep 100", typeof(Answer.Timeout))]
    [InlineData("while read l; do case \"$l\" in *check-sat*) echo unknown;; *echo*) echo rvm-done;; esac; done", typeof(Answer.Unknown))]
    [InlineData("while read l; do case \"$l\" in *check-sat*) echo sat;; *echo*) echo rvm-done;; esac; done", typeof(Answer.Error))]
    [InlineData("while read l; do case \"$l\" in *check-sat*) echo unsat;; *echo*) echo rvm-done;; esac; done", typeof(Answer.Unsat))]
    public void A_program_that_hangs_dies_or_talks_nonsense_has_not_answered(string script, Type expected)
    {
        using var solver = new SolverProcess(new SolverProgram("fake", "/bin/sh", ["-c", script], "1.0"),
            TimeSpan.FromSeconds(expected == typeof(Answer.Timeout) ? 1 : 30));
        for (var round = 0; round < 2; round++) Assert.IsType(expected, solver.Decide(Ask("q", Terms.Below(X, Y)), default));
    }

    [Fact]
    public void A_solver_that_does_not_read_is_a_time_out()
    {
        using var solver = new SolverProcess(new SolverProgram("fake", "/bin/sh", ["-c", "exec sleep 100"], "1.0"), TimeSpan.FromSeconds(1));
        var long_ = new Definition("long", Terms.Or(Enumerable.Range(0, 20_000)
            .Select(i => Terms.And(Terms.Equal(X, Number((uint)(i % 256))), Terms.Below(Y, X)))));
        Assert.IsType<Answer.Timeout>(solver.Decide(Ask("q", long_), default));
    }

    [Theory]
    [InlineData("sat", "unsat", "disagree")]
    [InlineData("unsat", "unknown", "no verdict")]
    [InlineData("timeout", "sat", "no verdict")]
    [InlineData("unsat", "error", "no verdict")]
    public void Without_the_same_answer_of_both_there_is_no_verdict(string first, string second, string reason)
    {
        using var panel = new SolverPanel([new Saying("a", first), new Saying("b", second)], null);
        var verdict = Assert.IsType<Verdict.Unsettled>(panel.Ask(Ask("q", Terms.Below(X, Y)), "", default));
        Assert.Contains(reason, verdict.Reason, StringComparison.Ordinal);
        Assert.Contains($"a says {first}, b says {second}", verdict.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void Answers_of_solvers_are_read_whatever_they_are()
    {
        Assert.Equal(5u, (uint)SExpression.Parse("(_ bv5 8)")!.Number()!);
        Assert.Equal(255u, (uint)SExpression.Parse("#xff")!.Number()!);
        var random = new Random(1);
        for (var i = 0; i < 20_000; i++)
            SExpression.Parse(new string([.. Enumerable.Range(0, random.Next(40)).Select(_ => "() #bx01_v\n"[random.Next(11)])]))?.Number();
        Assert.Null(SExpression.Parse(new string('(', 100_000)));
    }

    private static string Run(string program, string file)
    {
        using var process = Process.Start(new ProcessStartInfo(program, [file]) { RedirectStandardOutput = true })!;
        var text = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return text;
    }

    private sealed class Saying(string name, string word) : ISolver
    {
        public string Name => name;

        public string Version => "0";

        public TimeSpan Processor => TimeSpan.Zero;

        public Answer Decide(Query query, CancellationToken cancel) => word switch
        {
            "sat" => new Answer.Sat(new Dictionary<Variable, UInt128>()),
            "unsat" => new Answer.Unsat(),
            "unknown" => new Answer.Unknown("so"),
            "timeout" => new Answer.Timeout(TimeSpan.FromSeconds(1)),
            _ => new Answer.Error("broken"),
        };

        public void Dispose() { }
    }
}
