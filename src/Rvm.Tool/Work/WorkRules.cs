using System.Text.RegularExpressions;
using Rvm.Tool.Proof;
using Rvm.Tool.Theorems;

namespace Rvm.Tool.Work;

/// <summary>
/// Whether the proofs that bound the core's work count all of it. A step of work is one activation of a method or function that loops, directly or through
/// what it calls, or one round of a loop; <c>spec/Cost.dfy</c> says so. What the solver cannot see is whether a program text counts each of its steps: that
/// is read off here.
/// </summary>
public sealed partial class WorkRules
{
    private const string Entries = "RvmKernel", Limit = "Cost.ACCESSES", Bound = "Cost.Cost", Counter = "work";

    private readonly CoreCode code;
    private readonly WorkGraph graph;
    private readonly HashSet<Unit> entries, reached;
    private readonly List<Finding> findings = [];

    private WorkRules(SourceGraph sources)
    {
        code = new CoreCode(sources);
        graph = new WorkGraph(code);
        var called = code.Units.SelectMany(graph.Calls).Select(c => c.Callee).ToHashSet();
        entries = [.. code.Units.Where(u => u.Symbol.Scope == Entries && !called.Contains(u) && !Makes(u))];
        reached = graph.Reach(entries);
        foreach (var unit in reached) Everywhere(unit);
        foreach (var unit in reached.Where(graph.IsMetered)) Counts(unit);
        foreach (var unit in reached.Where(u => graph.IsMetered(u) || entries.Contains(u))) Accesses(unit);
        foreach (var file in sources.Files.Where(f => !CoreCode.Holds(f))) Passed(file, sources.Source(file));
    }

    /// <summary>The most elements of arrays that any step of the core touches.</summary>
    public int MostAccesses { get; private set; }

    /// <summary>Names of what has to count its work.</summary>
    public IReadOnlyList<string> Counted => [.. reached.Where(graph.IsMetered).Select(u => u.Name).Order(StringComparer.Ordinal)];

    public IReadOnlyList<Finding> Findings => [.. findings.OrderBy(f => f.Place.File, StringComparer.Ordinal).ThenBy(f => (f.Place.Line, f.Place.Column))];

    public static WorkRules Of(SourceGraph sources) => new(sources);

    private void Say(string rule, Unit unit, int at, string message, string hint) => findings.Add(new Finding(rule, unit.Place(at), message, hint));

    /// <summary>Whether a method makes a kernel: it runs before the first event.</summary>
    private static bool Makes(Unit unit) => unit.Symbol.Declaration.Head.Contains("fresh(", StringComparison.Ordinal);

    // ---- everywhere --------------------------------------------------------------------------------------------------------------

    private void Everywhere(Unit unit)
    {
        if (graph.Cycles.TryGetValue(unit, out var through))
            Say("work-recursion", unit, unit.Open, $"{unit.Name} calls itself through {through.Name}", "write a loop: it counts its rounds");
        foreach (var at in graph.HiddenLoops(unit))
            Say("work-hidden-loop", unit, at, $"`{unit.Tokens[at].Text}` may go over many elements, uncounted", "write a loop: it counts its rounds");
        foreach (var at in graph.Unknown(unit))
            Say("work-unknown", unit, at, $"what `{unit.Tokens[at].Text}` calls cannot be told from the text", "call it by a path of fields with declared types");
        if (entries.Contains(unit) && !Answers(unit) && !unit.Symbol.Declaration.Head.Contains(Bound, StringComparison.Ordinal))
            Say("work-entry", unit, unit.Open, $"the platform calls {unit.Name}, and its contract does not bound its work", $"ensure `work <= {Bound}(…)`");
    }

    /// <summary>Whether the platform only asks for a value, and nothing on the way to it loops: that is no step of work.</summary>
    private bool Answers(Unit unit) => unit.IsFunction && !graph.IsMetered(unit);

    private void Accesses(Unit unit)
    {
        foreach (var (at, n) in graph.Steps(unit))
        {
            MostAccesses = Math.Max(MostAccesses, n);
            if (n > Allowed()) Say("work-accesses", unit, at, $"a step of {unit.Name} touches {n} elements of arrays, {Limit} allows {Allowed()}", "divide the step, or raise the constant");
        }
    }

    private int Allowed() =>
        code.Table.Find(Limit) is { } limit && Number().Match(limit.Declaration.Head) is { Success: true } n ? int.Parse(n.Groups[1].Value) : 0;

