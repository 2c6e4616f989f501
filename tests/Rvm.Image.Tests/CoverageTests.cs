using Rvm.Diagnostics;
using Rvm.Tool.Coverage;

namespace Rvm.ImageTests;

/// <summary><c>rvm coverage</c>: what is not reached and not explained is a finding.</summary>
public class CoverageTests
{
    private const string Report = """
        { "Rvm.Verified.dll": { "Kernel.cs": { "EdgeCalls.__default": {
            "System.Void EdgeCalls.__default::Signal(CoreState.Core,System.UInt32)": { "Lines": { "7": 3 }, "Branches": [
                { "Line": 7, "Offset": 4, "EndOffset": 6, "Path": 0, "Ordinal": 0, "Hits": 3 }, { "Line": 7, "Offset": 4, "EndOffset": 9, "Path": 1, "Ordinal": 1, "Hits": 0 } ] },
            "System.Boolean EdgeCalls.__default::Straight()": { "Lines": { "9": 1 }, "Branches": [] } } } } }
        """;

    private const string Code = """
        0000000040200000 <f>:
            40200000:	cbz	x0, 4020000c <f+0xc>
            40200004:	mov	w0, #0x33
            40200008:	ret
            4020000c:	bl	40200100 <System_Runtime_ThrowHelpers__ThrowIndexOutOfRangeException>
            40200010:	brk	#0xf000
            40200014:	udf	#24

        0000000040200018 <g>:
            40200018:	nop
            4020001c:	ret
        """;

    [Fact]
    public void A_branch_is_taken_if_any_report_has_it_taken()
    {
        var one = Assert.Single(HostCoverage.Read([Report]));
        Assert.Equal(("EdgeCalls.Signal", 1, 2), (one.Symbol, one.Count, one.All));
        Assert.Equal(["line 7"], one.Places);
        var other = Report.Replace("\"Hits\": 3", "\"Hits\": 0", StringComparison.Ordinal).Replace("\"Ordinal\": 1, \"Hits\": 0", "\"Ordinal\": 1, \"Hits\": 1", StringComparison.Ordinal);
        Assert.Equal(1, Assert.Single(HostCoverage.Read([other])).Count);
        Assert.Equal(2, Assert.Single(HostCoverage.Read([Report, other])).Count);
    }

    [Fact]
    public void What_only_a_failed_check_executes_and_what_is_no_instruction_does_not_count()
    {
        var functions = Disassembly.Parse(Code);
        Assert.Equal(["f", "g"], functions.Select(f => f.Name));
        Assert.Equal([0x0UL, 0x4UL, 0x8UL, 0xcUL, 0x10UL], functions[0].Offsets);
        Assert.Equal([0xcUL, 0x10UL], functions[0].Guards.Order());
        HashSet<(string, ulong)> run = [("f", 0), ("f", 8), ("g", 4)];
        var reached = ImageCoverage.Join(functions, [run]);
        Assert.Equal([("f", 2, 3, 2), ("g", 1, 1, 0)], reached.Select(r => (r.Symbol, r.Count, r.All, r.Guards)));
        Assert.Equal(["+0x4"], reached[0].Places);
        Assert.All(ImageCoverage.Join(functions, [run, new HashSet<(string, ulong)> { ("f", 4) }]), r => Assert.Equal(r.All, r.Count));
    }

    /// <summary>Five checks at once, then the stores; at +0x18 the copy that checks one by one; at +0x50 the report.</summary>
    private static string Checked(string lastOfTheCopy) => """
        0000000040200000 <h>:
            40200000:	cmp	w1, w10
            40200004:	b.lt	40200018 <h+0x18>  // b.tstop
            40200008:	str	w2, [x10, w1, uxtw #2]
            4020000c:	strb	w3, [x10, w11, uxtw #2]
            40200010:	bl	40200200 <k>
            40200014:	ret
            40200018:	cmp	w1, w9
            4020001c:	b.cs	40200050 <h+0x50>  // b.hs, b.nlast
            40200020:	str	w2, [x10, w1, uxtw #2]
            40200024:	cmp	w11, w8
            40200028:	b.cs	40200050 <h+0x50>  // b.hs, b.nlast
            4020002c:	strb	w3, [x10, w11, uxtw #2]
            40200030:	cmp	w13, w8
            40200034:	b.cs	40200050 <h+0x50>  // b.hs, b.nlast
            40200038:	LAST
            4020003c:	cmp	w14, w8
            40200040:	b.cs	40200050 <h+0x50>  // b.hs, b.nlast
            40200044:	b	40200014 <h+0x14>
            40200048:	mov	x0, #0xffffffffffffffef
            4020004c:	ret
            40200050:	bl	40200100 <System_Runtime_ThrowHelpers__ThrowIndexOutOfRangeException>
            40200054:	brk	#0xf000
        """.Replace("LAST", lastOfTheCopy, StringComparison.Ordinal);

