using System.Diagnostics;
using Rvm.Tool.Image.Structure;

namespace Rvm.Audit.Tests;

/// <summary>A kernel in small, assembled and linked: good as it stands, and with one defect at a time. Sections __managedcode play the compiled C#.</summary>
public sealed class StructureTests : IDisposable
{
    private const string Assembly = """
        .text
        .global _start, vectors, RhpNewFast, rvm_heap_seal
        _start: mov sp, x1
            bl boot
            b enter
        vectors: mov sp, x2
            bl entry
            b enter
        enter: mov sp, x9
            msr elr_el2, x9
            eret
        fault_report: mov sp, x7
            bl report
        1:  b 1b
        RhpNewFast: mov x6, x30
            b allocate
        allocate: br x6
        """;

    private const string Compiled = """
        .section __managedcode, "ax"
        .global boot, entry, helper, report
        boot: stp x29, x30, [sp, #-32]!
            bl RhpNewFast
            ldp x29, x30, [sp], #32
            ret
        entry: stp x29, x30, [sp, #-64]!
            sub sp, sp, #0x100
            bl helper
            add sp, sp, #0x100
            ldp x29, x30, [sp], #64
            ret
        helper: stp x29, x30, [sp, #-16]!
            nop
            ldp x29, x30, [sp], #16
            ret
        report: ldr x0, =0xd4000003d4000003
            ret
            .pool
        """;

    private const string Switch = """
        cmp w2, #0x1
            b.hi 3f
            mov w1, w2
            adr x2, 9f
            ldr w2, [x2, x1, lsl #2]
            adr x3, 1f
            add x2, x2, x3
            br x2
        1:  nop
        2:  nop
        3:  b 4f
        9:  .word 0, 4
        4:  nop
        """;

    private const string Script = """
        PHDRS { text PT_LOAD FLAGS(5); data PT_LOAD FLAGS(6); }
        SECTIONS { . = 0x40200000; .text : { *(.text) *(__managedcode) } :text . = ALIGN(4096); .data : { *(.data) LONG(0) } :data }
        """;

    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("rvm-structure-");

    public void Dispose() => folder.Delete(recursive: true);

    private static void Run(string program, string folder, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo($"aarch64-linux-gnu-{program}", arguments) { WorkingDirectory = folder, RedirectStandardError = true })!;
        var errors = process.StandardError.ReadToEnd();
        process.WaitForExit();
        Assert.True(process.ExitCode == 0, errors);
    }

    private Dictionary<string, ImageCheck> Checks(string assembly = Assembly, string compiled = Compiled, string script = Script)
    {
        File.WriteAllText(Path.Combine(folder.FullName, "asm.S"), assembly + "\n");
        File.WriteAllText(Path.Combine(folder.FullName, "managed.S"), compiled + "\n");
        File.WriteAllText(Path.Combine(folder.FullName, "k.ld"), script + "\n");
        foreach (var name in new[] { "asm", "managed" }) Run("as", folder.FullName, "-march=armv8-a", "-o", $"{name}.o", $"{name}.S");
        Run("ld", folder.FullName, "-T", "k.ld", "--no-warn-rwx-segments", "-Map", "k.map", "-o", "k.elf", "asm.o", "managed.o");
        var elf = Path.Combine(folder.FullName, "k.elf");
        return new StructureRun(File.ReadAllBytes(elf), File.ReadAllText(Path.Combine(folder.FullName, "k.map")), Disassembly.Of(elf)).Checks().ToDictionary(c => c.Name);
    }

    private static string Helper(string code) => Compiled.Replace("nop", code, StringComparison.Ordinal);

    [Fact]
    public void A_good_image_passes_every_check()
    {
        var checks = Checks();
        Assert.All(checks.Values, c => Assert.True(c.Holds, $"{c.Name}: {c.Detail}"));
        Assert.Equal(["allocation", "el2-state", "fault-stack", "indirect-branch", "stack", "stack-pointer", "text", "wx"], checks.Keys.Order());
        Assert.Equal((64 + 0x100 + 16, "entry → helper"), (checks["stack"].Value, checks["stack"].Detail));
        Assert.Equal(1, checks["indirect-branch"].Value);
    }

    [Fact]
    public void A_switch_is_followed_through_its_table()
    {
        var check = Checks(compiled: Helper(Switch))["indirect-branch"];
        Assert.True(check.Holds, check.Detail);
        Assert.Equal(2, check.Value);
        Assert.Contains("helper: br x2", Checks(compiled: Helper(Switch.Replace(".word 0, 4", ".word 0, 4096")))["indirect-branch"].Detail);
    }

    [Theory]
    [InlineData("indirect-branch", "br x3", "helper: br x3")]
    [InlineData("indirect-branch", "blr x3", "helper: blr x3")]
    [InlineData("indirect-branch", "ret x3", "helper: ret x3")]
    [InlineData("allocation", "bl RhpNewFast", "vectors → entry → helper → RhpNewFast")]
    [InlineData("stack", "bl entry", "no bound: entry → helper → entry")]
    [InlineData("stack", "sub sp, sp, #4, lsl #12", "entry → helper")]
    [InlineData("stack-pointer", "mov sp, x3", "helper")]
    [InlineData("stack-pointer", "sub sp, sp, x3", "helper")]
    [InlineData("el2-state", "msr hcr_el2, x0", "helper: msr hcr_el2, x0")]
    [InlineData("el2-state", ".inst 0xd51c1100", "helper: msr hcr_el2, x0")]
    [InlineData("el2-state", "tlbi alle1", "helper: tlbi alle1")]
    [InlineData("el2-state", "smc #0", "helper: smc #0x0")]
    [InlineData("el2-state", ".inst 0x00c00000", "helper: .inst")]
    [InlineData("text", ".skip 0x20000", "routines")]
    public void A_defect_in_compiled_code_is_named(string check, string code, string detail)
    {
        var checks = Checks(compiled: Helper(code));
        Assert.False(checks[check].Holds);
        Assert.Contains(detail, checks[check].Detail);
    }

    [Fact]
    public void A_writable_segment_with_code_is_named() => Assert.Contains("0x40200000 rwx", Checks(script: Script.Replace("FLAGS(5)", "FLAGS(7)"))["wx"].Detail);

    [Fact]
    public void Without_vectors_or_compiled_code_nothing_is_claimed()
    {
        Assert.False(Checks(assembly: Assembly.Replace("vectors", "elsewhere"))["allocation"].Holds);
        Assert.False(Checks(compiled: Compiled.Replace("__managedcode", ".text.other"), script: Script.Replace("__managedcode", ".text.other"))["el2-state"].Holds);
    }
}
