using System.Globalization;
using System.Text.RegularExpressions;

namespace Rvm.Tool.Image.Structure;

/// <summary>
/// Reads structural properties off a kernel image: what its segments allow, where indirect branches lead, what the exception vectors can reach, how deep the
/// stack gets, and who touches the processor's state. It trusts neither the compiler nor the sources: it reads the bytes that boot.
/// </summary>
/// <param name="file">the linked kernel</param>
/// <param name="map">the linker's map, which tells compiled C# from assembly</param>
public sealed partial class StructureRun
{
    /// <summary>Sections of compiled C#: only these come from the ahead-of-time compiler.</summary>
    private static readonly string[] Managed = ["__managedcode", "__unbox"];

    /// <summary>Indirect branches that are no switch of the compiler, with the reason why they are safe.</summary>
    private static readonly Dictionary<string, string> Indirect = new(StringComparer.Ordinal) { ["allocate"] = "returns to the caller of RhpNewFast, or to RhpNewArrayFast: x6 was set before the jump" };

    /// <summary>Where the stack pointer is set anew; what is called there begins at the top of a stack.</summary>
    private static readonly HashSet<string> Tops = ["_start", "vectors", "enter", "fault_report"];

    private const string Vectors = "vectors", FaultReport = "fault_report";
    private const long TextLimit = 128 * 1024, KernelStack = 16384, FaultStack = 4096;

    private readonly ElfFile elf;
    private readonly List<Routine> routines;
    private readonly List<JumpTable> tables = [];
    private readonly List<(ulong Begin, ulong End)> literals = [];
    private readonly List<string> strays = [];
    private readonly CallGraph graph;
    private readonly List<(ulong Begin, ulong End)> managed;
    private int branches;

    public StructureRun(byte[] file, string map, Disassembly code)
    {
        elf = ElfFile.Parse(file);
        managed = [.. ManagedLine().Matches(map).Where(m => Managed.Contains(m.Groups[1].Value)).Select(m => (Number(m.Groups[2].Value), Number(m.Groups[2].Value) + Number(m.Groups[3].Value)))];
        foreach (var routine in code.Routines) literals.AddRange(routine.Instructions.Select(Literal).OfType<(ulong, ulong)>());
        foreach (var routine in code.Routines) Branches(routine);
        routines = [.. code.Routines.Select(Code).Where(r => r.Instructions.Count > 0)];
        graph = new CallGraph(routines);
    }

    public IReadOnlyList<ImageCheck> Checks() => [Segments(), Text(), IndirectBranches(), Allocation(), Recursion(), Stack("stack", KernelStack, fault: false), Stack("fault-stack", FaultStack, fault: true), State()];

    private ImageCheck Segments()
    {
        var loads = elf.Headers.Where(h => h.Type == ProgramHeader.Load).ToList();
        var bad = loads.Where(h => h.Writable && h.Executable).ToList();
        var shown = string.Join(", ", loads.Select(h => $"0x{h.VirtualAddress:x} {(h.Flags >> 2 & 1) switch { 1 => "r", _ => "-" }}{(h.Writable ? "w" : "-")}{(h.Executable ? "x" : "-")}"));
        var one = loads.Count(h => h.Executable) == 1;
        return new ImageCheck("wx", "no segment is writable and executable, and one is executable", bad.Count == 0 && one, bad.Count, 0, shown);
    }

    private ImageCheck Text()
    {
        var size = elf.Headers.Where(h => h is { Type: ProgramHeader.Load, Executable: true }).Sum(h => (long)h.MemorySize);
        return new ImageCheck("text", "the code is no larger than its budget", size <= TextLimit, size, TextLimit, $"{routines.Count} routines");
    }

    private ImageCheck IndirectBranches() => new(
        "indirect-branch", "every indirect branch is a switch whose table leads into its own routine, or is listed", strays.Count == 0, branches, branches - strays.Count,
        strays.Count > 0 ? string.Join("; ", strays) : $"{tables.Count} switches; listed: {string.Join(", ", Indirect.Keys)}");

    /// <summary>After boot everything begins at the exception vectors.</summary>
    private ImageCheck Allocation()
    {
        if (routines.All(r => r.Name != Vectors)) return new ImageCheck("allocation", "nothing that runs after boot allocates", false, 0, 0, $"there is no symbol {Vectors}");
        var reached = graph.Reach([Vectors]);
        var found = reached.Where(name => name == "allocate" || name.StartsWith("RhpNew", StringComparison.Ordinal) || name.StartsWith("rvm_heap_", StringComparison.Ordinal)).Order(StringComparer.Ordinal).ToList();
        return new ImageCheck("allocation", "nothing that runs after boot allocates", found.Count == 0, found.Count, 0,
            found.Count == 0 ? $"{reached.Count} routines can be reached from the exception vectors" : string.Join("; ", found.Select(f => string.Join(" → ", graph.Path([Vectors], f)))));
    }

    private ImageCheck Recursion()
    {
        var found = graph.Unbounded.Where(name => !Tops.Contains(name)).ToList();
        return new ImageCheck("stack-pointer", "only the switch of stacks sets the stack pointer to anything but a constant distance", found.Count == 0, found.Count, 0, string.Join(", ", found.DefaultIfEmpty("as claimed")));
    }

