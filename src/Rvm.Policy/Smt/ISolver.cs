namespace Rvm.Policy.Smt;

/// <summary>A question: can all goals hold together?</summary>
/// <param name="Name">Short, unique in a run, fit for a file name.</param>
/// <param name="Goals">Truth values.</param>
/// <param name="Wanted">Variables whose values the model has to give.</param>
public sealed record Query(string Name, IReadOnlyList<Term> Goals, IReadOnlyList<Variable> Wanted);

/// <summary>What a solver says.</summary>
public abstract record Answer
{
    private Answer() { }

    /// <summary>The run was cancelled before there was an answer.</summary>
    public static readonly Answer Cancelled = new Error("cancelled");

    /// <summary>All goals hold under this assignment. A wanted variable that does not occur in the goals is absent.</summary>
    public sealed record Sat(IReadOnlyDictionary<Variable, UInt128> Model) : Answer;

    /// <summary>The goals exclude each other.</summary>
    public sealed record Unsat : Answer;

    /// <summary>The solver gave up.</summary>
    public sealed record Unknown(string Reason) : Answer;

    /// <summary>The solver needed more time than it was given.</summary>
    public sealed record Timeout(TimeSpan Limit) : Answer;

    /// <summary>The solver could not be asked or answered nonsense.</summary>
    public sealed record Error(string Message) : Answer;

    /// <summary>Whether the question is settled.</summary>
    public bool Decided => this is Sat or Unsat;

    /// <summary>One word, as in the files that are kept.</summary>
    public string Word => this switch
    {
        Sat => "sat",
        Unsat => "unsat",
        Unknown => "unknown",
        Timeout => "timeout",
        _ => "error",
    };
}

/// <summary>A solver. Not safe for several threads at once.</summary>
public interface ISolver : IDisposable
{
    /// <summary>The solver's name, as in reports and file names.</summary>
    string Name { get; }

    /// <summary>Its version, as it says itself.</summary>
    string Version { get; }

    /// <summary>Processor time that it has used so far.</summary>
    TimeSpan Processor { get; }

    /// <summary>Answers one question; never throws for what a solver does.</summary>
    Answer Decide(Query query, CancellationToken cancel);
}
