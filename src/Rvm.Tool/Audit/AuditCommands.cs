using System.CommandLine;
using Rvm.Tool.Proof;

namespace Rvm.Tool.Audit;

/// <summary><c>rvm audit</c>: what is claimed, what is proved, what is trusted.</summary>
public static class AuditCommands
{
    private const string Folder = "artifacts/audit";

    public static Command Create()
    {
        var format = new Option<string>("--format") { Description = "text, or json for programs", DefaultValueFactory = _ => "text" };
        format.AcceptOnlyFromAmong("text", "json");
        var command = new Command("audit", "List theorems, proof obligations and everything that is trusted; needs the logs of `rvm verify`.") { format };
        command.SetAction(parsed => Run(parsed.GetValue(format) == "json"));
        return command;
    }

    /// <returns>0 clean, 1 findings, 2 wrong use</returns>
    private static int Run(bool json)
    {
        try
        {
            var checkout = Checkout.Find() ?? throw new ProverMissing($"no {Checkout.OptionsFile} here or above: run rvm inside a checkout");
            var report = new AuditRun(checkout).Collect();
            Directory.CreateDirectory(checkout.Path(Folder));
            File.WriteAllText(checkout.Path($"{Folder}/audit.json"), AuditWriter.Json(report));
            File.WriteAllText(checkout.Path($"{Folder}/audit.md"), AuditWriter.Markdown(report));
            if (json) Console.Out.Write(AuditWriter.Json(report));
            else
            {
                AuditWriter.Console(Console.Out, report);
                Console.Out.WriteLine($"written: {Folder}/audit.json, {Folder}/audit.md");
            }
            return report.Clean ? 0 : 1;
        }
        catch (ProverMissing missing)
        {
            Console.Error.WriteLine($"rvm audit: {missing.Message}");
            return 2;
        }
    }
}
