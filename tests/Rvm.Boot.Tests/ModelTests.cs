using System.Globalization;

namespace Rvm.Boot.Tests;

/// <summary>systems/model.yaml: two partitions read one model out of the boot bundle, and neither can change it.</summary>
public class ModelTests
{
    private const int Bytes = 16 << 10;
    private const ulong Model = 4, Everybody = 128, Shared = 4;

    /// <summary>FNV-1a over a region of so many bytes that is filled with systems/model.txt and zeros, in hexadecimal digits.</summary>
    internal static string Digest(int bytes)
    {
        var file = File.ReadAllBytes(Checkout.Path_("systems/model.txt"));
        Assert.InRange(file.Length, 1, bytes);
        return file.Concat(new byte[bytes - file.Length]).Aggregate(0xcbf29ce484222325UL, (h, b) => unchecked((h ^ b) * 0x100000001b3UL)).ToString("x", CultureInfo.InvariantCulture);
    }

    [Fact]
    [Trait("Theorem", "No_partition_reaches_anothers_memory")]
    [Trait("Theorem", "The_hardware_keeps_partitions_apart")]
    [Trait("Theorem", "What_is_shared_never_changes")]
    public void Both_readers_find_the_file_and_zeros_and_write_nothing()
    {
        var run = SystemRun.Of("model").MustBeGood();
        var digest = Digest(Bytes);
        foreach (var (name, id) in new[] { ("alice", 1), ("bob", 2) })
        {
            run.Contains(run.Of(name), l => l == $"reader {id}: {Bytes} bytes, digest 0x{digest}");
            run.Contains(run.Of(name), l => l == "reader: ok");
            Assert.Equal(0UL, run.End((ulong)id).Aux);
        }

        var made = Assert.Single(run.Records, r => r.Kind == 0x20 && r.Aux >> 60 == Shared);
        Assert.Equal((0UL, Everybody << 32 | Model), (made.Subject, made.Object));
        // Each reader: two stores and one load that fault, and maps with permission R only.
        Assert.Equal((3, 3), (run.Kind(0x42, 1), run.Kind(0x42, 2)));
        var maps = run.Records.Where(r => r.Kind == 0x25 && r.Object >> 32 == Model).ToList();
        Assert.Equal(4, maps.Count);
        Assert.All(maps, m => Assert.Equal(0UL, m.Aux >> 60));
    }
}