    [Fact]
    public void A_copy_for_a_failed_joint_check_needs_no_reason_and_what_does_something_else_is_no_copy()
    {
        var run = new ulong[] { 0x0, 0x4, 0x8, 0xc, 0x10, 0x14 }.Select(o => ("h", o)).ToHashSet();
        Reached Of(string code) => Assert.Single(ImageCoverage.Join(Disassembly.Parse(code), [run]));
        var copy = Of(Checked("bl\t40200200 <k>"));
        Assert.Equal((6, 20, 12, 2), (copy.Count, copy.All, copy.Copies, copy.Guards));
        Assert.Equal(["+0x48..+0x4c"], copy.Places);
        Assert.True(copy.IsFinding);
        Assert.Equal(0, Of(Checked("bl\t40200300 <l>")).Copies);
        Assert.Equal(0, Of(Checked("str\tw3, [x10]")).Copies);
        Assert.Equal(0, Of(Checked("bl\t40200200 <k>").Replace("w14, w8\n    40200040:\tb.cs\t40200050 <h+0x50>", "w14, w8\n    40200040:\tb.cs\t40200048 <h+0x48>", StringComparison.Ordinal)).Copies);
        Assert.False(new Reached("h", 8, 20, 2, [], null) { Copies = 12 }.IsFinding);
        Assert.False(new Reason("kernel", "h", "nothing to explain", 1).Is(new("h", 8, 20, 2, [], null) { Copies = 12 }));
    }

    [Fact]
    public void A_literal_is_no_instruction() =>
        Assert.Equal([0UL, 4UL], Assert.Single(Disassembly.Parse("0000000040200000 <f>:\n    40200000:\tldr\td16, 40200008 <f+0x8>\n    40200004:\tret\n    40200008:\tldr\th3, [x19, #1972]\n    4020000c:\tmov\tx0, x0\n")).Offsets);

    [Fact]
    public void Without_a_reason_it_is_a_finding_and_so_is_a_reason_without_need()
    {
        Reached[] symbols = [new("a.one", 9, 10, 0, ["line 1"], null), new("b.two", 10, 10, 0, [], null)];
        var reasons = Unreached.Parse("core:\n  - { symbol: a.*, why: the test's own }\nkernel:\n  - { symbol: f, why: of another part }\n");
        Assert.False(CoverageResult.Of("core", "branches", 90, symbols, []).IsGood);
        Assert.Contains("FINDING a.one: 9 of 10, not line 1: nothing says why", CoverageCommands.Text(CoverageResult.Of("core", "branches", 90, symbols, [])), StringComparison.Ordinal);
        var good = CoverageResult.Of("core", "branches", 95, symbols, reasons);
        Assert.True(good.IsGood);
        Assert.Equal((19, 20, 95.0), (good.Count, good.All, good.Percent));
        Assert.False(CoverageResult.Of("core", "branches", 95.1, symbols, reasons).IsGood);
        var stale = CoverageResult.Of("core", "branches", 90, symbols, [.. reasons, new("core", "b.two", "reached", 4)]);
        Assert.False(stale.IsGood);
        Assert.Contains("tests/unreached.yaml:4: b.two is reached", CoverageCommands.Text(stale), StringComparison.Ordinal);
    }

    [Fact]
    public void A_pattern_does_not_excuse_what_is_not_reached_at_all()
    {
        var reasons = Unreached.Parse("kernel:\n  - { symbol: a.*, why: error returns }\n");
        Assert.Empty(CoverageResult.Of("kernel", "instructions", 0, [new("a.one", 1, 10, 0, [], null)], reasons).Findings);
        Assert.Single(CoverageResult.Of("kernel", "instructions", 0, [new("a.one", 0, 10, 0, [], null)], reasons).Findings);
        Assert.Empty(CoverageResult.Of("kernel", "instructions", 0, [new("a.one", 0, 10, 0, [], null)], [new("kernel", "a.one", "reported faults only", 2)]).Findings);
    }

    [Fact]
    public void A_list_that_cannot_be_read_says_where()
    {
        var wrong = Assert.Throws<UserErrorException>(() => Unreached.Parse("core:\n  - { symbol: a.one }\n"));
        Assert.Contains("tests/unreached.yaml:2", wrong.Message, StringComparison.Ordinal);
    }
}
