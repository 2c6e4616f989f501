using FsCheck.Fluent;
using Rvm.Diagnostics;
using Rvm.Policy.Table;
using Rvm.Policy.Tests.Support;

namespace Rvm.Policy.Tests.Table;

/// <summary>Tables as words, and words as tables.</summary>
public class CodecTests
{
    private static readonly ulong[] Words = TableCodec.Encode(Sample.Table(Sample.Tenants));

    [Fact]
    public void Decode_undoes_encode() =>
        Prop.ForAll(Gen.Choose(0, int.MaxValue).ToArbitrary(), seed =>
        {
            var words = TableCodec.Encode(Sample.Table(new RandomPolicy(seed).Source(4, 2)));
            return TableCodec.Decode(words, out var reason) is { } back && reason == "" && TableCodec.Encode(back).SequenceEqual(words);
        }).Holds(50);

    [Fact]
    public void The_header_is_the_documented_one()
    {
        Assert.Equal("RVMPOLY1", System.Text.Encoding.ASCII.GetString(TableCodec.ToBytes(Words.AsSpan(0, 1))));
        Assert.Equal([1UL, 1UL << 1 | 1UL << 2, 1UL << (73 - 64), 0UL, 0UL], [Words[1], Words[4], Words[5], Words[6], Words[7]]);
        Assert.Equal((ulong)Words.Length, Words[3]);
        Assert.Equal(1UL << 48 | 136UL, Words[8 + 1]);
    }

    [Fact]
    public void Calls_that_need_a_deep_proof_are_bits_of_the_header_and_are_written_back()
    {
        var words = TableCodec.Encode(Sample.Table("policy p \"p\"\ndeep policy_activate, partition_create\n\npermit a \"a\"\n  when call = partition_create\n"));
        Assert.Equal([1UL << 12, 1UL << (79 - 64)], [words[6], words[7]]);
        var text = Decompiler.Write(TableCodec.Decode(words, out _)!, "t.bin", new())!;
        Assert.Contains("deep partition_create, policy_activate\n", text, StringComparison.Ordinal);
        Assert.Equal(words, TableCodec.Encode(Sample.Table(text)));
    }

    [Fact]
    public void Any_words_are_decoded_or_refused_with_a_reason() =>
        Prop.ForAll(Gen.ArrayOf(Gen.Choose(0, int.MaxValue).Two().Select(p => (ulong)p.Item1 << 33 ^ (ulong)p.Item2)).ToArbitrary(),
            words => TableCodec.Decode(words, out var reason) is null && reason != "").Holds();

    [Fact]
    public void A_damaged_table_is_decoded_or_refused_and_never_crashes_the_decompiler() =>
        Prop.ForAll(Gen.Choose(0, Words.Length - 1).ToArbitrary(), Gen.Choose(0, 63).ToArbitrary(), (at, bit) =>
        {
            var words = Words.ToArray();
            words[at] ^= 1UL << bit;
            var bag = new DiagnosticBag();
            var table = TableCodec.Decode(words, out var reason);
            return table is null ? reason != "" : Decompiler.Write(table, "t.bin", bag) is not null || bag.HasErrors;
        }).Holds(3000);
}
