using Rvm.Diagnostics;

namespace Rvm.Tool.Mutants;

/// <summary>A proof that has to fail on a mutant.</summary>
/// <param name="File">The Dafny file that is proved.</param>
/// <param name="Symbol">The declaration whose proof fails, qualified as in the prover's log.</param>
/// <param name="Filter">What is proved of the file: symbols whose qualified names contain it; a dot at the end means that they end so.</param>
public sealed record Refutation(string File, string Symbol, string Filter);

/// <summary>One deliberate mistake: a file in which one text is replaced by another.</summary>
/// <param name="Says">What is wrong with it, in one English sentence.</param>
/// <param name="Layer">core, spec or platform.</param>
/// <param name="Find">The text that is replaced; it stands exactly once in the file.</param>
/// <param name="Place">Where the list says so.</param>
public sealed record Mutant(
    string Id, string Says, string Layer, string File, string Find, string Put, IReadOnlyList<Refutation> Refutations, Place Place)
{
    /// <summary>The source with the mistake.</summary>
    public string Apply(string source) => source.Replace(Find, Put, StringComparison.Ordinal);

    /// <summary>The lines at which the text that is replaced begins, from 1.</summary>
    public IReadOnlyList<int> LinesIn(string source)
    {
        List<int> lines = [];
        for (var at = source.IndexOf(Find, StringComparison.Ordinal); at >= 0; at = source.IndexOf(Find, at + 1, StringComparison.Ordinal))
            lines.Add(source.AsSpan(0, at).Count('\n') + 1);
        return lines;
    }
}