    /// <summary>Theorems speak of the work that an entry says: it is handed on as it is. What calls no entry may say that the core does nothing.</summary>
    private void Passed(string file, string source)
    {
        var tokens = DafnyLexer.Tokens(source);
        foreach (var symbol in code.Table.All.Where(s => s.File == file && s.Declaration is { Kind: "method", HasBody: true }))
        {
            var (first, body, end) = symbol.Declaration.Tokens;
            var results = Enumerable.Range(first, body - first).FirstOrDefault(i => tokens[i].Is("returns"));
            if (results == 0 || !Enumerable.Range(results, body - results).Any(i => tokens[i].Is(Counter))) continue;
            for (var i = body; i < end; i++)
                if (tokens[i].Is(Counter) && tokens[i + 1].Text is ":=" or ":|" or "," && !Hands(symbol, tokens, i + 2) && !(Nothing(tokens, i) && !Enters(symbol, tokens, body, end)))
                    findings.Add(new Finding("work-set", new Place(file, tokens[i].Line, tokens[i].Column), $"`{Counter}` is set to what no entry of the core says",
                        $"`{Counter} := {Entries}.…(…);`, its last result"));
        }
    }

    private static bool Nothing(IReadOnlyList<Token> tokens, int at) => tokens[at + 1].Is(":=") && tokens[at + 2].Text == "0" && tokens[at + 3].Is(";");

    /// <summary>Whether an entry of the core, or what hands its work on, is called anywhere between.</summary>
    private bool Enters(Symbol symbol, IReadOnlyList<Token> tokens, int from, int to)
    {
        for (var i = from; i < to; i++)
        {
            var at = i;
            if (code.Table.Resolve(symbol, tokens, ref at) is { } callee && tokens[at + 1].Is("(") && (entries.Any(e => e.Symbol == callee) || HandsOn(callee))) return true;
        }

        return false;
    }

    /// <summary>Whether an entry of the core is called here, or a method that hands its work on.</summary>
    private bool Hands(Symbol symbol, IReadOnlyList<Token> tokens, int at) =>
        tokens[at - 1].Is(":=") && code.Table.Resolve(symbol, tokens, ref at) is { } callee && tokens[at + 1].Is("(")
        && (entries.Any(e => e.Symbol == callee) || HandsOn(callee));

    private static bool HandsOn(Symbol callee) =>
        !CoreCode.Holds(callee.File) && callee.Declaration is { Kind: "method" } d && d.Head.Contains($"ghost {Counter}: nat", StringComparison.Ordinal);

    // ---- what loops, or calls what loops -----------------------------------------------------------------------------------------

    private void Counts(Unit unit)
    {
        if (!unit.HasStatements) Expression(unit);
        else if (unit.IsFunction) ByMethod(unit);
        else Method(unit);
    }

    private void Method(Unit unit)
    {
        if (unit.Results is not [.., { Name: Counter, Type: "nat", Ghost: true }])
            Say("work-missing", unit, unit.Open, $"{unit.Name} loops or calls what loops, and does not say how much it works", $"let its last result be `ghost {Counter}: nat`, and bound it");
        var first = First(unit);
        if (!Is(unit, unit.Body.ElementAtOrDefault(first), Counter, ":=", "1"))
            Say("work-missing", unit, unit.Open, $"{unit.Name} does not count its own activation", $"begin with `{Counter} := 1;`");
        Block(unit, unit.Body, first + 1);
    }

    private void ByMethod(Unit unit)
    {
        var first = First(unit);
        if (!Is(unit, unit.Body.ElementAtOrDefault(first), "ghost", "var", Counter, ":=", "1"))
            Say("work-missing", unit, unit.Open, $"{unit.Name} does not count its own activation", $"begin with `ghost var {Counter} := 1;`");
        Block(unit, unit.Body, first + 1);
        Ends(unit, unit.Body, last: true);
    }

    /// <summary>Index of a body's first statement that is not <c>hide</c> or <c>reveal</c>: the solver is spared what is hidden only where that comes first.</summary>
    private static int First(Unit unit) => unit.Body.TakeWhile(s => unit.Tokens[s.From].Text is "hide" or "reveal").Count();

    /// <summary>The first statement counts the activation; only what is hidden or revealed to the solver may stand before it.</summary>
    private void Begins(Unit unit, params string[] count)
    {
        var first = unit.Body.TakeWhile(s => unit.Tokens[s.From].Text is "hide" or "reveal").Count();
        if (!Is(unit, unit.Body.ElementAtOrDefault(first), count))
            Say("work-missing", unit, unit.Open, $"{unit.Name} does not count its own activation", $"begin with `{string.Join(' ', count)};`");
        Block(unit, unit.Body, first + 1);
    }

