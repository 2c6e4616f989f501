using Microsoft.Dafny;
using Microsoft.Dafny.Plugins;

namespace Rvm.Closure;

/// <summary>What Dafny looks for in a plugin: <c>dafny resolve --plugin Rvm.Closure.dll,OUTPUT.json</c>.</summary>
public sealed class Plugin : PluginConfiguration
{
    private string output = "";

    public override void ParseArguments(string[] args) =>
        output = args is [var path] ? path : throw new ArgumentException("Rvm.Closure wants one argument: the file to write");

    public override Rewriter[] GetRewriters(ErrorReporter errorReporter) => [new ClosureWriter(errorReporter, output)];
}

/// <summary>Writes the resolved program down after the last pass of the resolver. It changes nothing.</summary>
public sealed class ClosureWriter(ErrorReporter reporter, string output) : Rewriter(reporter)
{
    public override void PostResolve(Microsoft.Dafny.Program program)
    {
        var fresh = $"{output}.{Environment.ProcessId}";
        File.WriteAllText(fresh, new ProgramReader(program).Json());
        File.Move(fresh, output, overwrite: true);
    }
}
