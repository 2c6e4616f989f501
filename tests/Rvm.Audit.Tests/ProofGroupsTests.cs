using Rvm.Tool.Proof;

namespace Rvm.Audit.Tests;

public sealed class ProofGroupsTests : IDisposable
{
    private readonly TestCheckout checkout = new();

    public ProofGroupsTests()
    {
        checkout.Write("spec/z.dfy", "module Z { }");
        checkout.Write("spec/a.dfy", "include \"z.dfy\"\nmodule A { module Inner { } class C { method M() { } } }\nmodule A2 { }");
        checkout.Write("proofs/b.dfy", "include \"../spec/a.dfy\"\nlemma L() { }");
        checkout.Write("proofs/c.dfy", "module C.D { lemma L() { } }\nmodule Z2 { }");
    }

    public void Dispose() => checkout.Dispose();

    private SourceGraph Sources => new(checkout.Checkout);

    [Fact]
    public void BalancesGroups()
    {
        var groups = ProofGroups.Of(["a9", "b5", "c4", "d1", "e1"], file => file[1] - '0', 2);
        Assert.Equal(["a9 d1", "b5 c4 e1"], groups.Select(g => string.Join(' ', g)));
        Assert.Equal(["b2", "a1"], ProofGroups.Of(["a1", "b2"], file => file[1] - '0', 8).Select(g => string.Join(' ', g)));
        Assert.Empty(ProofGroups.Of([], _ => 1, 2));
    }

    [Fact]
    public void OrdersFilesByDepthAndPath()
    {
        var order = new ModuleOrder(checkout.Checkout, Sources);
        Assert.Equal(["proofs/c.dfy", "spec/z.dfy", "spec/a.dfy", "proofs/b.dfy"], order.Sorted(Sources.Files));
        var text = File.ReadAllLines(order.Write(["proofs/b.dfy"]));
        Assert.Equal(["include \"../../../spec/z.dfy\"", "include \"../../../spec/a.dfy\"", "include \"../../../proofs/b.dfy\"",
            "module {:compile false} ModuleOrder {", "  import Z", "  import A", "  import A2", "}"], text);
        Assert.Contains("  import C", File.ReadAllLines(order.Write(["proofs/c.dfy"])));
    }

    [Theory]
    [InlineData("A.C.M", "spec/a.dfy")]
    [InlineData("A.C.__ctor", "spec/a.dfy")]
    [InlineData("A.Inner.X", "spec/a.dfy")]
    [InlineData("A2.New", "spec/a.dfy")]
    [InlineData("C.D.L", "proofs/c.dfy")]
    [InlineData("Z", "spec/z.dfy")]
    [InlineData("L", "proofs/b.dfy")]
    [InlineData("Unknown.L", null)]
    [InlineData("M", null)]
    public void KnowsTheFileOfASymbol(string symbol, string? file) => Assert.Equal(file, new SymbolOwners(Sources, Sources.Files).Of(symbol));

    [Fact]
    public void NamesNoFileWhenTwoDeclareASymbol()
    {
        checkout.Write("proofs/d.dfy", "module A2 { }");
        Assert.Null(new SymbolOwners(Sources, Sources.Files).Of("A2.L"));
        Assert.Equal("spec/a.dfy", new SymbolOwners(Sources, ["spec/a.dfy"]).Of("A2.L"));
    }

    [Fact]
    public void DividesALog()
    {
        var path = checkout.Checkout.Path("all.json");
        string Log(string file) => checkout.Checkout.Path(Path.GetFileName(file) + ".json");
        File.WriteAllText(path, """
            {"verificationResults":[
              {"name":"A.C.M (correctness)","vcResults":[{"vcNum":1,"outcome":"Valid","resourceCount":7,"runTime":"00:00:01","assertions":[{"filename":"a.dfy","line":2,"col":3,"description":"x"}]}]},
              {"name":"L (well-formedness)","vcResults":[{"vcNum":1,"outcome":"Invalid","resourceCount":8,"runTime":"00:00:01","assertions":[]},{"vcNum":2,"outcome":"Valid","resourceCount":9,"runTime":"00:00:01","assertions":[]}]}]}
            """);
        var owners = new SymbolOwners(Sources, Sources.Files);
        Assert.Null(ProofLog.Divide(path, ["spec/a.dfy", "spec/z.dfy"], owners.Of, Log));
        Assert.False(File.Exists(Log("spec/a.dfy")));
        Assert.Equal(2, ProofLog.Divide(path, ["spec/a.dfy", "proofs/b.dfy", "spec/z.dfy"], owners.Of, Log));
        Assert.Equal([7], ProofLog.Read(Log("spec/a.dfy"), "spec/a.dfy", ["spec/a.dfy"]).Select(b => b.Resources));
        Assert.Equal([8, 9], ProofLog.Read(Log("proofs/b.dfy"), "proofs/b.dfy", ["proofs/b.dfy"]).Select(b => b.Resources));
        Assert.Empty(ProofLog.Read(Log("spec/z.dfy"), "spec/z.dfy", ["spec/z.dfy"]));
        Assert.Null(ProofLog.Divide(checkout.Checkout.Path("none.json"), [], owners.Of, Log));
    }
}
