using FsCheck;
using FsCheck.Fluent;
using Rvm.Policy.Evaluation;
using Xunit.Abstractions;

namespace Rvm.Verified.Tests;

/// <summary>Any words are admitted or refused and nothing ever throws; an admitted table decides every call and request.</summary>
public class PolicyFuzzTests(ITestOutputHelper output)
{
    private readonly VerifiedPolicy _policy = VerifiedPolicy.None();
    private int _admitted, _refused, _permitted, _forbidden, _denied;

    [Fact]
    public void Mutated_tables_never_throw() => Check(30_000, random => RandomPolicy.Mutate(RandomPolicy.Table(random), random), 1_000);

    [Fact]
    public void Random_words_behind_a_good_header_never_throw() => Check(30_000, Words, 100);

    [Fact]
    public void Random_bytes_never_throw() => Check(30_000, random =>
    {
        var words = new ulong[random.Next(400)];
        random.NextBytes(System.Runtime.InteropServices.MemoryMarshal.AsBytes(words.AsSpan()));
        return words;
    }, 0);

    private void Check(int cases, Func<Random, ulong[]> make, int admitted)
    {
        Prop.ForAll(Gen.Choose(0, int.MaxValue).ToArbitrary(), seed => { Run(new Random(seed), make); return true; })
            .Check(Config.QuickThrowOnFailure.WithMaxTest(cases).WithReplay(1UL, 1UL));
        output.WriteLine($"{_admitted} admitted, {_refused} refused; {_permitted} permitted, {_forbidden} forbidden, {_denied} denied without a rule");
        Assert.True(_admitted >= admitted && _refused >= 1_000, "the words are too much alike");
        if (admitted > 0) Assert.True(_permitted > 100 && _forbidden > 100 && _denied > 100, "the requests are too much alike");
    }

    /// <summary>A whole table is refused or taken: a refused one leaves what was there, word for word.</summary>
    private void Run(Random random, Func<Random, ulong[]> make)
    {
        var (words, before) = (make(random), _policy.Words.ToArray());
        var at = random.Next(3);
        ulong[] source = [.. new ulong[at], .. words, .. new ulong[random.Next(3)]];
        if (!_policy.Load(source, at, words.Length))
        {
            _refused++;
            Assert.Equal(before, _policy.Words);
            return;
        }

        _admitted++;
        Assert.Equal(words[..(int)words[2]], _policy.Words);
        for (var i = 0; i < 20; i++)
        {
            var ruling = _policy.Decide(RandomPolicy.Call(random), RandomPolicy.Request(random));
            if (ruling.Permitted) _permitted++;
            else if (ruling.Rule == Ruling.NoRule) _denied++;
            else _forbidden++;
            Assert.True(ruling.Rule < Ruling.NoRule || !ruling.Permitted && ruling.Rule == Ruling.NoRule, $"ruling {ruling}");
        }
    }

    /// <summary>A good header and index, and rules whose every word is drawn alone, small numbers most of the time.</summary>
    private static ulong[] Words(Random random)
    {
        var words = new ulong[PolicyWords.Body + random.Next(1, 40)];
        new[] { PolicyWords.Magic, 1UL, (ulong)words.Length, (ulong)words.Length, RandomPolicy.Value(random), RandomPolicy.Value(random) }.CopyTo(words, 0);
        for (var n = random.Next(1, 4); n > 0; n--)
            words[PolicyWords.Header + (int)(RandomPolicy.Call(random) % PolicyWords.Calls)] =
                (uint)random.Next(PolicyWords.Body, words.Length) | (ulong)(uint)random.Next(2) << 32 | (ulong)(uint)random.Next(3) << 48;
        for (var i = PolicyWords.Body; i < words.Length; i++)
            words[i] = random.Next(3) switch { 0 => (ulong)random.Next(4), 1 => (uint)(random.Next(8) << 8 | random.Next(3)), _ => RandomPolicy.Value(random) };
        return words;
    }
}
