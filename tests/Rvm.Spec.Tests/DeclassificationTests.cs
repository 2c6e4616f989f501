using System.Text.RegularExpressions;
using Rvm.Spec.State;
using Rvm.Spec.Step;
using D = Rvm.Spec.Declassification.__default;
using N = Rvm.Spec.Tests.Neighbours;
using S = Rvm.Spec.Step.__default;
using W = Rvm.Spec.Witness.__default;

namespace Rvm.Spec.Tests;

/// <summary>
/// Each row of the table in spec/Declassification.dfy happens: a partition that may be told is told, it is told nothing but that, and one that
/// may not be told is not. What is not in the table is the theorems' concern.
/// </summary>
public partial class DeclassificationTests
{
    private const string End = "is the log at its end?", WitnessedCalls = "every witnessed call";

    public static TheoryData<string> Names => [.. Telling.All.Select(t => t.Name)];

    [Theory]
    [MemberData(nameof(Names))]
    [Trait("Theorem", "A_partition_learns_only_what_it_may")]
    [Trait("Theorem", "Nothing_flows_but_what_its_source_knows")]
    public void Is_told(string name)
    {
        var (t, a, b, c) = Systems(name, N.Start, N.Asks);
        Assert.Equal(t.Public, !D.SamePublic(a.Before, b.Before));
        Assert.True(D.SamePublic(a.Before, c.Before));
        Assert.Equal(!t.IsSaid, a.Told.Equals(b.Told));
        Assert.NotEqual(t.Seen(a.After, N.Asks), t.Seen(b.After, N.Asks));

        Assert.NotEqual(a.Before, c.Before);
        Assert.Equal(a.Told, c.Told);
        Assert.Equal(t.Seen(a.After, N.Asks), t.Seen(c.After, N.Asks));
        Assert.Equal(Telling.View(a.After, N.Asks), Telling.View(c.After, N.Asks));
        Assert.Equal(D.Felt(a.Effects, N.Asks), D.Felt(c.Effects, N.Asks));
    }

    [Theory]
    [MemberData(nameof(Names))]
    [Trait("Theorem", "A_partition_learns_only_what_it_may")]
    [Trait("Theorem", "Nobody_disturbs_another_without_a_channel")]
    public void Is_not_told_without_the_right(string name)
    {
        var everybodys = Telling.All.Single(t => t.Name == name) is { IsSaid: false } or { By: "the tick" };
        var (t, a, b, _) = Systems(name, everybodys ? N.Start : N.LaterStart, everybodys ? N.Asks : N.Lacks);
        if (!everybodys) Assert.Equal(a.Told, b.Told);
        Assert.NotEqual((a.Before, t.Later ?? 0), (b.Before, 0UL));
        Assert.Equal(t.Seen(a.After, t.Untold), t.Seen(b.After, t.Untold));
        Assert.Equal(Telling.View(a.After, t.Untold), Telling.View(b.After, t.Untold));
        Assert.Equal(D.Felt(a.Effects, (uint)t.Untold), D.Felt(b.Effects, (uint)t.Untold));
    }

    /// <summary>What a system was, what its running partition was told, and what came of it.</summary>
    private sealed record Outcome(_IKernel Before, object Told, _IKernel After, Dafny.ISequence<Common._IEffect> Effects);

    /// <summary>The three systems, valid and the same to the partition that runs in them; and what one event makes of them.</summary>
    private static (Telling, Outcome, Outcome, Outcome) Systems(string name, _IKernel start, int runs)
    {
        var t = Telling.All.Single(t => t.Name == name);
        var other = t.Later is { } later ? t.Event with { Now = later } : t.Event;
        var (a, b, c) = (Reach(t.One, t.Event), Reach(t.Another, other), Reach(t.NotTold, t.Event));
        Assert.All([a, b, c], k => Assert.Equal(Telling.View(a.Before, runs), Telling.View(k.Before, runs)));
        Assert.All([a, b, c], k => Assert.Equal(Telling.View(a.Before, t.Untold), Telling.View(k.Before, t.Untold)));
        return (t, a, b, c);

        Outcome Reach(Func<_IKernel, _IKernel> change, Happening happening)
        {
            var events = happening.Proved(start).Events(start).ToArray();
            var before = events[..^1].Aggregate(change(start), (k, e) => S.Step(k, e).dtor_k);
            Assert.True(Valid.__default.Valid(before));
            Assert.Equal((uint)runs, before.dtor_vol.dtor_sched.dtor_cur);
            var result = S.Step(before, events[^1]);
            return new(before, D.Tells(before, events[^1]), result.dtor_k, result.dtor_effects);
        }
    }

