using System.Runtime.InteropServices;
using Rvm.Diagnostics;
using Rvm.Tool.Proof;

namespace Rvm.Tool.Coverage;

/// <summary>
/// Which instructions of the kernel are executed, counted by a plugin of QEMU: in the shipped image by every system of <c>systems/</c>, and by tapes
/// in the test image, whose functions are the same (tests/Rvm.Image.Tests, SameCodeTests), so that an instruction counts by function and offset.
/// </summary>
public sealed class ImageCoverage(Checkout checkout)
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
            var copies = missed.Count == all.Count ? [] : CheckedCopies.Among(f, missed.ToHashSet());
            return new Reached(f.Name, all.Count - missed.Count, all.Count, f.Guards.Count, [.. Ranges([.. missed.Where(o => !copies.Contains(o))])], null) { Copies = copies.Count };
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

    private List<CodeFunction> Functions(string image) => Disassembly.Parse(Tools.Output("aarch64-linux-gnu-objdump", ["-d", "--no-show-raw-insn", "-j", ".text", checkout.Path(image)]));

    private static void Must((int Status, string Said) run, string what)
    {
        if (run.Status != 0) throw new UserErrorException($"{what}:\n{run.Said}", "see the messages above");
    }
}
