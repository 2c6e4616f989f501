using System.Buffers.Binary;
using System.Globalization;
using System.Text.RegularExpressions;

namespace Rvm.Tool.Image.Structure;

/// <summary>
/// The compiler's switch: the index is compared with its limit, a table behind the code gives each case's distance from a base, and <c>br</c> goes there:
/// <c>cmp wI, #n; b.hi …; adr xT, table; ldr wT, [xT, xI, lsl #2]; adr xB, base; add xT, xT, xB; br xT</c>.
/// </summary>
/// <param name="Branch">address of the <c>br</c></param>
/// <param name="Begin">address of the table</param>
/// <param name="Targets">where its entries lead</param>
public sealed partial record JumpTable(ulong Branch, ulong Begin, IReadOnlyList<ulong> Targets)
{
    private const int Reach = 12;       // instructions before the branch in which all of this must stand

    public ulong End => Begin + (ulong)Targets.Count * 4;

    /// <summary>The switch that a <c>br</c> ends, or null when it is no such switch.</summary>
    public static JumpTable? At(IReadOnlyList<Instruction> code, int branch, ElfFile elf)
    {
        if (code[branch] is not { Mnemonic: "br" } br || branch < 6) return null;
        if (code[branch - 1] is not { Mnemonic: "add" } add || !add.Operands.StartsWith(br.Operands + ",", StringComparison.Ordinal)) return null;
        if (code[branch - 2] is not { Mnemonic: "adr", Target: { } from } || code[branch - 4] is not { Mnemonic: "adr", Target: { } table }) return null;
        if (code[branch - 3] is not { Mnemonic: "ldr" } load || !load.Operands.Contains("lsl #2", StringComparison.Ordinal)) return null;
        for (var i = branch - 5; i > Math.Max(0, branch - Reach); i--)
            if (code[i].Mnemonic == "b.hi" && Compare().Match(code[i - 1].Mnemonic + " " + code[i - 1].Operands) is { Success: true } limit)
                return Read(br.Address, table, from, int.Parse(limit.Groups[1].Value, NumberStyles.HexNumber, CultureInfo.InvariantCulture) + 1, elf);
        return null;
    }

    private static JumpTable? Read(ulong branch, ulong table, ulong from, int entries, ElfFile elf)
    {
        var segment = elf.Headers.FirstOrDefault(h => h.Type == ProgramHeader.Load && table >= h.VirtualAddress && table + (ulong)entries * 4 <= h.VirtualAddress + h.FileSize);
        if (segment == null || segment.Writable) return null;
        var at = (int)(segment.Offset + (table - segment.VirtualAddress));
        return new JumpTable(branch, table, [.. Enumerable.Range(0, entries).Select(i => from + BinaryPrimitives.ReadUInt32LittleEndian(elf.Bytes.AsSpan(at + i * 4)))]);
    }

    [GeneratedRegex(@"^cmp w\d+, #0x([0-9a-f]+)$")]
    private static partial Regex Compare();
}
