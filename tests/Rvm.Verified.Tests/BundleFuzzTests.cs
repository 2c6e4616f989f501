using Xunit.Abstractions;

namespace Rvm.Verified.Tests;

/// <summary>Any bundle is booted or refused; a core never throws and never breaks an invariant over one.</summary>
[Trait("Theorem", "Boot_starts_valid_and_stays_so")]
public class BundleFuzzTests(ITestOutputHelper output)
{
    private const int Mutations = 100_000, ThoroughEvery = 50;

    private static readonly ulong[] Interesting =
        [0, 1, 2, 3, 7, 8, 9, 16, 31, 32, 33, 127, 128, 255, 256, 511, 512, 4095, 4096, 4097, 65_535, 65_536, 65_537, 0x7FF_FFFF, 0x800_0000, 0x1FFF_FFFF, 0x2000_0000,
         0xFFFF_FFFE, 0xFFFF_FFFF, 0x1_0000_0000, 1UL << 40, 1UL << 52, 1UL << 61, 1UL << 63, ~0UL - 1, ~0UL];

    [Fact]
    public void Mutated_bundles_give_a_status_and_leave_a_good_kernel()
    {
        var core = Rig.Fresh();
        var fresh = Frozen.Unbooted(core);
        ulong[][] seeds = [Trio.Script().Words(), Crossroads.Words(), new BootScript().Image().Partition().Start(1).Words()];
        Dictionary<string, int> outcomes = [];
        for (var i = 0; i < Mutations; i++)
        {
            var random = new Random(i);
            var words = Mutate(seeds[i % seeds.Length], random);
            Boot(core, words, i, outcomes);
            fresh.Restore(core);
        }

        foreach (var (what, count) in outcomes.OrderByDescending(o => o.Value)) output.WriteLine($"{count,8}  {what}");
        Assert.True(outcomes.GetValueOrDefault("booted") > 100 && outcomes.Count > 12, "the mutations reach too little");
    }

    [Fact]
    public void Random_words_after_a_good_header_give_a_status()
    {
        var core = Rig.Fresh();
        var fresh = Frozen.Unbooted(core);
        Dictionary<string, int> outcomes = [];
        for (var i = 0; i < 20_000; i++)
        {
            var random = new Random(i);
            var words = Enumerable.Range(0, 8 + 8 * random.Next(1, 12)).Select(_ => Word(random)).ToArray();
            if (random.Next(8) != 0) new ulong[] { 0x314C_444E_424D_5652, 1, (ulong)(words.Length - 8) / 8, (ulong)words.Length, 0, 0, 0, 0 }.CopyTo(words, 0);
            for (var at = 8; at < words.Length; at += 8) words[at] = (ulong)random.Next(12);
            Boot(core, words, i, outcomes);
            fresh.Restore(core);
        }

        foreach (var (what, count) in outcomes.OrderByDescending(o => o.Value)) output.WriteLine($"{count,8}  {what}");
    }

    [Fact]
    public void Any_machine_gives_a_kernel()
    {
        var random = new Random(7);
        for (var i = 0; i < 200; i++)
        {
            var core = RvmKernel.__default.New(Word(random), Word(random), Word(random), Word(random), Word(random), Word(random), Word(random));
            Assert.True(core.regions.next <= core.regions.limit && core.regions.limit <= 1UL << 36);
            Rig.Load(core, Trio.Script().Words(), 0);
            new Invariants(core).AfterEvent();
        }
    }

    /// <summary>Boots the words and checks the kernel; half of those that boot take some events besides.</summary>
    private static void Boot(CoreState.Core core, ulong[] words, int seed, Dictionary<string, int> outcomes)
    {
        try
        {
            var (status, command) = Rig.Load(core, words, (ulong)seed);
            Assert.True(Code.IsKnown((ulong)status), $"status {status}");
            var what = status == 0 ? "booted" : command < 0 ? $"header: {status}" : $"command {words.ElementAtOrDefault(8 + 8 * command) switch { > 10 => "?", var o => o.ToString() }}: {status}";
            outcomes[what] = outcomes.GetValueOrDefault(what) + 1;
            var invariants = new Invariants(core);
            invariants.AfterEvent();
            if (seed % ThoroughEvery == 0) invariants.Thorough();
            if (status != 0 || seed % 2 != 0) return;
            var source = new EventSource(core, new Random(seed));
            for (var i = 0; i < 20 && !core.halted; i++) source.Next().Deliver(core);
            invariants.AfterEvent();
        }
        catch (Exception e)
        {
            throw new Xunit.Sdk.XunitException($"bundle of seed {seed}: {e}\n{string.Join(' ', words.Select(w => $"{w:x}"))}");
        }
    }

    private static ulong[] Mutate(ulong[] seed, Random random)
    {
        var words = (ulong[])seed.Clone();
        var commands = 8 + 8 * (int)seed[2];
        for (var n = random.Next(1, 4); n > 0; n--)
        {
            var at = random.Next(12) == 0 ? random.Next(words.Length) : 8 + random.Next(commands - 8);
            if (at >= words.Length) continue;
            switch (random.Next(7))
            {
                case 0: words[at] ^= 1UL << random.Next(64); break;
                case 1: words[at] = Interesting[random.Next(Interesting.Length)]; break;
                case 2: words[at] += (ulong)random.Next(-3, 4); break;
                case 3: words[at] = (ulong)random.NextInt64(long.MinValue, long.MaxValue); break;
                case 4: SwapCommands(words, random, commands); break;
                case 5: CopyCommand(words, random, commands); break;
                default: if (random.Next(6) == 0) words = words[..random.Next(words.Length)]; else words[at] = (ulong)random.Next(16); break;
            }
        }

        return words;
    }

    private static void SwapCommands(ulong[] words, Random random, int commands)
    {
        var (a, b) = (8 * random.Next(1, commands / 8), 8 * random.Next(1, commands / 8));
        for (var i = 0; i < 8 && Math.Max(a, b) + i < words.Length; i++) (words[a + i], words[b + i]) = (words[b + i], words[a + i]);
    }

    private static void CopyCommand(ulong[] words, Random random, int commands)
    {
        var (a, b) = (8 * random.Next(1, commands / 8), 8 * random.Next(1, commands / 8));
        for (var i = 0; i < 8 && Math.Max(a, b) + i < words.Length; i++) words[a + i] = words[b + i];
    }

    private static ulong Word(Random random) => random.Next(3) == 0 ? Interesting[random.Next(Interesting.Length)] : (ulong)random.NextInt64() >> random.Next(64);
}
