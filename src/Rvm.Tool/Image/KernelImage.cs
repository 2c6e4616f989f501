using System.Buffers.Binary;
using Rvm.Tool.Bundle;

namespace Rvm.Tool.Image;

/// <summary>A bootable file taken apart.</summary>
/// <param name="Kernel">the kernel as it was before the bundle was attached</param>
/// <param name="Bundle">the bundle's words; null when the file is a kernel without one</param>
/// <param name="Problem">what else is in the file or does not fit; null when nothing is</param>
public sealed record DetachedImage(byte[] Kernel, ulong[]? Bundle, string? Problem);

/// <summary>Joins a kernel and a bundle into one bootable ELF file, and takes one apart.</summary>
public static class KernelImage
{
    private const int Alignment = 4096;
    private const string BundleSection = ".bundle";

    /// <summary>The words of the bundle that a bootable image carries.</summary>
    /// <exception cref="ImageException">The file is no such image.</exception>
    public static ulong[] Bundle(byte[] image)
    {
        var header = ElfFile.Parse(image).Headers.LastOrDefault(h => h.Type == ProgramHeader.Load);
        if (header is null || header.PhysicalAddress != Abi.BundleBase || header.FileSize <= Abi.BundleHeaderBytes)
            throw new ImageException("no bootable image: it carries no boot bundle", "make one with `rvm build`");
        return BundleCodec.ToWords(image.AsSpan((int)header.Offset + Abi.BundleHeaderBytes, (int)header.FileSize - Abi.BundleHeaderBytes));
    }

    /// <summary>
    /// The kernel with the bundle appended: its last PT_LOAD program header, at physical address 0x4200_0000, points to
    /// 16 zero bytes followed by the bundle's words.
    /// </summary>
    /// <exception cref="ImageException">The kernel is not an AArch64 ELF64 executable or has no such header.</exception>
    public static byte[] Attach(byte[] kernel, ReadOnlySpan<ulong> bundle)
    {
        var elf = ElfFile.Parse(kernel);
        var header = elf.Headers.LastOrDefault(h => h.Type == ProgramHeader.Load);
        if (header is null || header.PhysicalAddress != Abi.BundleBase)
            throw new ImageException($"the kernel's last PT_LOAD segment is not the bundle's at 0x{Abi.BundleBase:x}", "build the kernel again: make build");
        var offset = (kernel.Length + Alignment - 1) / Alignment * Alignment;
        var size = Abi.BundleHeaderBytes + bundle.Length * 8;
        var image = new byte[offset + size];
        kernel.CopyTo(image, 0);
        for (var i = 0; i < bundle.Length; i++)
            BinaryPrimitives.WriteUInt64LittleEndian(image.AsSpan(offset + Abi.BundleHeaderBytes + i * 8), bundle[i]);
        var at = image.AsSpan((int)elf.HeaderTable + header.Index * ElfFile.HeaderBytes);
        BinaryPrimitives.WriteUInt64LittleEndian(at[8..], (ulong)offset);
        BinaryPrimitives.WriteUInt64LittleEndian(at[32..], (ulong)size);
        BinaryPrimitives.WriteUInt64LittleEndian(at[40..], (ulong)size);
        return image;
    }

    /// <summary>Undoes <see cref="Attach"/>: the section <c>.bundle</c> says what the program header said before.</summary>
    /// <exception cref="ImageException">The file is not an AArch64 ELF64 executable.</exception>
    public static DetachedImage Detach(byte[] image)
    {
        var elf = ElfFile.Parse(image);
        var sections = ElfSections.Of(image);
        var header = elf.Headers.LastOrDefault(h => h.Type == ProgramHeader.Load);
        if (header is null || sections.Find(BundleSection) is not { } place || sections.End == 0)
            return new(image, null, $"the file has no section {BundleSection}: `rvm build` did not make it");
        if (header.Offset == place.Offset) return new(image, null, null);
        var (end, start) = ((int)sections.End, (int)(sections.End + Alignment - 1) / Alignment * Alignment);
        var kernel = image[..end];
        var at = kernel.AsSpan((int)elf.HeaderTable + header.Index * ElfFile.HeaderBytes);
        BinaryPrimitives.WriteUInt64LittleEndian(at[8..], place.Offset);
        BinaryPrimitives.WriteUInt64LittleEndian(at[32..], place.Size);
        BinaryPrimitives.WriteUInt64LittleEndian(at[40..], place.Size);
        if (header.Offset != (ulong)start || header.FileSize < Abi.BundleHeaderBytes || header.FileSize % 8 != 0)
            return new(kernel, null, $"the bundle does not follow the kernel: it is said to begin at 0x{header.Offset:x} and to have {header.FileSize} bytes");
        var words = new ulong[((int)header.FileSize - Abi.BundleHeaderBytes) / 8];
        for (var i = 0; i < words.Length; i++) words[i] = BinaryPrimitives.ReadUInt64LittleEndian(image.AsSpan(start + Abi.BundleHeaderBytes + i * 8));
        return new(kernel, words,
            image.AsSpan(end, start + Abi.BundleHeaderBytes - end).ContainsAnyExcept((byte)0) ? "there are bytes between the kernel and the bundle"
            : image.Length != start + (int)header.FileSize ? $"{image.Length - start - (int)header.FileSize} bytes follow the bundle"
            : header.MemorySize != header.FileSize ? "the bundle takes up more memory than it has bytes" : null);
    }
}
