using System.Collections.Concurrent;
using Rvm.Model.Subject;
using Rvm.Spec.Apply;
using Rvm.Spec.State;
using A = Rvm.Spec.Apply.__default;
using C = Rvm.Spec.Capabilities.__default;
using V = Rvm.Spec.Valid.__default;

namespace Rvm.Model.Checks;

/// <summary>What has been judged already, by the contents that the judgement depends on; shared by all that search.</summary>
public sealed class Judgements
{
    private readonly ConcurrentDictionary<UInt128, bool> _good = new();

    private long _asked;

    /// <summary>How often a judgement was asked for, and how many different ones there were.</summary>
    public (long Asked, long Made) Counts => (_asked, _good.Count);

    public bool IsKnown(UInt128 key)
    {
        System.Threading.Interlocked.Increment(ref _asked);
        return _good.ContainsKey(key);
    }

    public void Good(UInt128 key) => _good[key] = true;
}

/// <summary>
/// The compiled specification as the judge. Each conjunct of the invariant is a function of some parts of the state and is computed once for each
/// contents of those; what each record makes of a structure is computed once for each structure and record.
/// </summary>
public sealed class SpecChecks(Testbed testbed, SpecState spec, Judgements judgements)
{
    private readonly CoreState.Core _core = testbed.Core;

    /// <summary>What each conjunct of spec/Valid.dfy speaks of; one that is not here is computed in every state.</summary>
    private static readonly Dictionary<string, Parts> Reads = new()
    {
        [Conjuncts.Sized] = Parts.None,
        [Conjuncts.Caps] = Parts.Caps,
        [Conjuncts.Regions] = Parts.Memory,
        [Conjuncts.Placed] = Parts.Memory,
        [Conjuncts.Aged] = Parts.Caps | Parts.Memory | Parts.Partitions | Parts.Edges,
        [Conjuncts.Leased] = Parts.Partitions | Parts.Memory | Parts.Maps | Parts.Gate,
        [Conjuncts.Maps] = Parts.Partitions | Parts.Memory | Parts.Maps,
        [Conjuncts.Edges] = Parts.Edges | Parts.Queues,
        [Conjuncts.Sched] = Parts.Tasks,
        [Conjuncts.Started] = Parts.Partitions | Parts.Tasks,
        [Conjuncts.Log] = Parts.Log,
        [Conjuncts.Ends] = Parts.Partitions | Parts.Log | Parts.Flags,
        [Conjuncts.Length] = Parts.Log,
        [Conjuncts.Small] = Parts.Log,
        [Conjuncts.Images] = Parts.Flags,
        [Conjuncts.Devices] = Parts.Gate,
    };

    /// <summary>
    /// Conjuncts that speak of each capability by itself, for those only that may change: the others were judged after the boot. The whole conjunct is
    /// computed for every <see cref="WholeEvery"/>th contents.
    /// </summary>
    private static readonly Dictionary<string, Func<SpecState, bool>> Each = new()
    {
        [Conjuncts.Caps] = s => s.ChangingCaps.All(C.SlotOk),
        [Conjuncts.Aged] = s => s.Objects is var objects && s.ChangingCaps.All(c => V.Older(objects, c)) && objects.dtor_parts.All(p => p.dtor_gen <= Rvm.Spec.Limits.__default.GENMAX),
    };

    private const uint WholeEvery = 64;

    private static readonly (string Name, Func<_IKernel, bool> Holds, Parts Reads, UInt128 Salt)[] All =
        [.. Conjuncts.Top.Select((c, n) => (c.Key, c.Value, Reads.GetValueOrDefault(c.Key, Parts.All), new UInt128((ulong)n + 1, 0)))];

    /// <summary>The first conjunct of Valid that does not hold; null: all hold.</summary>
    /// <param name="whole">Computes all conjuncts whole.</param>
    public string? Valid(StateVector state, bool whole = false)
    {
        _IKernel? kernel = null;
        foreach (var (name, holds, reads, salt) in All)
        {
            var key = state.Hash(reads) ^ salt;
            if (judgements.IsKnown(key)) continue;
            try
            {
                var good = Each.TryGetValue(name, out var each) && (uint)key % WholeEvery != 0 && !whole ? each(spec) : holds(kernel ??= spec.Kernel(chained: true));
                if (!good) return $"Valid: {name} does not hold";
            }
            catch (DifferenceException e)
            {
                return $"Valid: the arrays stand for no state: {e.Message}";
            }

            judgements.Good(key);
        }

        return null;
    }

    /// <summary>
    /// The structure after an event is what the new records make of the structure before it, by the specification's Apply, so by induction it is
    /// always the fold of the log.
    /// </summary>
    /// <param name="parent">The structure before, made only if it is asked for; puts the core into another state.</param>
    public string? Fold(UInt128 was, UInt128 now, ulong head, Func<_IStructure> parent)
    {
        Span<ulong> key = stackalloc ulong[4 + 16 * 4];
        var words = 4;
        List<LogRecord> records = [];
        for (var n = head; n < _core.log.head; n++)
        {
            var r = LogRecord.Read(LogRecord.Words(_core, n));
            if (!r.IsStructural) continue;
            records.Add(r);
            (key[words], key[words + 1], key[words + 2], key[words + 3]) = (r.Kind, r.Subject, r.Object, r.Aux);
            words += 4;
        }

        if (records.Count == 0) return was == now ? null : "The_log_tells_all: the structure has changed without a record";
        (key[0], key[1], key[2], key[3]) = ((ulong)was, (ulong)(was >> 64), (ulong)now, (ulong)(now >> 64));
        var hash = System.IO.Hashing.XxHash128.HashToUInt128(System.Runtime.InteropServices.MemoryMarshal.AsBytes(key[..words]), 77);
        if (judgements.IsKnown(hash)) return null;
        if (Told(records, parent) is { } wrong) return wrong;
        judgements.Good(hash);
        return null;
    }

    private string? Told(List<LogRecord> records, Func<_IStructure> parent)
    {
        try
        {
            var after = spec.Structure;
            var told = parent();
            foreach (var r in records)
            {
                if (r.Action is not { } action) return $"The_log_tells_all: nobody knows what {r} means (src/Rvm.Model/Checks/LogRecord.cs)";
                if (!A.Applicable(told, action)) return $"The_log_tells_all: {r} tells of an action that is not applicable";
                told = A.Apply(told, action);
            }

            return Differences.Of(told, after) is { } difference ? $"The_log_tells_all: after {string.Join(", ", records)}: {difference}" : null;
        }
        catch (DifferenceException e)
        {
            return $"The_hardware_sees_what_the_map_says: {e.Message}";
        }
    }
}
