using System.Diagnostics;
using System.Text.Json;
using Rvm.Spec.Apply;
using Rvm.Spec.State;
using Rvm.Tool.Replay;
using Rvm.Tool.Tests.Support;
using Rvm.Tool.Witness;
using Xunit.Abstractions;
using Structure = Rvm.Tool.Replay.Structure;
using A = Rvm.Spec.Apply.__default;

namespace Rvm.Spec.Tests;

/// <summary>The replay of `rvm witness replay` is the fold of spec/Apply.dfy, and what it rebuilds is the state that wrote the log.</summary>
public class ReplayTests(ITestOutputHelper output)
{
    private const ulong Free = 0x46000, End = 0x80000;

    [Fact]
    [Trait("Theorem", "The_log_tells_all")]
    public void What_is_rebuilt_from_a_log_is_the_state_that_wrote_it()
    {
        var records = 0;
        Parallel.For(0, 18, new ParallelOptions { MaxDegreeOfParallelism = 2 }, i =>
        {
            if ((Profile)(i % EventSequence.Profiles) == Profile.Aged) return;       // begins with worn-out slots, which no boot does
            var k = Play(seed: 51 + i, (Profile)(i % EventSequence.Profiles), 300, out var first);
            var log = LogFile.Of(k.dtor_log);
            var (replay, spec) = (WitnessReplay.Run(log, limit: first.dtor_st.dtor_memory.dtor_limit), new SpecReplay(first.dtor_st));
            if (first.dtor_st.dtor_memory.dtor_next != Free) return;                 // a machine that makes no sense; its boot is refused
            foreach (var r in LogFile.Records(log)) spec.Apply(r);
            Assert.Equal(log.Length / 64, replay.Applied);
            SpecReplay.Same(k.dtor_st, replay.Structure);
            SpecReplay.Same(k.dtor_log, replay.Accounts);
            SpecReplay.Same(spec.Structure, replay.Structure);
            SpecReplay.Same(spec.Log, replay.Accounts);
            System.Threading.Interlocked.Add(ref records, replay.Applied);
        });
        output.WriteLine($"{records} records");
        Assert.True(records > 3000, $"only {records} records");
    }

    private static _IKernel Play(int seed, Profile profile, int length, out _IKernel first)
    {
        var random = new Random(seed);
        var k = first = new Mirror(Loader.Core(random, profile)).Kernel();
        var (loader, caller) = (new Loader(random, profile), new Caller(random));
        Happening? e;
        while ((e = loader.Next(k)) is not null) k = e.Step(k).dtor_k;
        for (var n = 0; !k.dtor_booting && n < length && (e = caller.Next(k)) is not null; n++) k = e.Step(k).dtor_k;
        return k;
    }

    /// <summary>Actions that no kernel would carry out, on structures that no kernel would have: the tool says so exactly where the specification does.</summary>
    [Fact]
    public void Any_action_does_to_any_structure_what_Apply_and_Note_say()
    {
        var (random, applied, refused) = (new Random(4), new int[256], new int[256]);
        for (var run = 0; run < 18; run++)
        {
            var (tool, accounts) = (new Structure(Free, End), new Accounts());
            var (spec, log) = (SpecReplay.Empty(Free, End), Witness.__default.Start);
            if (run % 3 == 2) spec = Worn(tool, spec, random);
            for (var n = 0; n < 400; n++)
            {
                var r = SpecReplay.Write(RandomAction.Next(random), (ulong)log.dtor_records.Count, 5);
                var (action, kind) = (SpecReplay.Read(r), RecordKinds.Find(r.Kind)!);
                Assert.Null(kind.Surplus(r));
                var (notable, applicable) = (A.Notable(log, action), A.Applicable(spec, action));
                Assert.Equal(notable, accounts.Refusal(r, kind) is null);
                if (notable) accounts.Note(r, kind);
                Assert.Equal(applicable, kind.Apply?.Invoke(tool, r) is null);
                (applicable ? applied : refused)[r.Kind]++;
                (spec, log) = (A.Apply(spec, action), A.Note(log, action, 5));
                if (n % 20 != 19) continue;
                SpecReplay.Same(spec, tool);
                SpecReplay.Same(log, accounts);
            }
        }

        foreach (var kind in RecordKinds.All) Assert.True(applied[kind.Number] > 10, $"{kind.Name} was applied {applied[kind.Number]} times");
        byte[] refusing = [0x01, 0x07, 0x08, 0x10, 0x11, 0x12, 0x20, 0x25, 0x26, 0x30, 0x31, 0x40, 0x50, 0x51, 0x70, 0x71];
        foreach (var kind in refusing) Assert.True(refused[kind] > 5, $"{WitnessKind.Name(kind)} was refused {refused[kind]} times");
    }

