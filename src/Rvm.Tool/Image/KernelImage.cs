using System.Buffers.Binary;
using Rvm.Tool.Bundle;

namespace Rvm.Tool.Image;

/// <summary>Joins a kernel and a bundle into one bootable ELF file.</summary>
public static class KernelImage
{
    private const int Alignment = 4096;

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
}
