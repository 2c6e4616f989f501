namespace Rvm.Tool.Image;

/// <summary>
/// A guest image as the kernel takes it: code pages (RX), data pages (RW) right after them, and the bytes that they begin with.
/// </summary>
/// <param name="Base">IPA of the first code page, in bytes; a multiple of 4096.</param>
/// <param name="CodePages">Pages mapped RX, at least 1.</param>
/// <param name="DataPages">Pages mapped RW, after the code; may be 0.</param>
/// <param name="Entry">IPA where the guest starts, in bytes; within the code pages.</param>
/// <param name="Payload">Bytes from <paramref name="Base"/> on; what follows them is zero. At most (code + data) pages.</param>
public sealed record FlatImage(ulong Base, ulong CodePages, ulong DataPages, ulong Entry, byte[] Payload)
{
    /// <summary>Most bytes that an image's pages may have: what one mapping may cover.</summary>
    public const ulong MaxBytes = Abi.MaxMapPages * Abi.Page;

    /// <summary>Pages of code and data.</summary>
    public ulong Pages => CodePages + DataPages;

    /// <summary>True when both are the same to the kernel, so that one copy in the bundle does for both.</summary>
    public bool SameAs(FlatImage other) =>
        (Base, CodePages, DataPages, Entry) == (other.Base, other.CodePages, other.DataPages, other.Entry)
        && Payload.AsSpan().SequenceEqual(other.Payload);
}

/// <summary>Where a raw image goes. Bytes; null where the description says nothing.</summary>
public sealed record RawLayout(ulong? Load, ulong? Entry, ulong? Code, ulong? Data)
{
    /// <summary>True when the description gives any of the four.</summary>
    public bool IsGiven => (Load ?? Entry ?? Code ?? Data) is not null;
}

/// <summary>Makes flat images out of ELF and raw files.</summary>
public static class GuestImage
{
    /// <summary>Converts a guest's file.</summary>
    /// <param name="file">Its bytes.</param>
    /// <param name="raw">Where it goes if it is raw.</param>
    /// <exception cref="ImageException">The file, or the layout, cannot be used.</exception>
    public static FlatImage Load(byte[] file, RawLayout raw)
    {
        if (!ElfFile.IsElf(file)) return LoadRaw(file, raw);
        if (raw.IsGiven) throw new ImageException("an ELF file says itself where it goes", "remove load, entry, code and data");
        return LoadElf(ElfFile.Parse(file));
    }

    private static FlatImage LoadRaw(byte[] file, RawLayout raw)
    {
        if (raw is not { Load: { } load, Code: { } code })
            throw new ImageException("not an ELF file, and a raw image needs `load` and `code`", "add load: 0x40000000 and code: 4KiB, or give an ELF file");
        var data = raw.Data ?? 0;
        var entry = raw.Entry ?? load;
        if (file.Length == 0) throw new ImageException("the file is empty", "build the guest again");
        if (load % Abi.Page != 0 || code % Abi.Page != 0 || data % Abi.Page != 0)
            throw new ImageException("`load`, `code` or `data` is not a multiple of 4 KiB", "round them to pages of 4096 bytes");
        if (code == 0) throw new ImageException("a raw image without code", "set code to the size of its executable part, such as 4KiB");
        if (code > FlatImage.MaxBytes || data > FlatImage.MaxBytes - code) throw TooLarge();
        if (load >> Abi.IpaBits != 0) throw Beyond(load);
        if ((ulong)file.Length > code + data)
            throw new ImageException($"the file has {file.Length} bytes, more than code and data together ({code + data})", "enlarge `code` or `data`");
        if (entry < load || entry - load >= code || entry % 4 != 0)
            throw new ImageException($"the entry 0x{entry:x} is not an instruction of the code at 0x{load:x}", "mend `entry`");
        return new(load, code / Abi.Page, data / Abi.Page, entry, file);
    }

    private static FlatImage LoadElf(ElfFile elf)
    {
        var segments = elf.Headers.Where(h => h.Type == ProgramHeader.Load && h.MemorySize > 0).OrderBy(h => h.PhysicalAddress).ToList();
        if (segments.Count == 0) throw new ImageException("nothing to load: no PT_LOAD segment", "link an executable program");
        CheckSegments(segments);
        var data = segments.Where(s => s.Writable).ToList();
        var start = Down(segments[0].PhysicalAddress);
        var end = Up(segments[^1].PhysicalEnd);
        var dataStart = data.Count == 0 ? end : Down(data[0].PhysicalAddress);
        var payload = new byte[segments.Max(s => s.FileSize == 0 ? 0 : s.PhysicalAddress + s.FileSize - start)];
        foreach (var s in segments)
            elf.Bytes.AsSpan((int)s.Offset, (int)s.FileSize).CopyTo(payload.AsSpan((int)Math.Min(s.PhysicalAddress - start, (ulong)payload.Length)));
        return new(start, (dataStart - start) / Abi.Page, (end - dataStart) / Abi.Page, EntryOf(elf, segments), payload);
    }

    private static void CheckSegments(List<ProgramHeader> segments)
    {
        if (segments.Find(s => s.Executable && s.Writable) is { } both)
            throw new ImageException($"segment {both.Index} at 0x{both.PhysicalAddress:x} is both writable and executable",
                "separate .text from .data in the link script, with flags R E and RW");
        if (!segments.Exists(s => s.Executable)) throw new ImageException("no executable segment", "link a program with a .text section");
        var end = segments.Max(s => s.PhysicalEnd);
        if (end > 1UL << Abi.IpaBits) throw Beyond(end);
        if (Up(end) - Down(segments[0].PhysicalAddress) > FlatImage.MaxBytes) throw TooLarge();
        foreach (var (low, high) in segments.Zip(segments.Skip(1)))
        {
            if (high.PhysicalAddress < low.PhysicalEnd)
                throw new ImageException($"segments {low.Index} and {high.Index} overlap at 0x{high.PhysicalAddress:x}", "mend the link script");
            if (low.Writable && !high.Writable)
                throw new ImageException($"the writable segment {low.Index} at 0x{low.PhysicalAddress:x} lies below code or constants",
                    "order the sections in the link script: .text, .rodata, then .data and .bss");
            if (!low.Writable && high.Writable && Down(high.PhysicalAddress) < Up(low.PhysicalEnd))
                throw new ImageException($"the page at 0x{Down(high.PhysicalAddress):x} holds both code and writable data",
                    "link with -z separate-code, or put `. = ALIGN(4096);` before .data in the link script");
        }
    }

    private static ulong EntryOf(ElfFile elf, List<ProgramHeader> segments)
    {
        var home = segments.Find(s => s.Executable && elf.Entry >= s.VirtualAddress && elf.Entry - s.VirtualAddress < s.FileSize);
        if (home is null || elf.Entry % 4 != 0)
            throw new ImageException($"the entry 0x{elf.Entry:x} is not an instruction of an executable segment", "set ENTRY(_start) in the link script");
        return elf.Entry - home.VirtualAddress + home.PhysicalAddress;
    }

    private static ulong Down(ulong address) => address / Abi.Page * Abi.Page;

    private static ulong Up(ulong address) => Abi.Pages(address) * Abi.Page;

    private static ImageException TooLarge() =>
        new($"the image spans more than {FlatImage.MaxBytes >> 20} MiB", "keep its segments close together, or put large buffers into regions");

    private static ImageException Beyond(ulong address) =>
        new($"0x{address:x} is beyond the {Abi.IpaBits}-bit address space of partitions", "link or load it below 0x8000000000");
}
