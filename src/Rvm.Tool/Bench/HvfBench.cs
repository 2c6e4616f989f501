using System.Diagnostics;
using System.Text.Json;
using Rvm.Diagnostics;
using Rvm.Tool.Commands;
using Rvm.Tool.Run.Hvf;
using Spectre.Console;

namespace Rvm.Tool.Bench;

/// <summary><c>rvm bench --platform hvf</c>: what operations take on Hypervisor.framework in µs, beside what the documents ask for.</summary>
public static class HvfBench
{
    private sealed record Row(string What, double Asked, double Median, double P99, int Count);

    /// <returns>0 every median within what is asked, 1 one beyond it or a run failed</returns>
    public static int Run(HvfHost host, bool json)
    {
        using var process = Process.Start(host.Command("bench"))!;
        process.StandardInput.Close();
        var complained = process.StandardError.ReadToEndAsync();
        var said = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        if (process.ExitCode != 0) throw new UserErrorException(complained.Result.Trim(), "docs/platforms.md says what this platform needs", ExitCodes.Finding);
        var rows = JsonSerializer.Deserialize<List<Row>>(said)!;
        if (json) Console.Out.Write(said);
        else
        {
            var table = new Table().AddColumns("what", "asked, µs", "median, µs", "99 %, µs", "");
            foreach (var r in rows)
                table.AddRow(Markup.Escape(r.What), r.Asked > 0 ? $"≤ {r.Asked:0}" : "", $"{r.Median:0.000}", $"{r.P99:0.000}", r.Asked == 0 ? "" : r.Median <= r.Asked ? "met" : "missed");
            AnsiConsole.Write(table);
            if (host.Library is not null) Console.Out.WriteLine("over the stand-in: these figures say what .NET, the binding and the core take, and nothing about Apple's framework or hardware");
        }

        return rows.All(r => r.Asked == 0 || r.Median <= r.Asked) ? ExitCodes.Good : ExitCodes.Finding;
    }
}
