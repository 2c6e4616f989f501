namespace Rvm.Diagnostics;

/// <summary>How much a diagnostic matters: an error stops the build, a warning or note does not.</summary>
public enum Severity { Error, Warning, Note }

/// <summary>A position in a text file.</summary>
/// <param name="File">Path as the user gave it.</param>
/// <param name="Line">Line, from 1; 0 when the diagnostic concerns the whole file.</param>
/// <param name="Column">Column, from 1; 0 when unknown.</param>
public sealed record Place(string File, int Line, int Column)
{
    /// <summary>A place that names a whole file.</summary>
    public static Place Whole(string file) => new(file, 0, 0);

    /// <inheritdoc/>
    public override string ToString() => Line == 0 ? File : $"{File}:{Line}:{Column}";
}

/// <summary>A value together with the place that it was read from.</summary>
public sealed record Located<T>(T Value, Place Place);

/// <summary>One statement about the user's input: where, what, and how to mend it.</summary>
public sealed record Diagnostic(Severity Severity, Place Place, string Message, string Mend);

/// <summary>Collects diagnostics, so that a command reports all of them and not just the first.</summary>
public sealed class DiagnosticBag
{
    private readonly List<Diagnostic> _all = [];

    /// <summary>Everything reported so far, ordered by file, line and column.</summary>
    public IReadOnlyList<Diagnostic> All =>
        [.. _all.Distinct().OrderBy(d => d.Place.File, StringComparer.Ordinal).ThenBy(d => d.Place.Line).ThenBy(d => d.Place.Column)];

    /// <summary>True when at least one error was reported.</summary>
    public bool HasErrors => _all.Exists(d => d.Severity == Severity.Error);

    /// <summary>Number of errors reported.</summary>
    public int ErrorCount => All.Count(d => d.Severity == Severity.Error);

    /// <summary>Reports an error.</summary>
    public void Error(Place place, string message, string mend) => _all.Add(new(Severity.Error, place, message, mend));

    /// <summary>Reports something suspicious that does not stop the build.</summary>
    public void Warn(Place place, string message, string mend) => _all.Add(new(Severity.Warning, place, message, mend));

    /// <summary>Reports something that the user should know.</summary>
    public void Note(Place place, string message, string mend) => _all.Add(new(Severity.Note, place, message, mend));
}

/// <summary>An error of the user's making that ends a command: its message is shown, its trace is not.</summary>
/// <param name="message">What is wrong.</param>
/// <param name="mend">What to do about it.</param>
/// <param name="exitCode">1 for a finding, 2 for wrong usage.</param>
public sealed class UserErrorException(string message, string mend, int exitCode = ExitCodes.Usage) : Exception(message)
{
    /// <summary>What to do about it; empty when nothing helps.</summary>
    public string Mend { get; } = mend;

    /// <summary>The process's exit status.</summary>
    public int ExitCode { get; } = exitCode;
}

/// <summary>The exit statuses of every <c>rvm</c> command.</summary>
public static class ExitCodes
{
    /// <summary>Nothing to complain about.</summary>
    public const int Good = 0;

    /// <summary>The command worked and found something wrong with what it looked at.</summary>
    public const int Finding = 1;

    /// <summary>The command line or an input file is wrong.</summary>
    public const int Usage = 2;

    /// <summary>Interrupted by Ctrl-C or SIGTERM.</summary>
    public const int Interrupted = 130;
}
