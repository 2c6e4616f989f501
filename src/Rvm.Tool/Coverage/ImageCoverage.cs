using System.Globalization;
using System.Runtime.InteropServices;
using System.Text.RegularExpressions;
using Rvm.Diagnostics;
using Rvm.Tool.Proof;

namespace Rvm.Tool.Coverage;

/// <summary>A function of an image and its instructions, without data between them.</summary>
/// <param name="Guards">Offsets of the instructions that only a failed check of an index or a division executes.</param>
public sealed record CodeFunction(string Name, ulong Address, IReadOnlyList<ulong> Offsets, IReadOnlySet<ulong> Guards);

/// <summary>
/// Which instructions of the kernel are executed, counted by a plugin of QEMU: in the shipped image by every system of <c>systems/</c>, and by tapes
/// in the test image, whose functions are the same (tests/Rvm.Image.Tests, SameCodeTests), so that an instruction counts by function and offset.
/// </summary>
public sealed partial class ImageCoverage(Checkout checkout)
{
    private const string Folder = "artifacts/coverage", Plugin = "tools/coverage-plugin", Shipped = "artifacts/kernel/kernel.elf", Tested = "artifacts/kernel-test/kernel.elf", Tapes = "20000";

    /// <exception cref="UserErrorException">An image is missing, or a run fails.</exception>
    public IReadOnlyList<Reached> Measure(IReadOnlyList<string> systems)
    {
        Directory.CreateDirectory(checkout.Path(Folder));
        Must(Processes.Run("gcc", ["-O2", "-shared", "-fPIC", "-o", checkout.Path($"{Folder}/coverage.so"), checkout.Path($"{Plugin}/coverage.c")], checkout.Root, []), $"gcc cannot build {Plugin}/coverage.c");
        var boots = Counted(Shipped, "boots", environment =>
        {
            foreach (var system in systems)
                Must(Processes.Run("./rvm", ["run", system, "--timeout", "900"], checkout.Root, environment), $"{system} does not run");
        });
        var tapes = Counted(Tested, "tapes", environment => Must(Processes.Run("dotnet",
            ["test", "tests/Rvm.Image.Tests", "--nologo", "-v", "quiet", "--filter", "FullyQualifiedName~ScriptTests"], checkout.Root, [.. environment, new("RVM_IMAGE_EVENTS", Tapes)]), "the tapes do not play"));
        return Join(Functions(Shipped), [boots, tapes]);
    }

    /// <summary>A function is reached where any run reached it; functions that only the test image has are left out.</summary>
    public static IReadOnlyList<Reached> Join(IReadOnlyList<CodeFunction> functions, IReadOnlyList<IReadOnlySet<(string, ulong)>> runs) =>
        [.. functions.Select(f =>
        {
            var all = f.Offsets.Where(o => !f.Guards.Contains(o)).ToList();
            var missed = all.Where(o => !runs.Any(r => r.Contains((f.Name, o)))).ToList();
            return new Reached(f.Name, all.Count - missed.Count, all.Count, f.Guards.Count, [.. Ranges(missed)], null);
        }).Where(r => r.All > 0)];

    /// <summary>Offsets as ranges, <c>+0x10..+0x1c</c>.</summary>
    private static IEnumerable<string> Ranges(List<ulong> offsets)
    {
        for (var i = 0; i < offsets.Count;)
        {
            var from = i;
            while (++i < offsets.Count && offsets[i] == offsets[i - 1] + 4) { }
            yield return from == i - 1 ? $"+0x{offsets[from]:x}" : $"+0x{offsets[from]:x}..+0x{offsets[i - 1]:x}";
        }
    }

    /// <summary>The instructions, by function and offset, that were executed while this ran.</summary>
    private HashSet<(string, ulong)> Counted(string image, string name, Action<IReadOnlyList<KeyValuePair<string, string>>> run)
    {
        if (!File.Exists(checkout.Path(image))) throw new UserErrorException($"{image} is missing", "make build test-image");
        var (code, hits) = (checkout.Path($"{Folder}/{name}.code"), checkout.Path($"{Folder}/{name}.hits"));
        foreach (var old in Directory.GetFiles(checkout.Path(Folder), $"{name}.hits.*")) File.Delete(old);
        Must(Processes.Run("aarch64-linux-gnu-objcopy", ["-O", "binary", "-j", ".text", checkout.Path(image), code], checkout.Root, []), "objcopy failed");
        var functions = Functions(image);
        var start = functions.Min(f => f.Address);
        run([new("RVM_QEMU", checkout.Path($"{Plugin}/qemu.sh")), new("RVM_COVERAGE", $"{checkout.Path($"{Folder}/coverage.so")},out={hits},code={code},base=0x{start:x}")]);
        var counts = new ulong[new FileInfo(code).Length / 4];
        foreach (var file in Directory.EnumerateFiles(checkout.Path(Folder), $"{name}.hits.*"))
        {
            var one = MemoryMarshal.Cast<byte, ulong>(File.ReadAllBytes(file));
            for (var i = 0; i < counts.Length && i < one.Length; i++) counts[i] += one[i];
        }

        return [.. functions.SelectMany(f => f.Offsets.Where(o => counts[(f.Address + o - start) / 4] > 0).Select(o => (f.Name, o)))];
    }

    private List<CodeFunction> Functions(string image) => Parse(Tools.Output("aarch64-linux-gnu-objdump", ["-d", "--no-show-raw-insn", "-j", ".text", checkout.Path(image)]));

    /// <summary>
    /// Functions out of a disassembly. What is no instruction (literals, tables of a switch, padding) does not count. A guard is a call of a routine
    /// that reports a failed check and never returns, with the trap that follows it.
    /// </summary>
    public static List<CodeFunction> Parse(string disassembly)
    {
        List<CodeFunction> functions = [];
        foreach (var line in disassembly.Split('\n'))
        {
            if (HeadLine().Match(line) is { Success: true } head)
            {
                functions.Add(new(head.Groups[2].Value, ulong.Parse(head.Groups[1].ValueSpan, NumberStyles.HexNumber, CultureInfo.InvariantCulture), new List<ulong>(), new HashSet<ulong>()));
                continue;
            }

            if (functions.Count == 0 || CodeLine().Match(line) is not { Success: true } code || code.Groups[2].Value is ".word" or ".inst" or "udf" or "nop" or "undefined") continue;
            var function = functions[^1];
            var offset = ulong.Parse(code.Groups[1].ValueSpan, NumberStyles.HexNumber, CultureInfo.InvariantCulture) - function.Address;
            ((List<ulong>)function.Offsets).Add(offset);
            if (code.Groups[2].Value == "brk" || Failure().IsMatch(code.Groups[3].Value)) ((HashSet<ulong>)function.Guards).Add(offset);
        }

        return functions;
    }

    private static void Must((int Status, string Said) run, string what)
    {
        if (run.Status != 0) throw new UserErrorException($"{what}:\n{run.Said}", "see the messages above");
    }

    [GeneratedRegex(@"^([0-9a-f]+) <(.+)>:$", RegexOptions.CultureInvariant)]
    private static partial Regex HeadLine();

    [GeneratedRegex(@"^\s*([0-9a-f]+):\s+(\S+)\s*(.*)$", RegexOptions.CultureInvariant)]
    private static partial Regex CodeLine();

    [GeneratedRegex(@"<\w*ThrowHelpers__\w+>", RegexOptions.CultureInvariant)]
    private static partial Regex Failure();
}