    /// <summary>A function that is an expression: its bound has to cover what it calls.</summary>
    private void Expression(Unit unit)
    {
        var wanted = graph.Calls(unit).Where(c => graph.IsMetered(c.Callee)).ToList();
        for (var i = unit.Open; i < unit.Body[0].To; i++)
            if (unit.Tokens[i].Is("assert") && unit.Tokens[i + 1].Text == "1")
            {
                var end = i;
                while (!unit.Tokens[end].Is("<=") && !unit.Tokens[end].Is(";")) end++;
                if (unit.Tokens[end].Is("<=") && Bounds(unit, end + 1, unit) && Covers(unit, i + 2, end, wanted)) return;
            }
        Say("work-call", unit, unit.Open, $"{unit.Name} calls {Named(wanted)}, and its bound need not cover that",
            $"begin with `assert 1 + {string.Join(" + ", wanted.Select(c => Constant(c.Callee)))} <= {Constant(unit)};`");
    }

    /// <summary>The work of a call is added directly after its statement; that of a condition or of a returned value directly before.</summary>
    private void Block(Unit unit, IReadOnlyList<Statement> statements, int next)
    {
        var taken = -1;     // the last addition that is some call's
        for (var i = next; i < statements.Count; i++)
        {
            var (early, late) = (Early(unit, statements[i]), Late(unit, statements[i]));
            if (early.Count > 0)
            {
                if (taken == i - 1 || !Added(unit, statements, i - 1, early)) NotAdded(unit, statements[i].From, early, "before");
                taken = i - 1;
            }
            if (late.Count > 0)
            {
                if (Added(unit, statements, i + 1, late, statements[i])) taken = i + 1;
                else NotAdded(unit, statements[i].From, late, "after");
            }
            if (statements[i] is Loop loop) Round(unit, loop);
            else if (statements[i] is Branch branch) foreach (var arm in branch.Arms) Block(unit, arm, 0);
            else if (statements[i] is Plain plain && Sets(unit, plain) && !(Addition(unit, plain) != null && (taken == i || Announces(unit, statements, i))))
                Say("work-set", unit, plain.From, $"`{Counter}` is set to what no call before it says", $"`{Counter} := {Counter} + w;` directly after the call that gives w");
        }
    }

    /// <summary>Calls whose work has to be added before a statement: those in conditions and in returned values.</summary>
    private List<Call> Early(Unit unit, Statement statement) => statement switch
    {
        Branch branch => [.. branch.Heads.SelectMany(h => Metered(unit, h.From, h.To))],
        Plain plain when unit.Tokens[plain.From].Is("return") => Metered(unit, plain.From, plain.To),
        _ => [],
    };

    private List<Call> Late(Unit unit, Statement statement) =>
        statement is Plain plain && !unit.Tokens[plain.From].Is("return") && !code.IsGhost(unit, plain) ? Metered(unit, plain.From, plain.To) : [];

    private bool Announces(Unit unit, IReadOnlyList<Statement> statements, int i) => i + 1 < statements.Count && Early(unit, statements[i + 1]).Count > 0;

    /// <summary>A round counts one, and so does what it calls.</summary>
    private void Round(Unit unit, Loop loop)
    {
        if (!Is(unit, loop.Body.FirstOrDefault(), Counter, ":=", Counter, "+", "1"))
            Say("work-loop", unit, loop.From, $"a loop of {unit.Name} does not count its rounds", $"begin its body with `{Counter} := {Counter} + 1;`");
        var head = Metered(unit, loop.Condition.From, loop.Condition.To);
        if (head.Count > 0) Say("work-call", unit, loop.From, $"the condition of a loop calls {Named(head)}, whose work nobody adds", "ask inside the loop");
        Block(unit, loop.Body, 1);
    }

    /// <summary>Every way out of a function's method has to show that the bound is kept.</summary>
    private void Ends(Unit unit, IReadOnlyList<Statement> statements, bool last)
    {
        for (var i = 0; i < statements.Count; i++)
        {
            if (statements[i] is Loop loop) Ends(unit, loop.Body, false);
            if (statements[i] is Branch branch)
                foreach (var arm in branch.Arms) Ends(unit, arm, false);
            if (unit.Tokens[statements[i].From].Is("return") && !(i > 0 && Kept(unit, statements[i - 1])))
                Say("work-missing", unit, statements[i].From, $"{unit.Name} returns without a word on its work", $"`assert {Counter} <= {Constant(unit)};` before it");
        }
        if (last && !(statements.Count > 0 && (Kept(unit, statements[^1]) || unit.Tokens[statements[^1].From].Is("return"))))
            Say("work-missing", unit, unit.Open, $"{unit.Name} ends without a word on its work", $"`assert {Counter} <= {Constant(unit)};` at its end");
    }

