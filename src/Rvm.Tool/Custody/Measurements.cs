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

    /// <summary>Whether a system image begins with a kernel, but for the program header that points at its bundle.</summary>
    public static bool Carries(byte[] image, byte[] kernel)
    {
        try
        {
            var elf = ElfFile.Parse(kernel);
            if (image.Length < kernel.Length || elf.Headers.LastOrDefault(h => h.Type == ProgramHeader.Load) is not { } bundle) return false;
            var at = (int)elf.HeaderTable + bundle.Index * ElfFile.HeaderBytes;
            return image.AsSpan(0, at).SequenceEqual(kernel.AsSpan(0, at)) && image.AsSpan(at + ElfFile.HeaderBytes, kernel.Length - at - ElfFile.HeaderBytes).SequenceEqual(kernel.AsSpan(at + ElfFile.HeaderBytes));
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
