using FsCheck.Fluent;
using Rvm.Tool.Bundle;
using Rvm.Tool.Image;
using Rvm.Tool.Tests.Support;

namespace Rvm.Tool.Tests;

public class BundleTests
{
    private static readonly FsCheck.Gen<ulong> Word = Gen.Choose(0, int.MaxValue).Two().Select(p => (ulong)p.Item1 << 33 ^ (ulong)p.Item2);

    private static readonly FsCheck.Gen<BundleContent> Bundle =
        from commands in Gen.ListOf(Gen.ArrayOf(Word, BootCommand.Words))
        from payload in Gen.ArrayOf(Word)
        select new BundleContent([.. commands.Select(c => BootCommand.FromWords(c))], payload);

    [Fact]
    public void Decode_undoes_encode() =>
        Prop.ForAll(Bundle.ToArbitrary(), content =>
        {
            var back = BundleCodec.Decode(BundleCodec.Encode(content), out var reason);
            return reason == "" && back!.Commands.SequenceEqual(content.Commands) && back.Payload.SequenceEqual(content.Payload);
        }).Holds();

    [Fact]
    public void Any_words_are_decoded_or_refused_with_a_reason() =>
        Prop.ForAll(Gen.ArrayOf(Word).ToArbitrary(), words => BundleCodec.Decode(words, out var reason) is null && reason != "").Holds();

    [Fact]
    public void Damaged_headers_are_refused() =>
        Prop.ForAll(Bundle.ToArbitrary(), Gen.Choose(0, 7).ToArbitrary(), (content, at) =>
        {
            var words = BundleCodec.Encode(content);
            words[at] ^= 0x4000_0000_0000_0000;
            return BundleCodec.Decode(words, out var reason) is null && reason != "";
        }).Holds();

    [Fact]
    public void Bytes_and_words_are_little_endian()
    {
        Assert.Equal("RVMBNDL1"u8.ToArray(), BundleCodec.ToBytes([BundleCodec.Magic]));
        Assert.Equal([0x0807060504030201, 0x09UL], BundleCodec.ToWords([1, 2, 3, 4, 5, 6, 7, 8, 9]));
        Assert.Equal((0x3635_3433_3231_3039UL - 0x3635_3433_3231_3039UL + 0x6465_6667UL, 0UL), BundleBuilder.NameWords("gfed"));
    }

    [Fact]
    public void The_kernel_gets_the_bundle_in_its_last_segment()
    {
        var kernel = ElfBuilder.Build(0x4020_0000, new(0x4020_0000, ElfBuilder.Rx, new byte[100], 100), new(0x4200_0000, ElfBuilder.R, new byte[8], 8));
        var image = KernelImage.Attach(kernel, [1, 2, 0xffff_ffff_ffff_ffff]);
        var header = ElfFile.Parse(image).Headers[1];
        Assert.Equal((0x4200_0000UL, 16 + 24UL, 16 + 24UL, 0UL), (header.PhysicalAddress, header.FileSize, header.MemorySize, header.Offset % 4096));
        Assert.Equal([.. new byte[16], 1, 0, 0, 0, 0, 0, 0, 0, 2, 0, 0, 0, 0, 0, 0, 0, .. Enumerable.Repeat((byte)255, 8)], image[(int)header.Offset..]);
        var before = kernel.Length;
        Assert.Equal(kernel.AsSpan(64 + 56 + 56).ToArray(), image[(64 + 56 + 56)..before]);
    }

    [Fact]
    public void A_kernel_without_the_reserved_segment_is_refused() =>
        Assert.Throws<ImageException>(() => KernelImage.Attach(ElfBuilder.Guest(), [1]));
}
