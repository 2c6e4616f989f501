using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Text.RegularExpressions;
using Rvm.Tool.Witness;
using Xunit.Abstractions;

namespace Rvm.ImageTests;

/// <summary>
/// systems/fuzz.yaml: two partitions make 1,000,000 random hypercalls, structured and wild. The kernel does not fault, the bystander's result is right,
/// the log is complete; the state that the image is left in satisfies the specification's invariant, and is, word for word, the one that the core on
/// the host reaches by the same events.
/// </summary>
public partial class HostileTests(ITestOutputHelper output)
{
    private const int Calls = 1_000_000;

    [Theory]
    [InlineData(1)]
    [InlineData(4)]
    [Trait("Theorem", "Boot_starts_valid_and_stays_so")]
    [Trait("Theorem", "Nothing_happens_without_a_capability")]
    [Trait("Theorem", "The_log_only_grows")]
    public void A_million_hostile_calls_leave_a_valid_state_and_a_whole_log(int cores)
    {
        var bundle = Systems.Bundle("fuzz");
        var image = Machine.Run(bundle, tape: null, cores, seconds: 600);
        var console = string.Join('\n', image.Console.Where(l => !Noise().IsMatch(l)));
        Assert.DoesNotContain("RVM KERNEL FAULT", console, StringComparison.Ordinal);
        Assert.DoesNotContain("FAILED", console, StringComparison.Ordinal);
        Assert.True(image.Console.Any(l => l.StartsWith("RVM HALT status=0 ", StringComparison.Ordinal)), console + "\n" + BadEnds(image));
        Assert.Equal(2, image.Console.Count(l => l.EndsWith("| fuzzer: ok", StringComparison.Ordinal)));
        Assert.Contains("warden| warden: ok", image.Console);
        Assert.Contains(image.Console, l => l.StartsWith("bystander| victim: result correct after ", StringComparison.Ordinal));
        output.WriteLine($"-smp {cores}: {image.Events} events, {image.Log.Length / 8} records in {image.Seconds:f1} s\n{console}");

        var verified = WitnessChain.Verify(MemoryMarshal.AsBytes(image.Log.AsSpan()).ToArray());
        Assert.True(verified.Findings.Count == 0, string.Join("; ", verified.Findings.Take(3)));

        Proofs(image);

        var clock = Stopwatch.StartNew();
        var model = Systems.Replay(bundle, TapeEvent.Read(image.Tape), out var events);
        Assert.Null(Comparison.First(model, image, events, recorded: true));
        output.WriteLine($"replayed on the host in {clock.Elapsed.TotalSeconds:f1} s: every byte of the log, every event and every word of the state agree");
        clock.Restart();
        Assert.True(Spec.Valid.__default.Valid(LiveState.Of(image)), "the state that the image is left in does not satisfy the invariant");
        output.WriteLine($"the specification's Valid holds of it (evaluated in {clock.Elapsed.TotalSeconds:f1} s)");
        Assert.True(events.Count(e => e.Kind == Tape.Hypercall) >= Calls && image.Console.Count(l => l.Contains($"| fuzzer: {Calls / 2} calls: ", StringComparison.Ordinal)) == 2, "not so many calls");
    }

    /// <summary>Proofs were accepted for every call that needs one, under both policies; and refused, by rules, too.</summary>
    private void Proofs(ImageRun image)
    {
        var records = Records(image).ToList();
        var accepted = records.Where(r => r.Kind == Rec.Proved).GroupBy(r => (uint)(r.Aux >> 32)).ToDictionary(g => g.Key, g => g.Count());
        var refused = records.Where(r => r.Kind == Rec.Rejected && (long)r.Aux == Code.ProofInvalid).ToLookup(r => r.Object >> 32 != 0);
        var activated = records.Where(r => r.Kind == Rec.PolicyActivate).Select(r => r.Object).ToHashSet();
        output.WriteLine($"proofs accepted for {string.Join(", ", accepted.OrderBy(a => a.Key).Select(a => $"call {a.Key}: {a.Value}"))}; tokens refused: {refused[false].Count()}; denied by the policy, {string.Join(", ", refused[true].GroupBy(r => (r.Object >> 32) - 1).OrderBy(g => g.Key).Select(g => $"rule {g.Key}: {g.Count()}"))}");
        Assert.Equal(Fn.Sealed.Order(), accepted.Keys.Order());
        Assert.Equal(new ulong[] { 1, 2 }, activated.Order());
        Assert.True(refused[false].Count() > 100 && refused[true].Count() > 100, "hardly any proof was refused");
        Assert.True(refused[true].Select(r => r.Object >> 32).Distinct().Count() > 3, "hardly any rule has denied");
    }

    private static IEnumerable<WitnessRecord> Records(ImageRun image) =>
        Enumerable.Range(0, image.Log.Length / 8).Select(i => WitnessRecord.Read(MemoryMarshal.AsBytes(image.Log.AsSpan(8 * i, 8))));

    private static string BadEnds(ImageRun image) => string.Join('\n', Records(image).Where(r => r.Kind == Rec.Terminate && r.Aux != 0).Take(10));

    /// <summary>What the fuzzers print by random calls.</summary>
    [GeneratedRegex(@"^(mallory|oscar)\| (?!fuzzer: |FAILED)", RegexOptions.CultureInvariant)]
    private static partial Regex Noise();
}
