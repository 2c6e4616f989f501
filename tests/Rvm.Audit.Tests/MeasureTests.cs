using Rvm.Tool.Audit;
using Rvm.Tool.Bench;

namespace Rvm.Audit.Tests;

public class MeasureTests
{
    [Theory]
    [InlineData("a.dfy", "module M {\n\n  // no\n  /* no\n     no */ const A := 1 // yes\n}\n", 3)]
    [InlineData("a.cs", "using X;\n\n/// no\nvar s = \"// yes\"; /* no\n no\n*/\n", 2)]
    [InlineData("a.S", "#define X 1\n// no\nx: nop // yes\n\t\n", 2)]
    [InlineData("a.ld", "", 0)]
    public void CountsLinesOfCode(string path, string source, int lines) => Assert.Equal(lines, LineCount.Code(path, source));

    [Theory]
    [InlineData("lemma L()\n{ }\nmodule {:compile false} G {\n  method M() { }\n}\n", 0, 5)]
    [InlineData("method M(x: int)\n  requires x > 0\n  ensures true\n{\n  var y := x;\n}\n", 4, 2)]
    [InlineData("ghost predicate P()\n{ true }\nfunction F(): int\n  ensures F() == 1\n{ 1 }\nconst C := 1\n", 3, 3)]
    [InlineData("method M() {\n  assert true;\n  assert 1 in {1} by {\n    reveal F();\n  }\n  print 1;\n  L(\n  3);\n  N.L(3);\n}\n", 3, 7)]
    [InlineData("method M() {\n  ghost var x := 1;\n  calc {\n    1;\n  }\n  forall i | i in {1}\n    ensures true\n  { }\n}\n", 2, 7)]
    [InlineData("method M() {\n  while true\n    invariant match o { case A => true }\n    decreases 1\n  {\n    x := M();\n  }\n}\n", 6, 2)]
    [InlineData("method M() returns (ghost work: nat) {\n  work := 1;\n  ghost var w := M();\n  work := work + w;\n  ghost var v;\n  v := M();\n  work := work + v;\n}\n", 4, 4)]
    [InlineData("class C {\n  var a: int\n  ghost var b: int\n  method Reads() { a := 1; } // reads\n}\n", 4, 1)]
    [InlineData("method M() { if x { assert true;\n L(1); } else { L(2);\n } match x { case A => L(1); } }\n", 3, 0)]
    public void TellsWhatRunsFromWhatProves(string source, int runs, int ghost) =>
        Assert.Equal((runs, ghost), GhostCode.Lines(source, new HashSet<string> { "L" }));

    private static readonly string[] Log =
    [
        "event,id,cpu,total,guest", "uart,0,0,60,0", "append,0,0,100,0", "append-return,0,0,139,0", "mark,20,0,1000,10",
        "mark,7,0,1100,50", "mark,12,0,1300,60", "mark,7,0,1400,70", "mark,12,0,1600,80", "mark,7,0,1700,90", "mark,12,0,1990,100", "end,0,0",
    ];

    private static string Samples(Probe probe) => string.Join(' ', probe.Samples(CountLog.Parse(Log)));

    [Fact]
    public void ReadsFiguresFromEvents()
    {
        Assert.Equal("300 300", Samples(new Probe.Period(7)));
        Assert.Equal("150 150", Samples(new Probe.Period(7, 2)));
        Assert.Equal("200 200 290", Samples(new Probe.Between(7, 12)));
        Assert.Equal("990", Samples(new Probe.FromReset("mark", 20)));
        Assert.Equal("40", Samples(new Probe.Inside("append")));
        Assert.Equal("", Samples(new Probe.Inside("check")));
    }

    [Fact]
    public void ReadsTheGuestsOwnCount()
    {
        var run = new BenchRun([], "measure| RES empty_loop iters=1 per_op_x100=200\nmeasure| RES yield_roundtrip(2 switches) iters=2000 ticks=3 per_op_x100=31350\n");
        Assert.Equal(313.5, run.Report("yield_roundtrip"));
        Assert.Null(run.Report("hvc_null"));
    }

    [Fact]
    public void SummarisesSamples()
    {
        Assert.Equal(new Distribution(5, 5, 1, 9, 5), Distribution.Of([9, 5, 1, 5, 7]));
        Assert.Null(Distribution.Of([]));
    }

    [Fact]
    public void KnowsPeersOfEveryRow()
    {
        var peers = Peers.Read(TestCheckout.Real);
        Assert.All(BenchRows.All.Where(r => r.PeerMetric != null), row => Assert.NotEmpty(peers[row.PeerMetric!]));
        Assert.Contains(peers["hypercall_roundtrip"], Peers.IsFloor);
    }
}