    private bool Kept(Unit unit, Statement statement) =>
        unit.Tokens[statement.From].Is("assert") && unit.Tokens[statement.From + 1].Is(Counter) && unit.Tokens[statement.From + 2].Is("<=")
        && Bounds(unit, statement.From + 3, unit);

    private List<Call> Metered(Unit unit, int from, int to) => [.. code.Of(unit, from, to).Calls.Where(c => graph.IsMetered(c.Callee))];

    private void NotAdded(Unit unit, int at, List<Call> calls, string where) =>
        Say("work-call", unit, at, $"the work of {Named(calls)} is not added", calls[0].Callee.IsFunction || calls.Count > 1
            ? $"`{Counter} := {Counter} + {string.Join(" + ", calls.Select(c => Constant(c.Callee)))};` directly {where} it"
            : $"take its last result in a variable w, and `{Counter} := {Counter} + w;` directly {where} it");

    /// <summary>Whether the statement at an index adds the work of exactly these calls.</summary>
    /// <param name="from">the statement with the call, for that of a method</param>
    private bool Added(Unit unit, IReadOnlyList<Statement> statements, int index, List<Call> calls, Statement? from = null)
    {
        if (index < 0 || index >= statements.Count || statements[index] is not Plain plain || Addition(unit, plain) is not { } terms) return false;
        if (calls.TrueForAll(c => c.Callee.IsFunction)) return Covers(unit, terms.From, terms.To, calls);
        return calls.Count == 1 && from is Plain call && CoreCode.Left(unit, call) is [.., var last] && last.Length > 0 && last != Counter
            && terms.To == terms.From + 2 && unit.Tokens[terms.From + 1].Is(last);
    }

    /// <summary>The terms of <c>work := work + …</c>, each with its plus.</summary>
    private static (int From, int To)? Addition(Unit unit, Plain plain)
    {
        string[] begin = [Counter, ":=", Counter, "+"];
        return plain.To - plain.From > 4 && begin.Select((text, i) => unit.Tokens[plain.From + i].Is(text)).All(b => b) ? (plain.From + 3, plain.To) : null;
    }

    /// <summary>Whether <c>+ A + B …</c> are the bounds of exactly these calls.</summary>
    private bool Covers(Unit unit, int from, int to, List<Call> calls)
    {
        var open = calls.Select(c => c.Callee).ToList();
        for (var i = from; i < to; i++)
        {
            if (!unit.Tokens[i].Is("+") || open.FindIndex(c => Bounds(unit, i + 1, c)) is not (>= 0 and var found)) return false;
            open.RemoveAt(found);
            i++;
            while (i + 1 < to && !unit.Tokens[i + 1].Is("+")) i = unit.Tokens[i + 1].Is("(") ? DafnyOutline.Matching(unit.Tokens, i + 1) : i + 1;
        }
        return open.Count == 0;
    }

    /// <summary>Whether the path at an index is the bound of a function.</summary>
    private bool Bounds(Unit unit, int at, Unit callee) =>
        code.Table.Resolve(unit.Symbol, unit.Tokens, ref at) is { Declaration: { Kind: "const", Ghost: true } } symbol && symbol.Name == $"{callee.Symbol.Module}.{Constant(callee)}";

    private static string Last(Unit unit) => unit.Name[(unit.Name.LastIndexOf('.') + 1)..];

    private static string Constant(Unit unit) => Humps().Replace(Last(unit), "_").ToUpperInvariant() + "_WORK";

    private static string Named(List<Call> calls) => string.Join(", ", calls.Select(c => c.Callee.Name).Distinct());

    private bool Sets(Unit unit, Plain plain) =>
        (unit.Tokens[plain.From].Is("return") && plain.To > plain.From + 1 && !unit.IsFunction) || (CoreCode.Assignment(unit, plain) >= 0 && CoreCode.Left(unit, plain).Contains(Counter));

    private static bool Is(Unit unit, Statement? statement, params string[] texts) =>
        statement is Plain plain && plain.To - plain.From == texts.Length && texts.Select((t, i) => unit.Tokens[plain.From + i].Text == t).All(b => b);

    [GeneratedRegex("(?<=[a-z0-9])(?=[A-Z])")]
    private static partial Regex Humps();

    [GeneratedRegex(@":=\s*(\d+)")]
    private static partial Regex Number();
}
