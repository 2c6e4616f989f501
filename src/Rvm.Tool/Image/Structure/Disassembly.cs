using System.Globalization;
using System.Text.RegularExpressions;
using Rvm.Tool.Proof;

namespace Rvm.Tool.Image.Structure;

/// <param name="Operands">as objdump prints them, without the name of a target</param>
/// <param name="Target">address that a branch or call goes to, or that adr makes</param>
public sealed record Instruction(ulong Address, string Mnemonic, string Operands, ulong? Target)
{
    /// <summary>A call: the next instruction runs when it returns.</summary>
    public bool Calls => Mnemonic is "bl" or "blr";

    /// <summary>Nothing after it runs unless something jumps there.</summary>
    public bool Ends => Mnemonic is "b" or "br" or "ret" or "eret" or "udf" or "brk";

    public bool Jumps => Mnemonic is "b" or "cbz" or "cbnz" or "tbz" or "tbnz" || Mnemonic.StartsWith("b.", StringComparison.Ordinal);
}

/// <summary>A piece of code between two symbols.</summary>
public sealed record Routine(string Name, ulong Address, IReadOnlyList<Instruction> Instructions);

/// <summary>The code of an ELF file, as objdump reads it.</summary>
public sealed partial record Disassembly(IReadOnlyList<Routine> Routines)
{
    private const string Program = "aarch64-linux-gnu-objdump";

    /// <exception cref="ImageException">objdump is missing or cannot read the file</exception>
    public static Disassembly Of(string path)
    {
        var text = Tools.Output(Program, ["-d", "--no-show-raw-insn", path]);
        return text.Length > 0 ? Parse(text) : throw new ImageException($"{Program} does not disassemble {path}", "`make setup` installs it; `make image` builds the file again");
    }

    public static Disassembly Parse(string text)
    {
        var routines = new List<Routine>();
        var code = new List<Instruction>();
        foreach (var line in text.Split('\n'))
            if (HeadLine().Match(line) is { Success: true } head) routines.Add(new Routine(head.Groups[2].Value, Number(head.Groups[1].Value), code = []));
            else if (CodeLine().Match(line) is { Success: true } match && routines.Count > 0) code.Add(Read(match));
        return new Disassembly([.. routines.Where(r => r.Instructions.Count > 0)]);
    }

    private static Instruction Read(Match match)
    {
        var operands = match.Groups[3].Value;
        if (operands.IndexOf("//", StringComparison.Ordinal) is var comment and >= 0) operands = operands[..comment];
        var target = TargetText().Match(operands);
        return new Instruction(Number(match.Groups[1].Value), match.Groups[2].Value, SymbolText().Replace(operands, "").Trim(),
            target.Success ? Number(target.Groups[1].Value) : null);
    }

    private static ulong Number(string text) => ulong.Parse(text, NumberStyles.HexNumber, CultureInfo.InvariantCulture);

    [GeneratedRegex(@"^([0-9a-f]{8,16}) <(.+)>:$")]
    private static partial Regex HeadLine();

    [GeneratedRegex(@"^\s*([0-9a-f]+):\t(\S+)\s*(.*)$")]
    private static partial Regex CodeLine();

    [GeneratedRegex(@"(?:^|[,\s])([0-9a-f]{4,16}) <")]
    private static partial Regex TargetText();

    [GeneratedRegex(@"\s*<[^>]*>")]
    private static partial Regex SymbolText();
}
