namespace Rvm.Verified.Tests;

/// <summary>The hash of a record, against FNV-1a over the packed bytes, one after the other.</summary>
public class WitnessHashTests
{
    [Fact]
    public void A_hundred_thousand_records_of_any_size_are_chained_over_all_their_bytes()
    {
        var (core, random, chain) = (Rig.Fresh(), new Random(64), Witness.Basis);
        var (log, sizes) = (core.log, new int[3]);
        for (var i = 0; i < 100_000; i++)
        {
            if (log.used[0] == Witness.Capacity) log.DrainAll();
            // The log's number and chain may be anything: their hash has ways of its own for numbers of three, of four or five, and of more bytes.
            if (i % 1000 == 999) log.head += (ulong)random.NextInt64(0, 1L << (2 + i * 57 / 100_000));
            sizes[log.head < 1 << 24 ? 0 : log.head < 1UL << 40 ? 1 : 2]++;
            var (head, time, kind, tier) = (log.head, Word(random), (ulong)random.Next(256), (ulong)random.Next(256));
            var (subject, what, aux) = (random.Next(2) == 0 ? (ulong)random.Next(128) : Word(random), Word(random), Word(random));
            log.Append(0, time, kind, tier, subject, what, aux);
            var r = new Witness(core).Read(head);
            if ((r.Sequence, r.Timestamp, (ulong)r.Kind, (ulong)r.Tier, r.Subject, r.Object, r.Aux, r.Before) != (head, time, kind, tier, subject, what, aux, chain) || r.Reserved != 0 || r.Flags != 0)
                Assert.Fail($"record {i} holds {r}");
            if (r.Hash != r.Computed || log.chain != r.Hash) Assert.Fail($"record {i} has the hash 0x{r.Hash:x}, FNV-1a gives 0x{r.Computed:x}: {r}");
            chain = r.Hash;
        }

        Assert.All(sizes, n => Assert.True(n > 10_000, $"{n} of a hundred thousand"));
    }

    [Fact]
    public void The_reference_gives_the_known_values_of_FNV_1a()
    {
        Assert.Equal(0xcbf29ce484222325, Witness.Fnv([], Witness.Basis));
        Assert.Equal(0xaf63dc4c8601ec8c, Witness.Fnv("a"u8, Witness.Basis));
        Assert.Equal(0x85944171f73967e8, Witness.Fnv("foobar"u8, Witness.Basis));
    }

    private static ulong Word(Random random) => (ulong)random.NextInt64() >> random.Next(64);
}
