using System.Diagnostics;
using System.Globalization;
using System.Text;

namespace Rvm.Policy.Smt;

/// <summary>What the solvers say together.</summary>
public abstract record Verdict
{
    private Verdict() { }

    /// <summary>Both found the goals satisfiable; their models, in the solvers' order.</summary>
    public sealed record Possible(IReadOnlyList<IReadOnlyDictionary<Variable, UInt128>> Models) : Verdict;

    /// <summary>Both found the goals unsatisfiable.</summary>
    public sealed record Impossible : Verdict;

    /// <summary>They disagree, or one of them did not answer: nothing is known.</summary>
    public sealed record Unsettled(string Reason) : Verdict;
}

/// <summary>What the solvers did in a run.</summary>
/// <param name="Solver">Name and version.</param>
/// <param name="Seconds">Time that its answers took.</param>
/// <param name="Processor">Processor time of it, in seconds.</param>
public sealed record SolverUse(string Solver, int Sat, int Unsat, int Undecided, double Seconds, double Processor);

/// <summary>
/// Puts every question to all solvers at the same time. A verdict needs the same answer of all of them.
/// Each question is kept as a file of its own, with the answers in its first lines.
/// </summary>
/// <param name="solvers">At least one; a release uses two.</param>
/// <param name="folder">Where the questions are kept; null: nowhere. What an earlier run left there is removed.</param>
public sealed class SolverPanel(IReadOnlyList<ISolver> solvers, string? folder) : IDisposable
{
    private readonly Dictionary<string, (int Sat, int Unsat, int Undecided, TimeSpan Time)> _use =
        solvers.ToDictionary(s => s.Name, _ => (0, 0, 0, TimeSpan.Zero));
    private bool _cleared;

    /// <summary>Number of questions so far.</summary>
    public int Questions { get; private set; }

    /// <summary>What the solvers did so far.</summary>
    public IReadOnlyList<SolverUse> Use =>
        [.. solvers.Select(s => (s, u: _use[s.Name])).Select(x =>
            new SolverUse($"{x.s.Name} {x.s.Version}", x.u.Sat, x.u.Unsat, x.u.Undecided, Math.Round(x.u.Time.TotalSeconds, 3),
                Math.Round(x.s.Processor.TotalSeconds, 3)))];

    /// <summary>Puts one question.</summary>
    /// <param name="query">The question.</param>
    /// <param name="meaning">What is asked, in English, for the file that is kept.</param>
    public Verdict Ask(Query query, string meaning, CancellationToken cancel)
    {
        Questions++;
        var answers = Task.WhenAll(solvers.Select(s => Task.Run(() => Timed(s, query, cancel), cancel))).GetAwaiter().GetResult();
        foreach (var (solver, (answer, time)) in solvers.Zip(answers)) Count(solver.Name, answer, time);
        Keep(query, meaning, answers);
        return Together([.. answers.Select(a => a.Answer)]);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var solver in solvers) solver.Dispose();
    }

    private Verdict Together(IReadOnlyList<Answer> answers)
    {
        if (answers.All(a => a is Answer.Unsat)) return new Verdict.Impossible();
        if (answers.All(a => a is Answer.Sat)) return new Verdict.Possible([.. answers.Cast<Answer.Sat>().Select(a => a.Model)]);
        var said = string.Join(", ", solvers.Zip(answers, (s, a) => $"{s.Name} says {a.Word}"));
        return new Verdict.Unsettled(answers.All(a => a.Decided) ? $"the solvers disagree: {said}" : $"no verdict: {said}{Why(answers)}");
    }

    private static string Why(IReadOnlyList<Answer> answers) => answers.FirstOrDefault(a => !a.Decided) switch
    {
        Answer.Timeout t => $" ({t.Limit.TotalSeconds:0.#} s were not enough)",
        Answer.Error e => $" ({e.Message})",
        Answer.Unknown u => $" ({u.Reason})",
        _ => "",
    };

    private static (Answer Answer, TimeSpan Time) Timed(ISolver solver, Query query, CancellationToken cancel)
    {
        var clock = Stopwatch.StartNew();
        return (solver.Decide(query, cancel), clock.Elapsed);
    }

    private void Count(string solver, Answer answer, TimeSpan time)
    {
        var u = _use[solver];
        _use[solver] = (u.Sat + (answer is Answer.Sat ? 1 : 0), u.Unsat + (answer is Answer.Unsat ? 1 : 0), u.Undecided + (answer.Decided ? 0 : 1),
            u.Time + time);
    }

    private void Keep(Query query, string meaning, (Answer Answer, TimeSpan Time)[] answers)
    {
        if (folder is null) return;
        if (!_cleared && Directory.Exists(folder))
            foreach (var old in Directory.EnumerateFiles(folder, "*.smt2")) File.Delete(old);
        Directory.CreateDirectory(folder);
        _cleared = true;
        var comment = new StringBuilder(meaning);
        foreach (var (solver, (answer, time)) in solvers.Zip(answers))
        {
            comment.Append(CultureInfo.InvariantCulture, $"\n{solver.Name} {solver.Version}: {answer.Word} after {time.TotalMilliseconds:0} ms");
            if (answer is Answer.Sat sat)
                foreach (var (variable, value) in sat.Model) comment.Append(CultureInfo.InvariantCulture, $" {variable.Name}={value}");
        }

        File.WriteAllText(Path.Combine(folder, $"{Questions:0000}-{query.Name}.smt2"), SmtWriter.File(query, comment.ToString()));
    }
}
