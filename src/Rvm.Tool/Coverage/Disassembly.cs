using System.Globalization;
using System.Text.RegularExpressions;

namespace Rvm.Tool.Coverage;

/// <summary>One instruction.</summary>
/// <param name="Offset">Bytes from where its function begins.</param>
/// <param name="Operands">As objdump writes them.</param>
/// <param name="Target">The offset in the same function that it branches to; null: none.</param>
public sealed record Instruction(ulong Offset, string Mnemonic, string Operands, ulong? Target);

/// <summary>A function of an image and its instructions, without data between them.</summary>
/// <param name="Guards">Offsets of the instructions that only a failed check of an index or a division executes.</param>
public sealed record CodeFunction(string Name, ulong Address, IReadOnlyList<Instruction> Instructions, IReadOnlySet<ulong> Guards)
{
    public IEnumerable<ulong> Offsets => Instructions.Select(i => i.Offset);
}

/// <summary>Functions out of what objdump prints.</summary>
public static partial class Disassembly
{
    /// <summary>
    /// What is no instruction (literals, tables of a switch, padding) does not count. A guard is a call of a routine that reports a failed check and
    /// never returns, with the trap that follows it.
    /// </summary>
    public static List<CodeFunction> Parse(string text)
    {
        List<CodeFunction> functions = [];
        (string Name, ulong Address)? head = null;
        List<Instruction> body = [];
        foreach (var line in text.Split('\n'))
        {
            if (HeadLine().Match(line) is { Success: true } next)
            {
                Finish();
                head = (next.Groups[2].Value, Number(next.Groups[1].ValueSpan));
            }
            else if (head is { } at && CodeLine().Match(line) is { Success: true } code)
            {
                var target = Place().Match(code.Groups[3].Value) is { Success: true } place ? Number(place.Groups[1].ValueSpan) - at.Address : (ulong?)null;
                body.Add(new(Number(code.Groups[1].ValueSpan) - at.Address, code.Groups[2].Value, code.Groups[3].Value, target));
            }
        }

        Finish();
        return functions;

        void Finish()
        {
            if (head is not { } of) return;
            var literals = body.Where(i => i.Mnemonic == "ldr" && i.Target is not null).SelectMany(Words).ToHashSet();
            List<Instruction> real = [.. body.Where(i => i.Mnemonic is not (".word" or ".inst" or "udf" or "nop" or "undefined") && !literals.Contains(i.Offset))];
            functions.Add(new(of.Name, of.Address, real, real.Where(i => i.Mnemonic == "brk" || Failure().IsMatch(i.Operands)).Select(i => i.Offset).ToHashSet()));
            body = [];
        }
    }

    /// <summary>The words of the literal that an instruction loads: 16 bytes into a q register, 8 into x or d, 4 into w or s.</summary>
    private static IEnumerable<ulong> Words(Instruction load) =>
        Enumerable.Range(0, load.Operands[0] switch { 'q' => 4, 'x' or 'd' => 2, _ => 1 }).Select(i => load.Target!.Value + 4 * (ulong)i);

    private static ulong Number(ReadOnlySpan<char> hex) => ulong.Parse(hex, NumberStyles.HexNumber, CultureInfo.InvariantCulture);

    [GeneratedRegex(@"^([0-9a-f]+) <(.+)>:$", RegexOptions.CultureInvariant)]
    private static partial Regex HeadLine();

    [GeneratedRegex(@"^\s*([0-9a-f]+):\s+(\S+)\s*(.*)$", RegexOptions.CultureInvariant)]
    private static partial Regex CodeLine();

    [GeneratedRegex(@"([0-9a-f]+) <", RegexOptions.CultureInvariant)]
    private static partial Regex Place();

    [GeneratedRegex(@"<\w*ThrowHelpers__\w+>", RegexOptions.CultureInvariant)]
    private static partial Regex Failure();
}
