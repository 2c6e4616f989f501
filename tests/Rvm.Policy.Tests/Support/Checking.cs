using Rvm.Policy.Binding;
using Rvm.Policy.Checks;
using Rvm.Policy.Smt;
using Rvm.Policy.Table;

namespace Rvm.Policy.Tests.Support;

/// <summary>Runs the checks in tests, with the table interpreter in the place of the kernel's evaluator.</summary>
public static class Checking
{
    /// <summary>The names of both solvers.</summary>
    public static readonly string[] Solvers = ["z3", "cvc5"];

    /// <summary>Time for one question; machines that run tests may be busy.</summary>
    public static readonly TimeSpan Limit = TimeSpan.FromSeconds(120);

    /// <summary>Partitions and groups that the policies of these tests use.</summary>
    public const string Head = "policy t \"Test.\"\npartition operator = 1\npartition alice = 2\npartition bob = 3\n"
        + "group operators = operator\ngroup network = bob\n";

    /// <summary>A solver by its name.</summary>
    public static ISolver Solver(string name) => new SolverProcess(name == "z3" ? SolverProgram.Z3() : SolverProgram.Cvc5(), Limit);

    /// <summary>The checks of a policy with the given solvers; both when none is named.</summary>
    public static CheckReport Check(string rules, params string[] solvers) =>
        Check(Sample.Bound(Head + rules), [.. (solvers.Length == 0 ? Solvers : solvers).Select(Solver)], new TableEvaluator());

    /// <summary>The checks of a policy.</summary>
    public static CheckReport Check(BoundPolicy policy, IReadOnlyList<ISolver> solvers, IEvaluator? evaluator, IReadOnlyDictionary<string,
        BoundPolicy>? others = null)
    {
        using var panel = new SolverPanel(solvers, null);
        var input = new CheckInput(SystemFacts.Of(policy, null), others ?? new Dictionary<string, BoundPolicy>(), evaluator,
            TableCodec.Encode(Sample.Table(policy)));
        return PolicyChecker.Check(policy, input, panel, (_, _, _) => { }, default);
    }

    /// <summary>The findings of one check.</summary>
    public static IReadOnlyList<PolicyFinding> Of(this CheckReport report, string check) => [.. report.Findings.Where(f => f.Check == check)];

    /// <summary>Decides with <see cref="TableInterpreter"/>.</summary>
    public sealed class TableEvaluator : IEvaluator
    {
        public string Name => "tests";

        public IDecider? Load(ulong[] words) => new Decider(words);

        private sealed class Decider(ulong[] words) : IDecider
        {
            public Ruling Decide(int call, ulong[] values) => TableInterpreter.Decide(words, new(Binding.Calls.ByNumber[call], values));

            public int MostAsked(int call, ulong[] greatest) => 0;
        }
    }
}
