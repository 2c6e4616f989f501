using System.Security.Cryptography;
using Rvm.Tool.Image;
using Rvm.Tool.Proof;

namespace Rvm.Tool.Audit.Digests;

/// <summary>A section of the image. Addresses in hexadecimal, sizes in bytes, digests SHA-256 in hexadecimal.</summary>
public sealed record SectionDigest(string Name, string Address, long Size, string Sha256);

/// <summary>The bytes from a symbol to the next one in its section.</summary>
public sealed record SymbolDigest(string Name, string Section, string Address, long Size, string Sha256);

/// <summary>The kernel image that the audit speaks of, fine enough to name what differs in another one.</summary>
/// <param name="File">relative to the checkout</param>
public sealed record ImageDigest(string File, string Sha256, long Bytes, IReadOnlyList<SectionDigest> Sections, IReadOnlyList<SymbolDigest> Symbols)
{
    public const string Kernel = "artifacts/kernel/kernel.elf";

    /// <summary>The kernel of a checkout; null when none has been built, or when it is no ELF file.</summary>
    public static ImageDigest? Of(Checkout checkout)
    {
        try
        {
            return System.IO.File.Exists(checkout.Path(Kernel)) ? Of(Kernel, System.IO.File.ReadAllBytes(checkout.Path(Kernel))) : null;
        }
        catch (ImageException)
        {
            return null;
        }
    }

    /// <exception cref="ImageException">The bytes are not an AArch64 ELF64 executable.</exception>
    public static ImageDigest Of(string name, byte[] kernel)
    {
        ElfFile.Parse(kernel);
        var elf = ElfSections.Of(kernel);
        var loaded = elf.All.Where(s => s.Loaded && s.HasBytes).ToList();
        return new ImageDigest(name, Hash(kernel), kernel.Length,
            [.. loaded.Select(s => new SectionDigest(s.Name, Hex(s.Address), s.Bytes.Length, Hash(s.Bytes.Span)))],
            [.. loaded.SelectMany(s => Pieces(s, elf.Symbols))]);
    }

    public static string Hash(ReadOnlySpan<byte> bytes) => Convert.ToHexStringLower(SHA256.HashData(bytes));

    /// <summary>The section in pieces, each from one named address to the next; of two names for one address the first counts.</summary>
    private static IEnumerable<SymbolDigest> Pieces(Section section, IReadOnlyList<ElfSymbol> symbols)
    {
        var end = section.Address + (ulong)section.Bytes.Length;
        List<(string Name, ulong At)> starts = [.. symbols.Where(s => s.Section == section.Name && s.Address >= section.Address && s.Address < end)
            .DistinctBy(s => s.Address).Select(s => (s.Name, s.Address))];
        if (starts.Count == 0 || starts[0].At > section.Address) starts.Insert(0, ($"(start of {section.Name})", section.Address));
        return starts.Zip(starts.Skip(1).Append(("", end)), (from, to) =>
        {
            var bytes = section.Bytes.Span[(int)(from.At - section.Address)..(int)(to.Item2 - section.Address)];
            return new SymbolDigest(from.Name, section.Name, Hex(from.At), bytes.Length, Hash(bytes));
        });
    }

    private static string Hex(ulong value) => $"0x{value:x8}";
}
