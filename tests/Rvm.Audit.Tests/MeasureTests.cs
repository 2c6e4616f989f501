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
