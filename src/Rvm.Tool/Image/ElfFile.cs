using System.Buffers.Binary;

namespace Rvm.Tool.Image;

/// <summary>A program header of an ELF64 file. Addresses and sizes in bytes.</summary>
/// <param name="Index">Its number in the program header table.</param>
/// <param name="Type">1: to be loaded; 2: dynamic; 3: interpreter.</param>
/// <param name="Flags">Bit 0 executable, bit 1 writable, bit 2 readable.</param>
public sealed record ProgramHeader(
    int Index, uint Type, uint Flags, ulong Offset, ulong VirtualAddress, ulong PhysicalAddress, ulong FileSize, ulong MemorySize)
{
    /// <summary>p_type of a loadable segment.</summary>
    public const uint Load = 1;

    /// <summary>True when code may run from it.</summary>
    public bool Executable => (Flags & 1) != 0;

    /// <summary>True when it may be written.</summary>
    public bool Writable => (Flags & 2) != 0;

    /// <summary>First physical address after the segment. Never overflows: the reader has checked it.</summary>
    public ulong PhysicalEnd => PhysicalAddress + MemorySize;
}

/// <summary>The parts of an AArch64 ELF64 executable that matter for loading it. All numbers were checked against the file's length.</summary>
public sealed record ElfFile(byte[] Bytes, ulong Entry, ulong HeaderTable, IReadOnlyList<ProgramHeader> Headers)
{
    /// <summary>Bytes of one ELF64 program header.</summary>
    public const int HeaderBytes = 56;

    private const ushort MachineAarch64 = 183;

    /// <summary>True when the file begins with the ELF magic number.</summary>
    public static bool IsElf(ReadOnlySpan<byte> file) => file.StartsWith("\u007fELF"u8);

    /// <summary>Parses the file.</summary>
    /// <exception cref="ImageException">It is not a static little-endian AArch64 ELF64 executable, or its tables point outside of it.</exception>
    public static ElfFile Parse(byte[] file)
    {
        if (!IsElf(file)) throw new ImageException("not an ELF file", "build an AArch64 ELF64 executable, or describe a raw image with load, entry and code");
        if (file.Length < 64) throw new ImageException($"the ELF header is cut off ({file.Length} bytes)", "build the file again");
        if (file[4] != 2) throw new ImageException("not ELF64: a 32-bit ELF file", "build it with aarch64-linux-gnu-gcc");
        if (file[5] != 1) throw new ImageException("a big-endian ELF file", "build it little-endian");
        var machine = Half(file, 18);
        if (machine != MachineAarch64)
            throw new ImageException($"not an AArch64 program: it is for {Machine(machine)}", "build it with aarch64-linux-gnu-gcc");
        if (Half(file, 16) != 2)
            throw new ImageException(Half(file, 16) == 3 ? "a position-independent or shared ELF file" : "not an executable ELF file",
                "link it with -static -no-pie");
        var (table, size, count) = (Word(file, 32), Half(file, 54), Half(file, 56));
        if (count == 0 || size != HeaderBytes || table > (ulong)file.Length || (ulong)count * HeaderBytes > (ulong)file.Length - table)
            throw new ImageException("the program header table is missing or outside of the file", "build the file again");
        var headers = Enumerable.Range(0, count).Select(i => Header(file, i, (int)table + i * HeaderBytes)).ToList();
        return new(file, Word(file, 24), table, headers);
    }

    private static ProgramHeader Header(byte[] file, int index, int at)
    {
        var header = new ProgramHeader(index, Single(file, at), Single(file, at + 4), Word(file, at + 8), Word(file, at + 16),
            Word(file, at + 24), Word(file, at + 32), Word(file, at + 40));
        if (header.Type is 2 or 3) throw new ImageException("a dynamically linked program", "link it with -static -no-pie");
        if (header.Type != ProgramHeader.Load) return header;
        if (header.FileSize > header.MemorySize)
            throw new ImageException($"segment {index} has more bytes in the file than in memory", "build the file again");
        if (header.Offset > (ulong)file.Length || header.FileSize > (ulong)file.Length - header.Offset)
            throw new ImageException($"segment {index} lies outside of the file", "the file is cut off: build it again");
        if (header.MemorySize > ulong.MaxValue - header.PhysicalAddress || header.MemorySize > ulong.MaxValue - header.VirtualAddress)
            throw new ImageException($"segment {index} wraps around the address space", "mend the link script");
        return header;
    }

    private static ushort Half(byte[] file, int at) => BinaryPrimitives.ReadUInt16LittleEndian(file.AsSpan(at));

    private static uint Single(byte[] file, int at) => BinaryPrimitives.ReadUInt32LittleEndian(file.AsSpan(at));

    private static ulong Word(byte[] file, int at) => BinaryPrimitives.ReadUInt64LittleEndian(file.AsSpan(at));

    private static string Machine(ushort machine) => machine switch
    {
        3 => "x86", 40 => "32-bit Arm", 62 => "x86-64", 243 => "RISC-V", 8 => "MIPS", _ => $"machine {machine}",
    };
}
