using Rvm.Diagnostics;
using Rvm.Policy.Checks;
using Rvm.Tool.Commands;

namespace Rvm.Tool.Policies;

/// <summary>What is found in a policy, as SARIF.</summary>
internal static class PolicySarif
{
    private const string Command = "rvm policy check";

    /// <summary>Mistakes in the source.</summary>
    public static string Of(IEnumerable<Diagnostic> diagnostics) =>
        Sarif.Log(Command, diagnostics.Select(d => new SarifResult("source", d.Severity, d.Place, d.Message, d.Mend)));

    /// <summary>What the checks found.</summary>
    public static string Of(CheckReport report) => Sarif.Log(Command, report.Findings.Select(f =>
    {
        var request = f.Request is null ? null : RequestText.Of(f.Request, report.Policy);
        return new SarifResult(f.Check, f.Severity, f.Place, f.Message + (request is null ? "" : $" (request: {request})"), f.Mend, request is null ? null : new { Request = request });
    }));
}
