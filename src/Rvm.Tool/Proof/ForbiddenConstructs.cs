namespace Rvm.Tool.Proof;

/// <summary>Finds the constructs that would let something unproved pass: by token, so that comments and strings do not count.</summary>
public static class ForbiddenConstructs
{
    private const string Prove = "prove it instead; what cannot be proved belongs into a contract file under " + Checkout.ContractFolder;

    /// <summary>Attributes that cannot weaken a proof. Every other one may, without any report: Dafny passes unknown ones to the verifier.</summary>
    private static readonly HashSet<string> Allowed =
        ["axiom", "compile", "contradiction", "extern", "fuel", "induction", "isolate_assertions", "nativeType", "trigger"];

    private static readonly HashSet<string> Limits =
        ["resource_limit", "rlimit", "timeLimit", "timeLimitMultiplier", "vcs_max_cost", "vcs_max_splits", "vcs_max_keep_going_splits"];

    /// <summary>The findings of one file.</summary>
    /// <param name="path">relative to the checkout; contract files may have axioms and externs</param>
    public static IReadOnlyList<Finding> In(string path, string source)
    {
        var contracts = path.StartsWith(Checkout.ContractFolder, StringComparison.Ordinal);
        return [.. Tokens(path, source, contracts).Concat(contracts ? [] : Unproved(path, source)).OrderBy(f => (f.Place.Line, f.Place.Column))];
    }

    private static IEnumerable<Finding> Tokens(string path, string source, bool contracts)
    {
        var tokens = DafnyLexer.Tokens(source);
        for (var i = 0; i < tokens.Count; i++)
        {
            if (DafnyOutline.AttributeAt(source, tokens, i, out _) is { } attribute)
            {
                if (Judge(path, attribute, contracts) is { } finding) yield return finding;
            }
            else if (Word(tokens, i) is var (rule, message, hint))
            {
                yield return new Finding(rule, new Place(path, tokens[i].Line, tokens[i].Column), message, hint);
            }
        }
    }

    private static (string Rule, string Message, string Hint)? Word(IReadOnlyList<Token> tokens, int i)
    {
        var token = tokens[i];
        if (token.Is("assume")) return ("assume", "`assume` takes a claim on trust", Prove);
        if (token.Is("expect")) return ("expect", "`expect` stops the kernel at run time instead of being proved", "turn it into a precondition or into a refusal");
        if (token.Is("decreases") && tokens[i + 1].Is("*"))
            return ("decreases-star", "`decreases *` gives up termination", "name a measure that falls, e.g. `decreases n - i`");
        if (token.Is("@") && !IsLabel(tokens, i))
            return ("attribute", $"attribute @{tokens[i + 1].Text} in the form that this project does not read", "write it as {:name …}");
        return null;
    }

    /// <summary><c>old@L(…)</c> and <c>Frame@L(…)</c> name a label: the sign touches the word before it.</summary>
    private static bool IsLabel(IReadOnlyList<Token> tokens, int i) =>
        i > 0 && tokens[i].Adjacent && (tokens[i - 1].Kind == TokenKind.Word || tokens[i - 1].Is(">"));

    internal static Finding? Judge(string path, DafnyAttribute attribute, bool contracts)
    {
        var place = new Place(path, attribute.Line, attribute.Column);
        var shown = "{:" + attribute.Name + (attribute.Arguments.Length > 0 ? " " + attribute.Arguments : "") + "}";
        return attribute.Name switch
        {
            "axiom" => contracts ? null : new Finding("axiom", place, $"{shown} takes a declaration on trust", Prove),
            "verify" => new Finding("verify-false", place, $"{shown} switches verification", "remove it: everything is verified"),
            "only" => new Finding("only", place, $"{shown} leaves every other proof out", "remove it; use `dotnet dafny verify --filter-symbol` while you work"),
            var name when Limits.Contains(name) =>
                new Finding("limit", place, $"{shown} sets its own limit", $"restructure the proof; the one limit is in {Checkout.OptionsFile}"),
            var name when !Allowed.Contains(name) =>
                new Finding("attribute", place, $"{shown} is not on the list of allowed attributes",
                    $"it may switch a check off without any report; allowed are {string.Join(", ", Allowed.Order())}"),
            _ => null,
        };
    }

    private static IEnumerable<Finding> Unproved(string path, string source)
    {
        foreach (var d in DafnyOutline.Of(source).Declarations)
        {
            var place = new Place(path, d.Line, d.Column);
            if (d.Has("extern") && d.Kind != "module")
                yield return new Finding("extern", place, $"extern {d.Kind} {d.Name} outside the contract files", $"move it into {Checkout.ContractFolder}");
            else if (d.NeedsBody && !d.HasBody)
                yield return new Finding("no-body", place, $"{d.Kind} {d.Name} has no body: it is an axiom", Prove);
        }
    }
}