    /// <summary>Slots that have been used nearly as often as a generation can count, in both.</summary>
    private static _IStructure Worn(Structure tool, _IStructure spec, Random random)
    {
        uint Old() => uint.MaxValue - (uint)random.Next(4);
        for (var p = 1; p < Structure.Partitions; p++) tool.Parts[p] = new(Old(), Life.Free, 0, 0);
        for (var i = 0; i < tool.Capabilities.Length; i++) tool.Capabilities[i] = new(Old(), 0, 0, 0, 0, 0, 0, 0);
        for (var i = 0; i < tool.Regions.Length; i++) tool.Regions[i] = new(Old(), 0, 0, 0, 0);
        for (var i = 0; i < tool.Edges.Length; i++) tool.Edges[i] = new(Old(), 0, 0, 0);
        return Spec.State.Structure.create(States.Seq(tool.Parts.Select(p => Part.create(p.Generation, 0, 0, 0))),
            States.Seq(tool.Capabilities.Select(c => Cap.create(c.Generation, 0, 0, 0, 0, 0, 0, 0))),
            Spec.State.Memory.create(States.Seq(tool.Regions.Select(r => Region.create(r.Generation, 0, 0, 0, 0))), Free, End), spec.dtor_maps,
            States.Seq(tool.Edges.Select(e => Edge.create(e.Generation, 0, 0, 0))), spec.dtor_policy, spec.dtor_nonces, spec.dtor_leases);
    }

    [Fact]
    public void The_tool_knows_every_action_of_the_specification()
    {
        var actions = typeof(Spec.Apply.Action).Assembly.GetTypes().Where(t => t.IsSubclassOf(typeof(Spec.Apply.Action))).ToArray();
        Assert.True(actions.Length >= 25);
        foreach (var type in actions)
        {
            var constructor = type.GetConstructors().Single();
            var action = (_IAction)constructor.Invoke([.. constructor.GetParameters().Select(p => Activator.CreateInstance(p.ParameterType))]);
            var kind = (byte)A.Encode(action).dtor_kind;
            Assert.True(RecordKinds.Find(kind) is not null, $"src/Rvm.Tool/Witness/RecordKinds.cs has no row for {type.Name}, whose records have the kind 0x{kind:X2}");
        }
    }

    /// <summary>Two states differ for `rvm witness diff` exactly when they differ for the specification.</summary>
    [Fact]
    public void A_difference_is_shown_exactly_when_there_is_one()
    {
        var log = new LongRun(7, 1500).Log;
        var (spec, changed, same) = (new SpecReplay(SpecReplay.Empty(Free, End)), 0, 0);
        var (before, after) = (new Structure(Free, End), new Structure(Free, End));
        var (first, second) = (new WitnessReplay(before), new WitnessReplay(after));
        foreach (var r in LogFile.Records(log))
        {
            var old = spec.Structure;
            spec.Apply(r);
            Assert.Null(second.Apply(r));
            var differences = Difference.Between(before, after);
            Assert.Equal(!old.Equals(spec.Structure), differences.Count > 0);
            _ = differences.Count > 0 ? changed++ : same++;
            Assert.Null(first.Apply(r));
        }

        Assert.True(changed > 500 && same > 200, $"{changed} changed, {same} did not");
    }

    [Fact]
    public void A_million_records_replay_within_ten_seconds_to_the_state_of_the_core_that_wrote_them()
    {
        const int records = 1_000_000;
        var watch = Stopwatch.StartNew();
        var run = new LongRun(3, records);
        output.WriteLine($"{run.RunningRecords} records made in {watch.Elapsed.TotalSeconds:f1} s");
        var log = run.Log;
        watch.Restart();
        var result = WitnessReplay.Run(log, (ulong)run.RunningRecords - 1, End);
        output.WriteLine($"verified and replayed in {watch.Elapsed.TotalSeconds:f1} s");
        Assert.Equal((run.RunningRecords, null), (result.Applied, result.Stop));
        var core = run.Running;
        SpecReplay.Same(Spec.State.Structure.create(core.Parts, core.Caps, Spec.State.Memory.create(core.Regions, run.Core.regions.next, run.Core.regions.limit),
            States.Seq(Enumerable.Range(0, States.Partitions).Select(core.Map)), core.Edges, run.Core.gate.active, States.Seq(run.Core.gate.nonces), core.Leases), result.Structure);
        Assert.Equal(run.Core.log.quota, result.Accounts.Quota);
        Assert.Equal(run.Core.log.used, result.Accounts.Used);
        foreach (var kind in RecordKinds.All.Select(k => k.Number).Except<byte>([0x09, 0x20, 0x42, 0x70, 0x80, 0x82, 0x8F]))
            Assert.True(LogFile.Records(log).Take(50_000).Count(r => r.Kind == kind) > 5, $"the log has hardly any {WitnessKind.Name(kind)}");
        run.Finish();
        Time(run);
    }

    /// <summary>The whole command, with the start of its process and the reading of the file.</summary>
    private void Time(LongRun run)
    {
        using var folder = new TempFolder();
        var file = folder.Write("long.bin", run.Log);
        var watch = Stopwatch.StartNew();
        var replay = RvmProcess.Run(folder.Root, "witness", "replay", file, "--format", "json");
        var seconds = watch.Elapsed.TotalSeconds;
        output.WriteLine($"rvm witness replay: {seconds:f1} s, {run.Log.Length / 64} records");
        Assert.True(replay.ExitCode == 0, replay.All);
        var json = JsonDocument.Parse(replay.Output).RootElement;
        Assert.Equal(run.Log.Length / 64, json.GetProperty("applied").GetInt32());
        Assert.True(json.GetProperty("state").GetProperty("log").GetProperty("drained").GetUInt64() > 900_000);
        Assert.Equal(0, json.GetProperty("state").GetProperty("partitions").GetArrayLength());
        Assert.True(seconds < 10, $"{seconds:f1} s");
    }
}