    /// <summary>
    /// No computer holds a log of 2^64 records, but the core, which keeps the last 65536, counts that far. A call that is witnessed tells its caller
    /// when no number is left, whatever its rights; one that is not witnessed tells nothing.
    /// </summary>
    [Fact]
    [Trait("Theorem", "The_core_computes_exactly_Step")]
    public void Is_told_when_the_log_is_at_its_end()
    {
        const ulong last = ulong.MaxValue - 65_536;
        var witnessed = Happening.Call(N.Now, Fn.Base + Fn.CapGrant, N.Region, 0, Right.Read);
        var not = Happening.Call(N.Now, Fn.Base + Fn.TimerWait, 0);
        Assert.Equal((ulong)Code.Ok, After(last - 2, witnessed)[0]);
        Assert.Equal(After(1 << 20, witnessed), After(last - 2, witnessed));
        Assert.Equal(unchecked((ulong)Code.WitnessLogFull), After(last - 1, witnessed)[0]);
        Assert.Equal(After(1 << 20, not), After(last - 1, not));

        static ulong[] After(ulong records, Happening e)
        {
            var core = RvmKernel.__default.New(0x40000, 0x9000, 0x8000, 0x80A0, 0xF60, 0x46000, 0x80000);
            foreach (var boot in N.Events) Assert.Equal(0UL, boot.Deliver(core));
            (core.log.head, core.log.drained) = (records, records);         // drained to the last
            Array.Clear(core.log.used);
            e.Deliver(core);
            return [.. core.ctx[(N.Asks * States.Registers)..((N.Asks + 1) * States.Registers)], core.log.quota[N.Asks]];
        }
    }

    /// <summary>The table and the tests have the same rows, and whatever the table says tells something does so in a test.</summary>
    [Fact]
    [Trait("Theorem", "A_partition_learns_only_what_it_may")]
    public void The_table_has_the_rows_that_are_tested()
    {
        var root = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(root, "Rvm.sln")))
            root = Path.GetDirectoryName(root) ?? throw new InvalidOperationException("Rvm.sln not found");
        var rows = File.ReadLines(Path.Combine(root, "spec", "Declassification.dfy"))
            .SkipWhile(line => !line.TrimStart().StartsWith("---", StringComparison.Ordinal)).Skip(1)
            .TakeWhile(line => line.Trim() != "*/").Select(line => Columns().Split(line.Trim())).ToArray();
        for (var i = rows.Length - 1; i > 0; i--)
            if (rows[i].Length == 1) rows[i - 1][0] += " " + rows[i][0];         // goes on in the next line
        rows = [.. rows.Where(r => r.Length > 1)];
        var tested = Telling.All.Select(t => (t.Row, t.By)).Append((End, WitnessedCalls)).Distinct().ToArray();
        Assert.Equal(rows.Select(r => r[0]), tested.Select(t => t.Item1).Distinct());
        Assert.All(rows, row => Assert.Equal(row[1].Split(", ").Length, tested.Count(t => t.Item1 == row[0])));
        Assert.All(rows.SelectMany(row => row[1].Split(", ").Select(by => (row[0], by))),
            told => Assert.Contains(tested, t => t.Item1 == told.Item1 && t.Item2.Contains(told.by.Trim('_', '…'), StringComparison.Ordinal)));
    }

    [GeneratedRegex(@"\s{2,}")]
    private static partial Regex Columns();
}
