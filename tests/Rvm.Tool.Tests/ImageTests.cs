using FsCheck.Fluent;
using Rvm.Tool.Image;
using Rvm.Tool.Tests.Support;
using static Rvm.Tool.Tests.Support.ElfBuilder;

namespace Rvm.Tool.Tests;

public class ImageTests
{
    private static readonly RawLayout NoLayout = new(null, null, null, null);

    private static FlatImage Load(params Segment[] segments) => GuestImage.Load(Build(segments[0].Virtual ?? segments[0].Address, segments), NoLayout);

    private static string Refused(byte[] file) => Assert.Throws<ImageException>(() => GuestImage.Load(file, NoLayout)).Message;

    private static string Refused(params Segment[] segments) => Refused(Build(segments[0].Address, segments));

    [Fact]
    public void Code_comes_first_then_data_and_the_rest_is_zero()
    {
        var image = GuestImage.Load(Guest(), NoLayout);
        Assert.Equal((0x4000_0000UL, 1UL, 2UL, 0x4000_0000UL), (image.Base, image.CodePages, image.DataPages, image.Entry));
        Assert.Equal(4099, image.Payload.Length);
        Assert.Equal([1, 2, 3, 4, 5, 6, 7, 8], image.Payload[..8]);
        Assert.All(image.Payload[8..4096], b => Assert.Equal(0, b));
        Assert.Equal([9, 10, 11], image.Payload[4096..]);
    }

    [Fact]
    public void Constants_and_gaps_belong_to_the_code_pages()
    {
        var image = Load(new(0x1000, Rx, new byte[8], 8), new(0x2000, R, [1], 1), new(0x5000, Rw, [2], 1));
        Assert.Equal((4UL, 1UL), (image.CodePages, image.DataPages));
        Assert.Equal((1, 2), (image.Payload[0x1000], image.Payload[0x4000]));
    }

    [Fact]
    public void An_image_without_data_has_no_data_pages() => Assert.Equal((1UL, 0UL), (Load(new Segment(0x1000, Rx, new byte[8], 8)).CodePages, Load(new Segment(0x1000, Rx, new byte[8], 8)).DataPages));

    [Fact]
    public void The_entry_is_translated_to_the_physical_address() =>
        Assert.Equal(0x8_0004UL, GuestImage.Load(Build(0xffff_0000_0000_0004, new Segment(0x8_0000, Rx, new byte[8], 8, 0xffff_0000_0000_0000)), NoLayout).Entry);

    [Fact]
    public void Unusable_programs_are_refused_with_their_reason()
    {
        byte[] Patched(int at, ushort value)
        {
            var file = Guest();
            Put16(file, at, value);
            return file;
        }

        Assert.Contains("32-bit ELF", Refused(Patched(4, 0x0101)), StringComparison.Ordinal);
        Assert.Contains("big-endian", Refused(Patched(4, 0x0202)), StringComparison.Ordinal);
        Assert.Contains("x86-64", Refused(Patched(18, 62)), StringComparison.Ordinal);
        Assert.Contains("position-independent", Refused(Patched(16, 3)), StringComparison.Ordinal);
        Assert.Contains("cut off", Refused(Guest()[..40]), StringComparison.Ordinal);
        Assert.Contains("program header table", Refused(Guest()[..80]), StringComparison.Ordinal);
        Assert.Contains("outside of the file", Refused(Guest()[..^1]), StringComparison.Ordinal);
        Assert.Contains("dynamically linked", Refused(new(0x1000, Rx, new byte[8], 8), new(0x2000, R, new byte[8], 8, Type: 2)), StringComparison.Ordinal);
        Assert.Contains("both writable and executable", Refused(new Segment(0x1000, Rwx, new byte[8], 8)), StringComparison.Ordinal);
        Assert.Contains("no executable segment", Refused(new Segment(0x1000, Rw, new byte[8], 8)), StringComparison.Ordinal);
        Assert.Contains("holds both code and writable data", Refused(new(0x1000, Rx, new byte[8], 8), new(0x1800, Rw, [1], 1)), StringComparison.Ordinal);
        Assert.Contains("lies below code", Refused(new(0x2000, Rx, new byte[8], 8), new(0x1000, Rw, [1], 1)), StringComparison.Ordinal);
        Assert.Contains("overlap", Refused(new(0x1000, Rx, new byte[16], 16), new(0x1008, Rx, [1], 1)), StringComparison.Ordinal);
        Assert.Contains("spans more than", Refused(new(0x1000, Rx, new byte[8], 8), new(0x4000_0000, Rw, [1], 1)), StringComparison.Ordinal);
        Assert.Contains("39-bit", Refused(new Segment(1UL << 39, Rx, new byte[8], 8)), StringComparison.Ordinal);
        Assert.Contains("the entry", Refused(Build(0x2000, new Segment(0x1000, Rx, new byte[8], 8))), StringComparison.Ordinal);
        Assert.Contains("wraps around", Refused(new Segment(ulong.MaxValue - 3, Rx, new byte[4], 8)), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0x1000, 0x1000, 4096, 0, 4096, "")]
    [InlineData(0x1000, 0x1ffc, 4096, 4096, 5000, "")]
    [InlineData(0x1000, 0x2000, 4096, 4096, 5000, "is not an instruction")]
    [InlineData(0x1000, 0x1002, 4096, 4096, 5000, "is not an instruction")]
    [InlineData(0x1001, 0x1004, 4096, 4096, 5000, "not a multiple")]
    [InlineData(0x1000, 0x1000, 4096, 0, 4097, "more than code and data")]
    [InlineData(0x1000, 0x1000, 0, 4096, 10, "without code")]
    [InlineData(0x1000, 0x1000, 4096, 0, 0, "empty")]
    public void Raw_images(ulong load, ulong entry, ulong code, ulong data, int bytes, string message)
    {
        var layout = new RawLayout(load, entry, code, data);
        if (message == "") Assert.Equal((load, entry, code / 4096, data / 4096), Facts(GuestImage.Load(new byte[bytes], layout)));
        else Assert.Contains(message, Assert.Throws<ImageException>(() => GuestImage.Load(new byte[bytes], layout)).Message, StringComparison.Ordinal);
    }

    private static (ulong, ulong, ulong, ulong) Facts(FlatImage i) => (i.Base, i.Entry, i.CodePages, i.DataPages);

    [Fact]
    public void Any_bytes_after_the_magic_number_give_an_image_or_a_refusal() =>
        Prop.ForAll(Gen.ArrayOf(Gen.Choose(0, 255).Select(b => (byte)b)).ToArbitrary(), bytes => Total([0x7f, (byte)'E', (byte)'L', (byte)'F', .. bytes])).Holds();

    [Fact]
    public void Any_damage_to_a_program_gives_an_image_or_a_refusal()
    {
        var patches = Gen.ArrayOf(Gen.Choose(4, 175).Zip(Gen.Elements<byte>(0, 1, 2, 4, 5, 0x7f, 0x80, 0xff)));
        Prop.ForAll(patches.ToArbitrary(), changes =>
        {
            var file = Guest();
            foreach (var (at, value) in changes) file[at] = value;
            return Total(file);
        }).Holds(3000);
    }

    private static bool Total(byte[] file)
    {
        try
        {
            var image = GuestImage.Load(file, NoLayout);
            return image.CodePages >= 1 && (ulong)image.Payload.Length <= image.Pages * 4096 && image.Base % 4096 == 0
                && image.Entry - image.Base < image.CodePages * 4096;
        }
        catch (ImageException)
        {
            return true;
        }
    }
}
