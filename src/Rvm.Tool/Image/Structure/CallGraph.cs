using System.Globalization;
using System.Text.RegularExpressions;

namespace Rvm.Tool.Image.Structure;

/// <summary>Who calls whom in an image, and how much stack that takes. Code runs on from one symbol into the next unless it ends with a jump or a return.</summary>
public sealed partial class CallGraph
{
    private sealed record Edge(string To, bool Call);

    private readonly Dictionary<string, List<Edge>> edges = new(StringComparer.Ordinal);
    private readonly Dictionary<string, long> frames = new(StringComparer.Ordinal);
    private readonly List<Routine> routines;

    /// <param name="routines">in the order of their addresses, without data</param>
    public CallGraph(IEnumerable<Routine> routines)
    {
        this.routines = [.. routines.OrderBy(r => r.Address)];
        for (var i = 0; i < this.routines.Count; i++)
        {
            var routine = this.routines[i];
            var out_ = edges[routine.Name] = [];
            foreach (var instruction in routine.Instructions.Where(x => x.Target != null && (x.Calls || x.Jumps)))
                if (At(instruction.Target!.Value) is { } to && (to.Name != routine.Name || instruction.Calls)) out_.Add(new Edge(to.Name, instruction.Calls));
            if (!routine.Instructions[^1].Ends && i + 1 < this.routines.Count) out_.Add(new Edge(this.routines[i + 1].Name, false));
            frames[routine.Name] = Frame(routine);
        }
    }

    /// <summary>Routines that change the stack pointer by an amount that the code does not say.</summary>
    public IEnumerable<string> Unbounded => routines.Where(r => frames[r.Name] < 0).Select(r => r.Name);

    public long FrameOf(string routine) => Math.Max(0, frames.GetValueOrDefault(routine));

    /// <summary>Everything that may run when one of these does.</summary>
    /// <param name="stop">routines that are not looked into</param>
    public IReadOnlySet<string> Reach(IEnumerable<string> from, Func<string, bool>? stop = null)
    {
        var seen = new HashSet<string>(StringComparer.Ordinal);
        var open = new Stack<string>(from);
        while (open.TryPop(out var next))
            if (seen.Add(next) && stop?.Invoke(next) != true)
                foreach (var edge in edges.GetValueOrDefault(next) ?? []) open.Push(edge.To);
        return seen;
    }

    /// <summary>A chain of calls or jumps from one routine to another.</summary>
    public IReadOnlyList<string> Path(IEnumerable<string> from, string to)
    {
        var before = new Dictionary<string, string?>(StringComparer.Ordinal);
        var open = new Queue<string>();
        foreach (var start in from) if (before.TryAdd(start, null)) open.Enqueue(start);
        while (open.TryDequeue(out var next))
        {
            if (next == to) break;
            foreach (var edge in edges.GetValueOrDefault(next) ?? [])
                if (before.TryAdd(edge.To, next)) open.Enqueue(edge.To);
        }
        var path = new List<string>();
        for (string? at = before.ContainsKey(to) ? to : null; at != null; at = before[at]) path.Insert(0, at);
        return path;
    }

    /// <summary>Bytes of stack that a routine and everything below it may take, with the dearest chain; null with the cycle when something calls itself.</summary>
    /// <param name="elsewhere">routines that take another stack</param>
    public (long? Bytes, IReadOnlyList<string> Chain) Depth(string root, Func<string, bool> elsewhere)
    {
        var known = new Dictionary<string, (long Bytes, string? Next)>(StringComparer.Ordinal);
        var open = new List<string>();
        IReadOnlyList<string>? cycle = null;
        long Measure(string name)
        {
            if (elsewhere(name)) return 0;
            if (known.TryGetValue(name, out var found)) return found.Bytes;
            if (open.IndexOf(name) is var i and >= 0) { cycle ??= [.. open.Skip(i), name]; return 0; }
            open.Add(name);
            var (most, next) = (0L, (string?)null);
            foreach (var edge in edges.GetValueOrDefault(name) ?? [])
                if (Measure(edge.To) is var below && (next == null || below > most)) (most, next) = (below, edge.To);
            open.RemoveAt(open.Count - 1);
            known[name] = (FrameOf(name) + most, next);
            return known[name].Bytes;
        }
        var bytes = Measure(root);
        if (cycle != null) return (null, cycle);
        var chain = new List<string>();
        for (string? at = root; at != null && known.TryGetValue(at, out var step) && (step.Bytes > 0 || at == root); at = step.Next) chain.Add(at);
        return (bytes, chain);
    }

    private Routine? At(ulong address)
    {
        var (low, high) = (0, routines.Count - 1);
        while (low < high)
        {
            var middle = (low + high + 1) / 2;
            if (routines[middle].Address <= address) low = middle; else high = middle - 1;
        }
        return routines.Count > 0 && routines[low].Address <= address ? routines[low] : null;
    }

    /// <summary>What a routine takes off the stack pointer, all added up; -1 when it sets the pointer to something else.</summary>
    private static long Frame(Routine routine)
    {
        var sum = 0L;
        foreach (var x in routine.Instructions)
        {
            if (PreIndex().Match(x.Operands) is { Success: true } push) sum += Number(push.Groups[1].Value);
            else if (x.Operands.StartsWith("sp, ", StringComparison.Ordinal) && x.Mnemonic is not ("cmp" or "cmn" or "tst"))
            {
                var step = Step().Match(x.Operands);
                if (!step.Success) return -1;
                if (x.Mnemonic == "sub") sum += Number(step.Groups[1].Value) << (step.Groups[2].Success ? 12 : 0);
                else if (x.Mnemonic != "add") return -1;
            }
        }
        return sum;
    }

    private static long Number(string text) => text.StartsWith("0x", StringComparison.Ordinal)
        ? long.Parse(text[2..], NumberStyles.HexNumber, CultureInfo.InvariantCulture) : long.Parse(text, CultureInfo.InvariantCulture);

    [GeneratedRegex(@"\[sp, #-(\w+)\]!")]
    private static partial Regex PreIndex();

    [GeneratedRegex(@"^sp, sp, #(\w+)(, lsl #12)?$")]
    private static partial Regex Step();
}
