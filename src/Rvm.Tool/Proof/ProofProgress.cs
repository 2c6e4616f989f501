using System.Diagnostics;

namespace Rvm.Tool.Proof;

/// <summary>Says how far a proof run is: one line that changes on a terminal, plain lines elsewhere.</summary>
public sealed class ProofProgress(TextWriter output, bool terminal, int files)
{
    /// <summary>Without a terminal, a sign of life this often.</summary>
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(20);

    private readonly Lock gate = new();
    private readonly SortedDictionary<string, (int Done, int Total)> running = new(StringComparer.Ordinal);
    private readonly Stopwatch clock = Stopwatch.StartNew();
    private TimeSpan said;
    private int finished;

    /// <param name="name">a file, or several that share a process</param>
    public void Symbols(string name, int done, int total)
    {
        lock (gate)
        {
            running[name] = (done, total);
            if (terminal) Show();
            else if (clock.Elapsed - said > Pause) { said = clock.Elapsed; output.WriteLine(Line()); }
        }
    }

    public void End(string name)
    {
        lock (gate) running.Remove(name);
    }

    public void Finish(string file, string verdict)
    {
        lock (gate)
        {
            finished++;
            said = clock.Elapsed;
            if (terminal) output.Write("\r\x1b[K");
            output.WriteLine($"  {file,-44} {verdict}");
            if (terminal && finished < files) Show();
        }
    }

    private string Line() =>
        $"[{finished}/{files} files, {clock.Elapsed.TotalSeconds:0} s] " +
        string.Join("  ", running.Select(r => $"{r.Key} {r.Value.Done}/{r.Value.Total}"));

    private void Show()
    {
        var line = Line();
        var width = Console.WindowWidth > 8 ? Console.WindowWidth - 1 : 79;
        output.Write("\r\x1b[K" + (line.Length > width ? line[..width] : line));
        output.Flush();
    }
}
