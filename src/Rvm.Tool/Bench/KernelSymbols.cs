using System.Text.RegularExpressions;
using Rvm.Tool.Proof;

namespace Rvm.Tool.Bench;

/// <summary>Addresses in a kernel image, by the cross binutils.</summary>
public sealed class KernelSymbols
{
    private readonly string image;
    private readonly IReadOnlyList<(string Name, string Address)> functions;

    public KernelSymbols(string image)
    {
        this.image = image;
        functions = [.. Tools.Output("aarch64-linux-gnu-nm", [image]).Split('\n')
            .Select(line => line.Split(' ')).Where(f => f.Length == 3 && f[1] is "t" or "T").Select(f => (f[2], "0x" + f[0]))];
    }

    /// <summary>Plugin arguments for the entry and the returns of a function; empty when the image does not have it (or inlined it).</summary>
    public IReadOnlyList<string> Points(TimedFunction function)
    {
        var found = functions.FirstOrDefault(f => Regex.IsMatch(f.Name, function.Pattern));
        if (found.Name == null) return [];
        var returns = Tools.Output("aarch64-linux-gnu-objdump", ["-d", "--no-show-raw-insn", $"--disassemble={found.Name}", image]).Split('\n')
            .Select(line => Regex.Match(line, @"^\s*([0-9a-f]+):\s+ret\s*$")).Where(m => m.Success)
            .Select(m => $"pc={Probe.Inside.ReturnOf(function.Name)}:0x{m.Groups[1].Value}");
        return [$"pc={function.Name}:{found.Address}", .. returns];
    }

    /// <summary>Bytes of the section <c>.text</c>, or null.</summary>
    public long? TextBytes()
    {
        var line = Tools.Output("aarch64-linux-gnu-size", ["-A", "-d", image]).Split('\n').FirstOrDefault(l => l.StartsWith(".text ", StringComparison.Ordinal));
        return line != null && long.TryParse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], out var bytes) ? bytes : null;
    }
}
