namespace Rvm.Tool.Work;

/// <summary>Who calls whom in the core, and what a step of work may cost: see <see cref="WorkRules"/>.</summary>
public sealed class WorkGraph
{
    private readonly CoreCode code;
    private readonly Dictionary<Unit, IReadOnlyList<Deeds>> deeds;
    private readonly Dictionary<Unit, bool> metered = [];
    private readonly Dictionary<Unit, int> accesses = [];
    private readonly List<Unit> path = [];
    private readonly Dictionary<Unit, Unit> cycles = [];

    public WorkGraph(CoreCode code)
    {
        this.code = code;
        deeds = code.Units.ToDictionary(u => u, u => (IReadOnlyList<Deeds>)[.. All(u, u.Body)]);
        foreach (var unit in code.Units) Meter(unit);
    }

    /// <summary>Whether a unit has a loop, or calls one that has.</summary>
    public bool IsMetered(Unit unit) => metered[unit];

    /// <summary>Units that call themselves, with the one through which they do.</summary>
    public IReadOnlyDictionary<Unit, Unit> Cycles => cycles;

    public IEnumerable<Call> Calls(Unit unit) => deeds[unit].SelectMany(d => d.Calls);

    public IEnumerable<int> HiddenLoops(Unit unit) => deeds[unit].SelectMany(d => d.HiddenLoops);

    public IEnumerable<int> Unknown(Unit unit) => deeds[unit].SelectMany(d => d.Unknown);

    /// <summary>Everything that the given units call, directly or not, and themselves.</summary>
    public HashSet<Unit> Reach(IEnumerable<Unit> from)
    {
        var (seen, open) = (new HashSet<Unit>(), new Stack<Unit>(from));
        while (open.TryPop(out var next))
            if (seen.Add(next))
                foreach (var call in Calls(next)) open.Push(call.Callee);
        return seen;
    }

    /// <summary>The steps of a unit that has any, each with the most elements of arrays that it touches: one activation, and one round of each loop.</summary>
    public IEnumerable<(int At, int Accesses)> Steps(Unit unit)
    {
        yield return (unit.Open, Touched(unit, unit.Body));
        foreach (var loop in Loops(unit.Body)) yield return (loop.From, Sum(unit, loop.Condition) + Touched(unit, loop.Body));
    }

    public static IEnumerable<Loop> Loops(IEnumerable<Statement> statements) => statements.SelectMany(s => s switch
    {
        Loop loop => Loops(loop.Body).Prepend(loop),
        Branch branch => branch.Arms.SelectMany(Loops),
        _ => [],
    });

    private bool Meter(Unit unit)
    {
        if (metered.TryGetValue(unit, out var known)) return known;
        if (path.Contains(unit))
        {
            cycles[unit] = path[^1];
            return true;
        }
        path.Add(unit);
        var loops = Loops(unit.Body).Any();
        foreach (var call in Calls(unit)) loops |= Meter(call.Callee);
        path.RemoveAt(path.Count - 1);
        return metered[unit] = loops;
    }

    private IEnumerable<Deeds> All(Unit unit, IEnumerable<Statement> statements) => statements.SelectMany(s => s switch
    {
        Loop loop => All(unit, loop.Body).Prepend(Of(unit, loop.Condition)),
        Branch branch => branch.Heads.Select(h => Of(unit, h)).Concat(branch.Arms.SelectMany(a => All(unit, a))),
        Plain plain when !code.IsGhost(unit, plain) => [Of(unit, (plain.From, plain.To))],
        _ => [],
    });

    private Deeds Of(Unit unit, (int From, int To) range) => code.Of(unit, range.From, range.To);

    /// <summary>The most elements that any way through the statements touches, without the rounds of their loops.</summary>
    private int Touched(Unit unit, IReadOnlyList<Statement> statements)
    {
        var (on, left) = Ways(unit, statements);
        return Math.Max(on ?? 0, left ?? 0);
    }

    /// <summary>The most on a way that reaches the end, and on one that leaves before; null where there is none.</summary>
    private (int? On, int? Left) Ways(Unit unit, IReadOnlyList<Statement> statements)
    {
        var (on, left) = (0, (int?)null);
        foreach (var statement in statements)
        {
            var (next, leaves) = Way(unit, statement);
            left = Most(left, on + leaves);
            if (next == null) return (null, left);
            on += next.Value;
        }
        return (on, left);
    }

    private (int? On, int? Left) Way(Unit unit, Statement statement)
    {
        switch (statement)
        {
            case Loop loop: return (Sum(unit, loop.Condition), null);
            case Plain plain when code.IsGhost(unit, plain): return (0, null);
            case Plain plain: return Leaves(unit, plain) ? (null, Sum(unit, (plain.From, plain.To))) : (Sum(unit, (plain.From, plain.To)), null);
            case Branch branch:
                var (asked, on, left) = (0, (int?)null, (int?)null);
                for (var i = 0; i < branch.Arms.Count; i++)
                {
                    if (i < branch.Heads.Count) asked += Sum(unit, branch.Heads[i]);
                    var way = Ways(unit, branch.Arms[i]);
                    (on, left) = (Most(on, asked + way.On), Most(left, asked + way.Left));
                }
                return (branch.Arms.Count == branch.Heads.Count ? Most(on, asked) : on, left);
            default: return (0, null);
        }
    }

    private static bool Leaves(Unit unit, Plain plain) => unit.Tokens[plain.From].Text is "return" or "break" or "continue";

    private static int? Most(int? a, int? b) => a == null ? b : b == null ? a : Math.Max(a.Value, b.Value);

    private int Sum(Unit unit, (int From, int To) range)
    {
        var own = Of(unit, range);
        return own.Accesses + own.Calls.Where(c => !IsMetered(c.Callee)).Sum(c => Whole(c.Callee));
    }

    private int Whole(Unit unit)
    {
        if (accesses.TryGetValue(unit, out var known)) return known;
        return accesses[unit] = Touched(unit, unit.Body);
    }
}
