using System.CommandLine;
using Rvm.Diagnostics;
using Rvm.Policy;
using Rvm.Policy.Binding;
using Rvm.Tool.Planning;
using Rvm.Tool.Policies;

namespace Rvm.Tool.Commands;

/// <summary><c>rvm policy</c>: what decides privileged calls (docs/policy.md).</summary>
public static class PolicyCommands
{
    /// <summary>The command with its subcommands.</summary>
    public static Command Create() =>
        new Command("policy", "Policies: which privileged calls the kernel permits (docs/policy.md).")
        {
            PolicyCheckCommand.Create(), PolicyDiffCommand.Create(), PolicyExplainCommand.Create(),
            PolicyCompileCommand.Create(), PolicyDecompileCommand.Create(), PolicyFormatCommand.Create(),
        }.WithHelp("", "rvm policy check policies/tenants.rvmp", "rvm policy compile policies/tenants.rvmp -o tenants.policy",
            "rvm policy decompile tenants.policy", "rvm policy format policies/tenants.rvmp --check");

    /// <summary>The argument of most subcommands.</summary>
    public static Argument<string> File() => new("FILE.rvmp") { Description = "The policy's source (docs/policy.md)" };

    /// <summary><c>--system SYSTEM.yaml</c>.</summary>
    public static Option<string?> System() =>
        new("--system") { Description = "The system whose partitions and groups the policy names (default: those that the file declares)",
            HelpName = "SYSTEM.yaml" };

    /// <summary>The policy in a file with the names of a system; null after a report.</summary>
    public static BoundPolicy? Load(string file, string? system, DiagnosticBag bag)
    {
        var names = system is null ? null : PolicyNames.FromFile(system, bag);
        return bag.HasErrors ? null : PolicyFile.Load(file, names, bag);
    }

    /// <summary>Writes a file; a directory that is missing is made.</summary>
    public static void Write(string path, byte[] bytes)
    {
        try
        {
            Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(path))!);
            global::System.IO.File.WriteAllBytes(path, bytes);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new UserErrorException($"{path} cannot be written: {e.Message}", "name another file");
        }
    }
}
