using System.Collections.Concurrent;
using System.ComponentModel;
using System.Diagnostics;
using System.Text;

namespace Rvm.Policy.Smt;

/// <summary>
/// One incremental process of a solver for many questions. Definitions are sent once; every question has its own scope.
/// A process that hangs or talks nonsense is ended, and the next question gets a new one.
/// </summary>
/// <param name="program">The solver.</param>
/// <param name="limit">Time for one question.</param>
public sealed class SolverProcess(SolverProgram program, TimeSpan limit) : ISolver
{
    private const string Marker = "rvm-done";

    private readonly HashSet<Term> _sent = new(ReferenceEqualityComparer.Instance);
    private Process? _process;
    private bool _open;
    private TimeSpan _ended;
    private BlockingCollection<string> _lines = [];

    /// <inheritdoc/>
    public string Name => program.Name;

    /// <inheritdoc/>
    public string Version => program.Version;

    /// <inheritdoc/>
    public TimeSpan Processor => _ended + Running();

    /// <inheritdoc/>
    public Answer Decide(Query query, CancellationToken cancel)
    {
        var answer = Answer.Cancelled;
        try
        {
            return answer = Ask(query, Stopwatch.StartNew(), cancel);
        }
        finally
        {
            if (!answer.Decided) End();
        }
    }

    /// <inheritdoc/>
    public void Dispose() => End();

    private Answer Ask(Query query, Stopwatch clock, CancellationToken cancel)
    {
        try
        {
            if (_process is null) Start();
            if (!Send(Question(query, out var variables), clock, cancel)) return new Answer.Timeout(limit);
            var reply = Receive(clock, cancel);
            return reply switch
            {
                null => Silence(),
                ["unsat"] => new Answer.Unsat(),
                ["sat"] => Model(query.Wanted.Where(variables.Contains).ToList(), clock, cancel),
                ["unknown" or "timeout"] => new Answer.Unknown($"{Name} says «{reply[0]}»"),
                _ => new Answer.Error($"{Name} says «{string.Join(" / ", reply.Take(3))}»"),
            };
        }
        catch (Exception e) when (e is IOException or Win32Exception or InvalidOperationException or AggregateException)
        {
            return new Answer.Error($"{Name}: {e.Message}");
        }
    }

    private Answer Model(List<Variable> wanted, Stopwatch clock, CancellationToken cancel)
    {
        Dictionary<Variable, UInt128> model = new(ReferenceEqualityComparer.Instance);
        if (wanted.Count == 0) return new Answer.Sat(model);
        if (!Send($"(get-value ({string.Join(' ', wanted.Select(v => v.Name))}))\n(echo \"{Marker}\")\n", clock, cancel))
            return new Answer.Timeout(limit);
        if (Receive(clock, cancel) is not { } reply) return Silence();
        var values = SExpression.Parse(string.Join('\n', reply))?.Items ?? [];
        foreach (var item in values)
            if (item.Items is [{ Atom: { } name }, var value] && value.Number() is { } number && wanted.Find(v => v.Name == name) is { } variable)
                model[variable] = number;
        return model.Count == wanted.Count ? new Answer.Sat(model) : new Answer.Error($"{Name} gives no model but «{reply.FirstOrDefault()}»");
    }

    private Answer Silence() => _lines.IsCompleted ? new Answer.Error($"{Name} ended without an answer") : new Answer.Timeout(limit);

    private string Question(Query query, out HashSet<Variable> variables)
    {
        (variables, var definitions) = SmtWriter.Reachable(query.Goals);
        var text = new StringBuilder(_open ? "(pop 1)\n" : "(set-option :produce-models true)\n(set-logic QF_BV)\n");
        foreach (var v in variables)
            if (_sent.Add(v)) SmtWriter.Declare(text, v);
        foreach (var d in definitions)
            if (_sent.Add(d)) SmtWriter.Define(text, d);
        text.Append("(push 1)\n");
        _open = true;
        foreach (var goal in query.Goals) SmtWriter.Assert(text, goal);
        return text.Append("(check-sat)\n(echo \"").Append(Marker).Append("\")\n").ToString();
    }

    private void Start()
    {
        var process = Process.Start(new ProcessStartInfo(program.Path, program.Arguments)
        {
            RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true,
        })!;
        var lines = new BlockingCollection<string>();
        process.OutputDataReceived += (_, e) => { if (e.Data is null) lines.CompleteAdding(); else lines.Add(e.Data); };
        process.ErrorDataReceived += (_, _) => { };
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        (_process, _lines) = (process, lines);
        _sent.Clear();
        _open = false;
    }

    /// <summary>False when the solver does not read in time.</summary>
    private bool Send(string text, Stopwatch clock, CancellationToken cancel)
    {
        var written = Write(_process!.StandardInput, text);
        return written.Wait((int)Math.Max(1, (limit - clock.Elapsed).TotalMilliseconds), cancel);
    }

    private static async Task Write(StreamWriter input, string text)
    {
        await input.WriteAsync(text).ConfigureAwait(false);
        await input.FlushAsync().ConfigureAwait(false);
    }

    /// <summary>The lines up to the marker; null when the time is over or the process has ended.</summary>
    private List<string>? Receive(Stopwatch clock, CancellationToken cancel)
    {
        List<string> reply = [];
        while (true)
        {
            var left = limit - clock.Elapsed;
            if (left <= TimeSpan.Zero || !_lines.TryTake(out var line, (int)Math.Ceiling(left.TotalMilliseconds), cancel)) return null;
            if (line.Trim('"') == Marker) return reply;
            if (line.Trim() != "") reply.Add(line.Trim());
        }
    }

    private TimeSpan Running()
    {
        try
        {
            return _process?.TotalProcessorTime ?? TimeSpan.Zero;
        }
        catch (InvalidOperationException)
        {
            return TimeSpan.Zero;
        }
    }

    private void End()
    {
        if (_process is null) return;
        _ended += Running();
        try
        {
            _process.Kill(entireProcessTree: true);
            _process.WaitForExit();
        }
        catch (InvalidOperationException)
        {
            // It has ended by itself.
        }

        _process.Dispose();
        _process = null;
    }
}
