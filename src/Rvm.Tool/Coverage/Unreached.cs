using System.Text.RegularExpressions;
using Rvm.Diagnostics;
using Rvm.Tool.Proof;
using Rvm.Tool.SystemDescription;

namespace Rvm.Tool.Coverage;

/// <summary>What no test reaches, and why that is as it should be.</summary>
/// <param name="Part"><c>core</c>: branches of the generated C#; <c>kernel</c>: instructions of the image.</param>
/// <param name="Symbol">A method (<c>Class.Method</c>) or a function of the image; <c>*</c> stands for any characters.</param>
/// <param name="Line">Where the list says so.</param>
public sealed record Reason(string Part, string Symbol, string Why, int Line)
{
    /// <summary>Is it about this symbol? What is not reached at all has to be named in full.</summary>
    public bool Is(Reached reached) => reached.NeedsReason && (reached.Count > 0 || !Symbol.Contains('*')) && Fits(reached.Symbol);

    private bool Fits(string symbol) => Regex.IsMatch(symbol, "^" + Regex.Escape(Symbol).Replace(@"\*", ".*", StringComparison.Ordinal) + "$", RegexOptions.CultureInvariant);
}

/// <summary>Reads <c>tests/unreached.yaml</c>.</summary>
public static class Unreached
{
    public const string File = "tests/unreached.yaml";

    private static readonly string[] Parts = ["core", "kernel"], Keys = ["symbol", "why"];

    /// <exception cref="UserErrorException">The list cannot be read.</exception>
    public static IReadOnlyList<Reason> Read(Checkout checkout) =>
        System.IO.File.Exists(checkout.Path(File)) ? Parse(System.IO.File.ReadAllText(checkout.Path(File))) : [];

    /// <inheritdoc cref="Read"/>
    public static IReadOnlyList<Reason> Parse(string text)
    {
        var bag = new DiagnosticBag();
        var root = YamlTree.Read(File, text, bag);
        var top = root is null ? null : MappingReader.Open(root, "the list of what no test reaches", Parts, bag);
        List<Reason> reasons = top is null ? [] : [.. Parts.SelectMany(part => top.List(part).Select(node => One(part, node, bag)).OfType<Reason>())];
        if (bag.All.FirstOrDefault() is { } wrong) throw new UserErrorException($"{wrong.Place}: {wrong.Message}", wrong.Mend);
        return reasons;
    }

    private static Reason? One(string part, Node node, DiagnosticBag bag)
    {
        if (MappingReader.Open(node, "an entry", Keys, bag) is not { } entry) return null;
        var (symbol, why) = (entry.Text("symbol", "rvm_fault"), entry.Text("why", "Only a fault of the kernel itself gets there."));
        return symbol is null || why is null ? null : new(part, symbol.Value, why.Value, entry.Place.Line);
    }
}
