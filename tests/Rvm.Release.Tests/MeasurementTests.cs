using Rvm.Release.Tests.Support;
using Rvm.Tool.Audit.Digests;
using Rvm.Tool.Bundle;
using Rvm.Tool.Custody;
using Rvm.Tool.Image;
using Rvm.Tool.Proof;
using Rvm.Tool.Tests.Support;

namespace Rvm.Release.Tests;

/// <summary>The last link of the chain of custody: whether the system images that lie about carry the kernel that was linked, with one byte wrong at each kind of place.</summary>
public sealed class MeasurementTests : IDisposable
{
    private const string Image = "artifacts/systems/two/two.elf";

    private static readonly byte[] Kernel = SmallAudit.Kernel;
    private static readonly byte[] Good = KernelImage.Attach(Kernel, [1, 2, 3]);

    private readonly TempFolder folder = new();

    public MeasurementTests() => folder.Write(ImageDigest.Kernel, Kernel);

    public void Dispose() => folder.Dispose();

    private CustodyLink Link(byte[] image)
    {
        folder.Write(Image, image);
        return Assert.Single(Measurements.Of(new Checkout(folder.Root), ImageDigest.Kernel));
    }

    private static byte[] Flipped(int at)
    {
        var bad = (byte[])Good.Clone();
        bad[at] ^= 1;
        return bad;
    }

    [Fact]
    public void A_system_image_with_the_linked_kernel_is_good()
    {
        var link = Link(Good);
        Assert.Equal(("measurement", Image, CustodyLink.Good, ImageDigest.Hash(Good)), (link.Stage, link.Name, link.State, link.Digest));
        Assert.StartsWith("it carries this kernel", link.Note);
    }

    public static TheoryData<string, int> Places
    {
        get
        {
            var (elf, sections) = (ElfFile.Parse(Kernel), ElfSections.Of(Kernel));
            var bundle = (int)elf.HeaderTable + elf.Headers.Last(h => h.Type == ProgramHeader.Load).Index * ElfFile.HeaderBytes;
            var places = new TheoryData<string, int> { { "padding of the header", 9 }, { "entry point", 24 }, { "first program header", (int)elf.HeaderTable + 8 } };
            places.Add("permissions of the bundle's segment", bundle + 4);
            places.Add("address of the bundle's segment", bundle + 24);
            places.Add("size of the bundle's segment", bundle + 32);
            foreach (var name in new[] { ".text", ".rodata", ".data" }) places.Add(name, (int)(sections.Find(name)!.Offset + sections.Find(name)!.Size / 2));
            places.Add("last byte of the kernel", Kernel.Length - 1);
            return places;
        }
    }

    [Theory]
    [MemberData(nameof(Places))]
    public void One_flipped_bit_makes_it_another_kernel(string what, int at)
    {
        var link = Link(Flipped(at));
        Assert.True(link.State == CustodyLink.Stale, what);
        Assert.StartsWith("it carries another kernel", link.Note);
    }

    [Fact]
    public void What_is_no_system_image_carries_no_kernel()
    {
        Assert.Equal(CustodyLink.Good, Link(Good).State);
        foreach (var bad in new[] { [], Kernel, Kernel[..^1], Good[..^1], [.. Good, 0], Good[..0x200], "no ELF"u8.ToArray() }) Assert.Equal(CustodyLink.Stale, Link(bad).State);
    }

    [Fact]
    public void A_bundle_is_not_the_kernel_and_its_attestation_is_told()
    {
        var bundle = BundleCodec.Encode(new BundleContent([new BootCommand((ulong)Operation.End)], []));
        folder.Write(Path.ChangeExtension(Image, ".bundle"), BundleCodec.ToBytes(bundle));
        Assert.Contains($"its boot record attests a bundle of {bundle.Length} words, FNV 0x", Link(KernelImage.Attach(Kernel, bundle)).Note);
        Assert.Contains("its bundle is not beside it", Measurements.Of(Empty(), ImageDigest.Kernel).Single().Note);

        Checkout Empty()
        {
            File.Delete(folder.At(Path.ChangeExtension(Image, ".bundle")));
            return new Checkout(folder.Root);
        }
    }
}
