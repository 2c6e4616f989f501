using System.Security.Cryptography;
using Rvm.Tool.Bundle;
using Rvm.Tool.Image;
using Rvm.Tool.Proof;
using Rvm.Tool.Witness;

namespace Rvm.Tool.Custody;

/// <summary>
/// The last link: what a boot says of itself. The first record of every log attests the bundle's header and commands, by FNV-1a; neither the kernel's own bytes nor
/// those of the guests' images are in it, so the kernel of a system image is compared here, byte for byte, with the one that was linked.
/// </summary>
public static class Measurements
{
    private const string Systems = "artifacts/systems";

    /// <summary>One link for each system image that `rvm build` or `rvm run` has left.</summary>
    public static IEnumerable<CustodyLink> Of(Checkout checkout, string kernel)
    {
        if (!File.Exists(checkout.Path(kernel))) yield break;
        var linked = File.ReadAllBytes(checkout.Path(kernel));
        foreach (var file in checkout.Files(Systems, ".elf"))
        {
            var image = File.ReadAllBytes(checkout.Path(file));
            var same = Carries(image, linked);
            yield return new CustodyLink("measurement", file, Convert.ToHexStringLower(SHA256.HashData(image)), null, same ? CustodyLink.Good : CustodyLink.Stale,
                (same ? "it carries this kernel" : "it carries another kernel: `rvm build` makes it again") + Attested(checkout.Path(Path.ChangeExtension(file, ".bundle"))));
        }
    }

    /// <summary>Whether a system image is this kernel, byte for byte, with a bundle behind it and nothing else.</summary>
    public static bool Carries(byte[] image, byte[] kernel)
    {
        try
        {
            return KernelImage.Detach(image) is { Bundle: not null, Problem: null } found && found.Kernel.AsSpan().SequenceEqual(kernel);
        }
        catch (ImageException) { return false; }
    }

    private static string Attested(string bundle)
    {
        if (!File.Exists(bundle)) return "; its bundle is not beside it";
        var bytes = File.ReadAllBytes(bundle);
        if (bytes.Length % 8 != 0 || BundleCodec.Decode(BundleCodec.ToWords(bytes), out _) is not { } content) return "; the bundle beside it is damaged";
        var covered = (BundleCodec.HeaderWords + content.Commands.Count * BootCommand.Words) * 8;
        return $"; its boot record attests a bundle of {bytes.Length / 8} words, FNV 0x{WitnessRecord.Fnv(bytes.AsSpan(0, covered), WitnessRecord.Anchor):x16}";
    }
}
