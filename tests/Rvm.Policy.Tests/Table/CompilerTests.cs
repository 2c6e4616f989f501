using FsCheck.Fluent;
using Rvm.Diagnostics;
using Rvm.Policy.Binding;
using Rvm.Policy.Table;
using Rvm.Policy.Tests.Support;

namespace Rvm.Policy.Tests.Table;

/// <summary>The table decides as the source does.</summary>
public class CompilerTests
{
    private static TableCondition[] Conditions(string condition, string call = "cap_grant") =>
        [.. Sample.Table($"{Sample.Head}permit x \"\"\n  when call = {call} and ({condition})\n").Calls[Calls.Named(call).Number].Permits
            .SelectMany(r => r.Conditions)];

    [Theory]
    [InlineData("size <= 5000B", 7, TableOperator.Range, 0UL, 1UL)]
    [InlineData("size < 4096B", 7, TableOperator.Range, 0UL, 0UL)]
    [InlineData("size < 4097B", 7, TableOperator.Range, 0UL, 1UL)]
    [InlineData("size >= 5000B", 7, TableOperator.Range, 2UL, ulong.MaxValue)]
    [InlineData("size > 5000B", 7, TableOperator.Range, 2UL, ulong.MaxValue)]
    [InlineData("size > 8KiB", 7, TableOperator.Range, 3UL, ulong.MaxValue)]
    [InlineData("size != 8KiB", 7, TableOperator.Outside, 2UL, 2UL)]
    [InlineData("8KiB > size", 7, TableOperator.Range, 0UL, 1UL)]
    [InlineData("size + 4KiB <= 12KiB", 7, TableOperator.Range, 0UL, 2UL)]
    [InlineData("address in 0x0800_0000..0x08ff_ffff", 6, TableOperator.Range, 0x8000UL, 0x8fffUL)]
    [InlineData("now > 600s", 14, TableOperator.Range, 37_500_000_001UL, ulong.MaxValue)]
    [InlineData("now <= 31ns", 14, TableOperator.Range, 0UL, 1UL)]
    [InlineData("count in {1, 5, 9..10}", 11, TableOperator.Member, 0b110_0010_0010UL, 0UL)]
    [InlineData("not count in {1, 5}", 11, TableOperator.NotMember, 0b10_0010UL, 0UL)]
    [InlineData("target in {none, \"9p\"}", 1, TableOperator.Member, 1UL, 1UL << 63)]
    [InlineData("caller in some", 0, TableOperator.Member, 0b1000_0010UL, 0UL)]
    [InlineData("count = 1 or count = 2 or count = 3", 11, TableOperator.Range, 1UL, 3UL)]
    [InlineData("rights has {read, write}", 9, TableOperator.Bits, 3UL, 3UL)]
    [InlineData("not rights has any {read, write}", 9, TableOperator.Bits, 3UL, 0UL)]
    [InlineData("rights has any {read, write}", 9, TableOperator.NotBits, 3UL, 0UL)]
    [InlineData("not rights has {read, write}", 9, TableOperator.NotBits, 3UL, 3UL)]
    [InlineData("rights has write and not rights has read", 9, TableOperator.Bits, 3UL, 2UL)]
    [InlineData("rights = {read, witness}", 9, TableOperator.Range, 0x801UL, 0x801UL)]
    [InlineData("rights = none", 9, TableOperator.Range, 0UL, 0UL)]
    [InlineData("region_policy = none", 4, TableOperator.Range, 15UL, 15UL)]
    [InlineData("count < 2 * k", 11, TableOperator.Range, 0UL, 5UL)]
    [InlineData("count < 2 * (k + 1)", 11, TableOperator.Range, 0UL, 7UL)]
    public void A_comparison_is_one_condition(string condition, int field, TableOperator symbol, ulong a, ulong b) =>
        Assert.Equal([new(field, symbol, 0, a, b)], Conditions(condition));

    [Theory]
    [InlineData("count <= budget + 4", 11, TableOperator.AtMost, 12, 4UL)]
    [InlineData("count < budget", 12, TableOperator.Above, 11, 0UL)]
    [InlineData("count <= budget - 4", 12, TableOperator.Above, 11, 3UL)]
    [InlineData("count + 5 > budget", 12, TableOperator.AtMost, 11, 4UL)]
    [InlineData("count > budget", 11, TableOperator.Above, 12, 0UL)]
    public void Two_fields_are_one_condition(string condition, int x, TableOperator symbol, int y, ulong a)
    {
        var found = Assert.Single(Conditions(condition));
        var same = new TableCondition(x, symbol, y, a, 0);
        var turned = new TableCondition(x, symbol, y, a, 0) == found;
        Assert.True(turned, $"{found} instead of {same}");
    }

