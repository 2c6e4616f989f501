using System.Text.RegularExpressions;
using Rvm.Platform.Hvf;
using Rvm.Platform.Hvf.Framework;
using Rvm.Platform.Hvf.Seam;
using Rvm.Tool.Bundle;
using Rvm.Tool.Planning;
using Rvm.Verified.Tests;

namespace Rvm.Hvf.Tests;

/// <summary>The platform without a framework: the walk over the core's tables, effects, and its size.</summary>
public sealed partial class PlatformTests
{
    [Theory, InlineData("hello"), InlineData("intruder"), InlineData("mapper")]
    public void The_walk_gives_what_the_tables_hold_and_nothing_else(string system)
    {
        var kernel = Booted(system);
        for (uint p = 1; p <= 2; p++)
        {
            if (kernel.Core.sched.tab[p * 8 + 1] == 0) continue;             // there is no such partition: its tables hold anything
            var pages = Stage2Walker.Walk(kernel.Core, p).ToDictionary(m => m.IpaPage);
            Assert.NotEmpty(pages);
            foreach (var page in pages.Keys.SelectMany(v => (ulong[])[v, v + 1, v - 1, v + 512, v ^ 0x40000]).Append(TableWalk.Pages).Append(TableWalk.Pages - 1).Where(v => v <= TableWalk.Pages))
            {
                var t = TableWalk.Of(kernel.Core.stage2.pool, p, page);
                if (!pages.TryGetValue(page, out var m)) Assert.True(t.IsFault, $"page 0x{page:x} of partition {p}");
                else Assert.Equal((m.Frame, m.Read, m.Write, m.Execute), (t.Frame, (t.Flags & MemoryFlags.Read) != 0, (t.Flags & MemoryFlags.Write) != 0, (t.Flags & MemoryFlags.Execute) != 0));
            }
        }
    }

    [Fact]
    public void A_damaged_table_leads_nowhere()
    {
        var kernel = Booted("hello");
        var pool = (ulong[])kernel.Core.stage2.pool.Clone();
        Assert.False(TableWalk.Of(pool, 1, 0x40000).IsFault);
        pool[16 * 512 + 1] = 0x7FFF_FFFF_F003;
        Assert.True(TableWalk.Of(pool, 1, 0x40000).IsFault);
    }

    [Fact]
    public void Every_effect_of_the_interface_is_carried_out_and_no_other()
    {
        var table = File.ReadAllText(Path.Combine(Standin.Root, "docs", "abi.md"));
        table = table[table.IndexOf("## 4. Effects", StringComparison.Ordinal)..table.IndexOf("## 5.", StringComparison.Ordinal)];
        var documented = Row().Matches(table).Select(m => m.Groups[1].Value).ToHashSet();
        var carried = Case().Matches(File.ReadAllText(Path.Combine(Standin.Root, "src", "Rvm.Platform.Hvf", "Seam", "Kernel.cs"))).Select(m => m.Groups[1].Value).ToHashSet();
        Assert.NotEmpty(documented);
        Assert.Equal(documented.Order(), carried.Order());
    }

    [Fact]
    public void The_trusted_code_of_this_platform_has_at_most_600_lines()
    {
        var lines = Directory.EnumerateFiles(Path.Combine(Standin.Root, "src", "Rvm.Platform.Hvf"), "*.cs", SearchOption.AllDirectories)
            .Where(f => !f.Split(Path.DirectorySeparatorChar).Any(part => part is "obj" or "bin"))
            .SelectMany(File.ReadLines).Count(l => l.Trim() is { Length: > 0 } t && !t.StartsWith("//", StringComparison.Ordinal));
        Assert.InRange(lines, 300, 600);
    }

    private static Kernel Booted(string system)
    {
        var bag = new Rvm.Diagnostics.DiagnosticBag();
        var plan = Planner.FromFile(Path.Combine(Standin.Root, "systems", system + ".yaml"), bag);
        Assert.True(plan is not null, string.Join('\n', bag.All));
        var kernel = new Kernel(new Idle(), BundleBuilder.Build(plan).Words, 0x46000, 0x80000);
        Assert.Equal((0, -1), kernel.Boot());
        return kernel;
    }

    private sealed class Idle : IPlatform
    {
        public ulong Now => 1000;
        public void Console(uint partition, ReadOnlySpan<byte> bytes) { }
        public void Zero(ulong frame, ulong frames) { }
        public void Copy(ulong frame, ReadOnlySpan<byte> bytes) { }
        public void CodeSync(ulong frame, ulong frames) { }
        public void ForgetRange(uint partition, ulong page, ulong pages) { }
        public void ForgetAll(uint partition) { }
        public void Inject(uint partition, ulong kind, ulong address) { }
        public void Name(uint partition, ulong first, ulong second) { }
        public void Reset(uint partition) { }
        public void Halt(ulong status) { }
        public void MapSync(uint partition) { }
    }

    [GeneratedRegex(@"^\| (\d+) \| \w+ \|", RegexOptions.Multiline)]
    private static partial Regex Row();

    [GeneratedRegex(@"case (\d+): _platform\.")]
    private static partial Regex Case();
}