    /// <summary>What assembly calls: there a stack is empty. The report of a fault has its own.</summary>
    private IEnumerable<string> Roots(bool fault) => routines.Where(r => !IsManaged(r) && r.Name == FaultReport == fault).SelectMany(r => r.Instructions)
        .Where(x => x is { Mnemonic: "bl", Target: not null }).Select(x => routines.FindLast(r => r.Address <= x.Target)!.Name).Distinct();

    private ImageCheck Stack(string name, long size, bool fault)
    {
        var claim = $"the {(fault ? "fault report's" : "kernel's")} stack is never deeper than it is long";
        var (most, chain) = (-1L, (IReadOnlyList<string>)[]);
        foreach (var root in Roots(fault))
        {
            var (bytes, path) = graph.Depth(root, Tops.Contains);
            if (bytes == null) return new ImageCheck(name, claim, false, 0, size, $"no bound: {string.Join(" → ", path)}");
            if (bytes > most) (most, chain) = (bytes.Value, path);
        }
        return new ImageCheck(name, claim, most >= 0 && most <= size, Math.Max(0, most), size, most < 0 ? "no entry was found" : string.Join(" → ", chain.Select(Short)));
    }

    /// <summary>Compiled C# is the verified core and the device code; only assembly may hold these instructions.</summary>
    private ImageCheck State()
    {
        var found = routines.Where(IsManaged).SelectMany(r => r.Instructions.Where(x => Privileged().IsMatch(x.Mnemonic)).Select(x => $"{r.Name}: {x.Mnemonic} {x.Operands}")).ToList();
        var assembly = routines.Where(r => !IsManaged(r)).SelectMany(r => r.Instructions).Count(x => x.Mnemonic == "msr" && x.Operands.Contains("_el2", StringComparison.Ordinal));
        var known = managed.Count > 0;
        return new ImageCheck("el2-state", "no compiled code writes a system register, invalidates, or changes the exception level", known && found.Count == 0, found.Count, 0,
            !known ? "the map names no compiled code" : found.Count > 0 ? string.Join("; ", found.Take(5)) : $"{routines.Count(IsManaged)} compiled routines have none; assembly writes EL2 registers at {assembly} places");
    }

    private void Branches(Routine routine)
    {
        for (var i = 0; i < routine.Instructions.Count; i++)
        {
            var x = routine.Instructions[i];
            if (IsData(x.Address)) continue;
            if (x.Mnemonic == "ret" && x.Operands.Length > 0) { branches++; strays.Add($"{routine.Name}: ret {x.Operands}"); }
            if (!x.Mnemonic.StartsWith("br", StringComparison.Ordinal) && !x.Mnemonic.StartsWith("blr", StringComparison.Ordinal) || x.Mnemonic == "brk") continue;
            branches++;
            var table = JumpTable.At(routine.Instructions, i, elf);
            if (table != null && table.Targets.All(t => routine.Instructions.Any(y => y.Address == t) && (t < table.Begin || t >= table.End))) tables.Add(table);
            else if (!Indirect.ContainsKey(routine.Name) || x.Mnemonic != "br") strays.Add($"{routine.Name}: {x.Mnemonic} {x.Operands}");
        }
    }

    /// <summary>A routine without the data in it: literals and the tables of switches.</summary>
    private Routine Code(Routine routine) => routine with
    {
        Instructions = [.. routine.Instructions.Where(x => x.Mnemonic is not (".word" or ".short" or ".byte" or "...") && !IsData(x.Address))],
    };

    /// <summary>Data among the code: the table of a switch, or a constant that a load names.</summary>
    private bool IsData(ulong address) => tables.Any(t => address >= t.Begin && address < t.End) || literals.Any(l => address >= l.Begin && address < l.End);

    private static (ulong, ulong)? Literal(Instruction x) => x is { Mnemonic: "ldr" or "ldrsw", Target: { } at }
        ? (at, at + x.Operands[0] switch { 'q' => 16UL, 'x' or 'd' => 8UL, _ => 4UL })
        : null;

    private bool IsManaged(Routine routine) => managed.Any(m => routine.Address >= m.Begin && routine.Address < m.End);

    private static string Short(string name) => name.Replace("Rvm_Platform_Aarch64_Rvm_Platform_Aarch64_", "", StringComparison.Ordinal).Replace("Rvm_Verified_", "", StringComparison.Ordinal).Replace("___default__", ".", StringComparison.Ordinal);

    private static ulong Number(string text) => ulong.Parse(text, NumberStyles.HexNumber, CultureInfo.InvariantCulture);

    [GeneratedRegex(@"^ (\S+)\s+0x([0-9a-f]+)\s+0x([0-9a-f]+) \S+\.o$", RegexOptions.Multiline)]
    private static partial Regex ManagedLine();

    [GeneratedRegex("^(msr|sys|sysl|tlbi|dc|ic|at|hvc|smc|svc|eret|wfi|wfe|cpp|dvp|cfp|\\.inst)$")]
    private static partial Regex Privileged();
}
