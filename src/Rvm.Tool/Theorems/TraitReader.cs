using System.Text.RegularExpressions;
using Rvm.Tool.Proof;

namespace Rvm.Tool.Theorems;

/// <summary>A test, or a class of tests, that says which theorem it exercises.</summary>
/// <param name="Test">Class.Method, or Class for all of its tests</param>
/// <param name="Place">where the test is declared</param>
/// <param name="Trait">where its trait stands</param>
public sealed record TestTrait(string Theorem, string Test, Place Place, Place Trait);

/// <summary>Finds <c>[Trait("Theorem", "Name")]</c> in the test projects. Attributes begin a line, as everywhere in this project.</summary>
public sealed partial class TraitReader(Checkout checkout)
{
    public const string Folder = "tests";

    private readonly List<Finding> findings = [];

    /// <summary>Traits that no test follows.</summary>
    public IReadOnlyList<Finding> Findings => findings;

    public IReadOnlyList<TestTrait> All() => [.. checkout.Files(Folder, ".cs").SelectMany(file => Traits(file, File.ReadAllLines(checkout.Path(file))))];

    private IEnumerable<TestTrait> Traits(string file, string[] lines)
    {
        for (var i = 0; i < lines.Length; i++)
        {
            if (!lines[i].TrimStart().StartsWith('[')) continue;
            foreach (Match trait in TraitText().Matches(lines[i]))
            {
                var place = new Place(file, i + 1, trait.Index + 1);
                if (Target(lines, i) is var (test, line)) yield return new TestTrait(trait.Groups[1].Value, test, new Place(file, line, 0), place);
                else findings.Add(new Finding("trait-without-test", place, "no test follows this trait", "put it directly before a test or a class of tests"));
            }
        }
    }

    /// <summary>The first declaration after the attributes.</summary>
    private static (string Test, int Line)? Target(string[] lines, int at)
    {
        for (var i = at; i < lines.Length; i++)
        {
            if (ClassLine().Match(lines[i]) is { Success: true } type) return (type.Groups[1].Value, i + 1);
            if (MethodLine().Match(lines[i]) is { Success: true } method) return ($"{Around(lines, i)}.{method.Groups[1].Value}", i + 1);
        }
        return null;
    }

    /// <summary>The class that a line belongs to: the last one before it that stands further left.</summary>
    private static string Around(string[] lines, int at) => lines.Take(at).Where(l => Indent(l) < Indent(lines[at]))
        .Select(l => ClassLine().Match(l)).LastOrDefault(m => m.Success)?.Groups[1].Value ?? "";

    private static int Indent(string line) => line.Length - line.TrimStart().Length;

    [GeneratedRegex("""\bTrait\(\s*"Theorem"\s*,\s*"([^"]*)"\s*\)""")]
    private static partial Regex TraitText();

    [GeneratedRegex("""^\s*(?:\[.*\]\s*)?(?:(?:public|internal|private|sealed|static|abstract|partial)\s+)*class\s+(\w+)""")]
    private static partial Regex ClassLine();

    [GeneratedRegex("""^\s*(?:\[.*\]\s*)?(?:public|internal|private)\s+[^=;]*?\b(\w+)\s*\(""")]
    private static partial Regex MethodLine();
}
