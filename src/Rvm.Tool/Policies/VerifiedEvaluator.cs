using System.Reflection;
using System.Runtime.Loader;
using Rvm.Policy.Checks;
using Rvm.Tool.Commands;

namespace Rvm.Tool.Policies;

/// <summary>
/// The evaluator that the kernel runs, on the host: <c>src/Rvm.Policy.Evaluation</c> around <c>Rvm.Verified.dll</c>. It is built when it is needed,
/// because the tool itself has to run before anything is translated.
/// </summary>
internal sealed class VerifiedEvaluator : IEvaluator
{
    private const string Class = "Rvm.Policy.Evaluation.VerifiedPolicy";

    private static readonly HostProgram Program = new("src/Rvm.Policy.Evaluation", "evaluator", "Rvm.Policy.Evaluation.dll",
        ["src/Rvm.Policy.Evaluation", "src/Rvm.Verified", "src/Rvm.Heap", "spec"]);

    private readonly MethodInfo _admit, _decide, _mostAsked;

    private VerifiedEvaluator(Type type)
    {
        _admit = type.GetMethod("Admit", [typeof(ulong[])])!;
        _decide = type.GetMethod("Decide", [typeof(uint), typeof(ulong[])])!;
        _mostAsked = type.GetMethod("MostAsked", [typeof(uint), typeof(ulong[])])!;
    }

    /// <inheritdoc/>
    public string Name => "Rvm.Verified";

    /// <summary>The evaluator of this checkout; null when the checkout has none.</summary>
    public static VerifiedEvaluator? Find()
    {
        if (!Program.Exists) return null;
        var dll = Program.Built("the verified evaluator");
        var context = new AssemblyLoadContext("evaluator");
        context.Resolving += (c, name) => Path.Combine(Path.GetDirectoryName(dll)!, name.Name + ".dll") is var path && File.Exists(path)
            ? c.LoadFromAssemblyPath(path) : null;
        return new VerifiedEvaluator(context.LoadFromAssemblyPath(dll).GetType(Class, throwOnError: true)!);
    }

    /// <inheritdoc/>
    public IDecider? Load(ulong[] words) => _admit.Invoke(null, [words]) is { } policy ? new Decider(_decide, _mostAsked, policy) : null;

    private sealed class Decider(MethodInfo decide, MethodInfo mostAsked, object policy) : IDecider
    {
        public Ruling Decide(int call, ulong[] values)
        {
            var ruling = decide.Invoke(policy, [(uint)call, values])!;
            object Property(string name) => ruling.GetType().GetProperty(name)!.GetValue(ruling)!;
            return new Ruling((bool)Property("Permitted"), (int)(uint)Property("Rule"));
        }

        public int MostAsked(int call, ulong[] greatest) => (int)mostAsked.Invoke(policy, [(uint)call, greatest])!;
    }
}
