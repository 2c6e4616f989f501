using FsCheck.Fluent;
using Rvm.Diagnostics;
using Rvm.Policy.Table;
using Rvm.Policy.Tests.Support;

namespace Rvm.Policy.Tests.Table;

/// <summary>A table's source compiles to the same table.</summary>
public class DecompilerTests
{
    private static string Decompile(PolicyTable table)
    {
        var bag = new DiagnosticBag();
        var text = Decompiler.Write(table, "t.bin", bag);
        Assert.True(text is not null && bag.All.Count == 0, string.Join('\n', bag.All));
        return text;
    }

    private static ulong[] Kernel(PolicyTable table)
    {
        var words = TableCodec.Encode(table);
        return [.. words[..3], .. words[4..(int)words[2]]];
    }

    private static void ComesBack(string source)
    {
        var table = Sample.Table(source);
        var text = Decompile(table);
        var again = Sample.Table(text);
        Assert.True(Kernel(table).SequenceEqual(Kernel(again)), $"{source}\nbecame\n{text}");
        Assert.Equal(table.Text.Rules, again.Text.Rules);
        Assert.Equal(text, Decompile(again));
    }

    [Fact]
    public void The_example_comes_back() => ComesBack(Sample.Tenants);

    [Fact]
    public void The_example_reads_as_it_was_written()
    {
        var text = Decompile(Sample.Table(Sample.Tenants));
        Assert.Contains("policy tenants \"Three tenants share one model.\"\n", text, StringComparison.Ordinal);
        Assert.Contains("group tenants = alice, bob, carol\n", text, StringComparison.Ordinal);
        Assert.Contains("permit lend \"Models are lent read-only.\"\n  when call = cap_grant and kind = region and region_policy = immutable and not rights has write\n", text, StringComparison.Ordinal);
        Assert.Contains("when call = partition_create and now > 600s\n", text, StringComparison.Ordinal);
        Assert.Contains("target in tenants", text, StringComparison.Ordinal);
    }

    [Fact]
    public void Any_compiled_policy_comes_back() =>
        Prop.ForAll(Gen.Choose(0, int.MaxValue).ToArbitrary(), seed => ComesBack(new RandomPolicy(seed).Source(5, 3))).Holds(400);

    [Fact]
    public void Rules_that_never_match_keep_their_place() =>
        ComesBack(Sample.Head + "permit x \"\"\n  when false\nforbid y \"\"\n  when depth > 3\npermit z \"\"\n  when count > 65537\n");

    [Fact]
    public void A_table_without_text_gets_names()
    {
        var table = Sample.Table(Sample.Tenants) with { Text = TableText.None };
        var text = Decompile(table);
        Assert.Contains("policy unnamed", text, StringComparison.Ordinal);
        Assert.Contains("partition p2 = 2", text, StringComparison.Ordinal);
        Assert.Equal(Kernel(table), Kernel(Sample.Table(text)));
    }

    [Fact]
    public void Rules_in_a_strange_order_get_new_numbers()
    {
        var table = Sample.Table(Sample.Head + "permit x \"\"\n  when call = cap_grant and depth = 1\npermit y \"\"\n  when call = cap_grant and depth < 5\n");
        var calls = table.Calls.ToArray();
        calls[1] = new([], [.. calls[1].Permits.Reverse()]);
        var bag = new DiagnosticBag();
        var text = Decompiler.Write(table with { Calls = calls }, "t.bin", bag)!;
        Assert.Contains("no source gives", Assert.Single(bag.All).Message, StringComparison.Ordinal);
        Assert.Equal([4UL, 1UL], Sample.Table(text).Calls[1].Permits.Select(r => r.Conditions[0].B));
    }

    [Fact]
    public void What_the_language_cannot_say_is_reported()
    {
        var table = Sample.Table(Sample.Tenants);
        foreach (var condition in new TableCondition[] { new(0, TableOperator.Above, 1, 0, 0), new(2, TableOperator.Range, 0, 20, 30),
            new(11, TableOperator.AtMost, 14, 0, 0), new(9, TableOperator.Bits, 0, 1 << 20, 0) })
        {
            var calls = table.Calls.ToArray();
            calls[12] = new([], [new(0, [condition])]);
            var bag = new DiagnosticBag();
            Assert.Null(Decompiler.Write(table with { Calls = calls }, "t.bin", bag));
            Assert.True(bag.HasErrors);
        }
    }
}
