namespace Rvm.ImageTests;

/// <summary>A single changed word of what the image left is found, and the message names it.</summary>
public class ComparisonTests
{
    private static readonly Script Script = Script.Random(4, 300);

    /// <summary>What an image that agrees would have left.</summary>
    private static ImageRun Agreeing()
    {
        var (core, report) = (Script.Model.Core, new ulong[512]);
        for (var i = 0; i < Live.Scalars; i++) report[Tape.FirstScalar + i] = Live.Scalar(core, i);
        ulong[][] arrays = [.. Enumerable.Range(0, Live.Arrays).Select(i => Live.IsShort(i) ? Array.ConvertAll(Live.Short(core, i)!, w => (ulong)w) : (ulong[])Live.Long(core, i)!.Clone())];
        return new([], report, Script.Words, Script.Model.Trace.ToArray(), Script.Model.Log.ToArray(), arrays, 0);
    }

    private static string? Compare(ImageRun run, bool recorded = false) => Comparison.First(Script.Model, run, Script.AfterBoot, recorded);

    [Fact]
    public void Without_a_difference_there_is_none() => Assert.Null(Compare(Agreeing()));

    [Fact]
    public void A_changed_byte_of_the_log_names_the_record_its_field_and_the_event()
    {
        var run = Agreeing();
        run.Log[8 * 40 + 2] ^= 1;
        run.Log[8 * 90 + 2] ^= 1;
        Assert.StartsWith("record 40 differs (kind):", Compare(run), StringComparison.Ordinal);
        run = Agreeing();
        run.Log[^1] ^= 1UL << 40;
        var last = Compare(run);
        Assert.StartsWith($"record {run.Log.Length / 8 - 1} differs (flags):", last, StringComparison.Ordinal);
        Assert.Contains("at event ", last, StringComparison.Ordinal);
    }

    [Fact]
    public void A_missing_record_is_named() =>
        Assert.StartsWith($"record {Script.Model.Core.log.head - 1} differs (is missing):", Compare(Agreeing() with { Log = Script.Model.Log[..^8].ToArray() }), StringComparison.Ordinal);

    [Fact]
    public void Every_word_of_an_events_trace_counts()
    {
        for (var i = 0; i < Tape.TraceWords; i++)
        {
            var run = Agreeing();
            run.Trace[Tape.TraceWords * 17 + i] ^= 0x100;
            Assert.Contains("event 17: ", Compare(run), StringComparison.Ordinal);
        }

        Assert.Contains("the image had 299 events, the model 300", Compare(Agreeing() with { Trace = Script.Model.Trace[..^8].ToArray() }), StringComparison.Ordinal);
    }

    [Fact]
    public void Every_word_of_the_last_state_counts()
    {
        for (var i = 0; i < Live.Scalars; i++)
        {
            var run = Agreeing();
            run.Report[Tape.FirstScalar + i] ^= 2;
            Assert.NotNull(Compare(run));               // the tables' frame, too: the descriptors do not fit it any more
        }

        for (var i = 0; i < Live.Arrays; i++)
            foreach (var n in new[] { 0, 64 + 7, Words(i) - 1 })
            {
                var run = Agreeing();
                run.Arrays[i][n % Words(i)] ^= 1UL << 31;
                Assert.StartsWith($"word {n % Words(i)} of array {i} of the last state differs", Compare(run), StringComparison.Ordinal);
            }

        static int Words(int i) => Live.IsShort(i) ? Live.Short(Script.Model.Core, i)!.Length : Live.Long(Script.Model.Core, i)!.Length;
    }

    [Fact]
    public void Only_what_the_platform_saves_may_differ_in_a_recorded_run()
    {
        var run = Agreeing();
        run.Arrays[Live.Registers][64 + 19] ^= 1;
        Assert.NotNull(Compare(run));
        Assert.Null(Compare(run, recorded: true));
        run.Arrays[Live.Registers][64 + 18] ^= 1;
        Assert.NotNull(Compare(run, recorded: true));
    }
}