    [Fact]
    public void A_disjunction_becomes_several_rules_with_one_id()
    {
        var table = Sample.Table(Sample.Head + "forbid n \"\"\n  when false\npermit x \"\"\n  when call = cap_grant and (count = 1 or depth = 2)\n");
        Assert.Equal([1, 1], table.Calls[1].Permits.Select(r => r.Id));
        Assert.Empty(table.Calls[1].Forbids);
        Assert.Empty(table.Calls[2].All);
    }

    [Fact]
    public void A_rule_without_a_call_is_there_for_every_call_that_the_policy_decides_and_stored_once()
    {
        var table = Sample.Table(Sample.Head + "permit x \"\"\n  when depth < 3\n");
        Assert.Equal(Calls.All.Where(c => c.AlwaysDecided || c.Name is "cap_grant" or "region_map" or "region_share").Select(c => c.Number),
            Enumerable.Range(0, 128).Where(c => table.Calls[c].Permits.Count == 1));
        Assert.Equal(TableCodec.FirstRule + 4, TableCodec.KernelWords(table));
    }

    [Fact]
    public void The_table_decides_every_request_as_the_source_does() =>
        Prop.ForAll(Gen.Choose(0, int.MaxValue).ToArbitrary(), seed =>
        {
            var random = new RandomPolicy(seed);
            var source = random.Source(6, 3);
            var policy = Sample.Bound(source);
            var words = TableCodec.Encode(Sample.Table(policy));
            for (var i = 0; i < 300; i++)
            {
                var request = random.Request();
                var (expected, found) = (ReferenceEvaluator.Decide(policy, request), TableInterpreter.Decide(words, request));
                Assert.True(expected == found,
                    $"{request.Call.Name} {string.Join(' ', request.Values)}: {expected} by the source, {found} by the table\n{source}");
            }
        }).Holds(400);

    [Fact]
    public void Too_many_cases_are_refused_at_the_rule()
    {
        string[] fields = ["count", "budget", "depth", "object", "image", "epoch"],
            others = ["kind = task", "mode = flow", "tier = hot", "permission = r", "size = 0", "now = 0"];
        var wide = string.Join(" and ",
            fields.Zip(others, (f, o) => $"({f} = 1 or {o} or rights has any {{read, write, grant}} and {f} = 2 and {o})"));
        wide += " and " + string.Join(" and ", fields.Zip(others.Reverse(), (f, o) => $"({f} = 3 or {o})"));
        var bag = new DiagnosticBag();
        var policy = Sample.Bound(Sample.Head + $"permit x \"\"\n  when {wide}\n");
        Assert.Null(TableCompiler.Compile(policy, bag));
        Assert.Contains(bag.All, d => d.Message.Contains("too many cases", StringComparison.Ordinal) && d.Place == policy.Rules[0].Place);
    }

    [Fact]
    public void A_table_that_is_too_long_is_refused()
    {
        var rules = string.Concat(Enumerable.Range(0, 1000)
            .Select(i => $"permit r{i} \"\"\n  when (call = cap_grant or call = region_map and depth = 1) and count = {i} and budget = {2 * i}\n"));
        var bag = new DiagnosticBag();
        Assert.Null(TableCompiler.Compile(Sample.Bound(Sample.Head + rules), bag));
        Assert.Contains(bag.All, d => d.Message.Contains("words", StringComparison.Ordinal));
    }

    [Fact]
    public void Too_many_rules_for_a_call_are_refused()
    {
        var rules = string.Concat(Enumerable.Range(0, 1025).Select(i => $"permit r{i} \"\"\n  when call = cap_grant and count = {i}\n"));
        var bag = new DiagnosticBag();
        Assert.Null(TableCompiler.Compile(Sample.Bound(Sample.Head + rules), bag));
        Assert.Contains(bag.All, d => d.Message.Contains("`cap_grant` has 1025 rules", StringComparison.Ordinal));
    }

    [Fact]
    public void Very_many_ranges_of_one_field_are_split_into_rules()
    {
        var values = string.Join(", ", Enumerable.Range(0, 60).Select(i => $"{1000 + 3 * i}"));
        var text = $"{Sample.Head}permit x \"\"\n  when call = cap_grant and count in {{{values}}}\n";
        var (policy, table) = (Sample.Bound(text), Sample.Table(text));
        Assert.Equal(5, table.Calls[1].Permits.Count);
        for (ulong count = 990; count < 1200; count++)
        {
            var request = Checks.PolicyRequest.UsualOf(Calls.Named("cap_grant")).With(Fields.Count, count);
            Assert.Equal(ReferenceEvaluator.Decide(policy, request), TableInterpreter.Decide(TableCodec.Encode(table), request));
        }
    }
}
