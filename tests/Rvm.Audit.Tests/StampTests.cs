using Rvm.Tool.Proof;

namespace Rvm.Audit.Tests;

public sealed class StampTests : IDisposable
{
    private const string Log = """{"verificationResults":[]}""";
    private readonly TestCheckout checkout = new();

    public StampTests()
    {
        checkout.Write("spec/base.dfy", "const A := 1");
        checkout.Write("spec/middle.dfy", "include \"base.dfy\"\nconst M := A");
        checkout.Write("src/Rvm.Verified/top.dfy", "include \"../../spec/middle.dfy\"\nlemma L() ensures M == 1 { }");
        checkout.Write("proofs/other.dfy", "const B := 1");
        var store = Store();
        foreach (var file in new SourceGraph(checkout.Checkout).Files)
        {
            store.Begin(file);
            File.WriteAllText(store.Log(file), Log);
            store.Accept(file, store.Key(file));
        }
    }

    public void Dispose() => checkout.Dispose();

    private ProofStore Store(string fingerprint = "options") => new(checkout.Checkout, new SourceGraph(checkout.Checkout), fingerprint);

    private string Proved(string fingerprint = "options")
    {
        var store = Store(fingerprint);
        return string.Join(' ', new SourceGraph(checkout.Checkout).Files.Where(store.IsProved).Select(Path.GetFileNameWithoutExtension));
    }

    [Fact]
    public void HoldsWhileNothingChanges() => Assert.Equal("base middle other top", Proved());

    [Fact]
    public void FallsWithAnIncludeOfAnInclude()
    {
        checkout.Write("spec/base.dfy", "const A := 2");
        Assert.Equal("other", Proved());
    }

    [Fact]
    public void HoldsWhenSomethingElseOfAnIncludeChanges()
    {
        checkout.Write("spec/base.dfy", "const A := 1\nconst Unused := 3");
        Assert.Equal("middle other top", Proved());
    }

    [Theory]
    [InlineData("module B { const X := 1 const Y := 2 }", "module B { const X := 1 const Y := 3 }", "X", true)]
    [InlineData("module B { const X := Y const Y := 2 }", "module B { const X := Y const Y := 3 }", "X", false)]
    [InlineData("module B { const X := 1 } module C { }", "module B { } module C { const X := 1 }", "X", false)]
    [InlineData("module B { const X := 1 }", "module B { import C const X := 1 }", "X", false)]
    [InlineData("module B { datatype D = P(x: int) | Q }", "module B { datatype D = P(x: nat) | Q }", "Q?", false)]
    [InlineData("module B { class K { var f: int } }", "module B { class K { var f: nat } }", "K?", true)]
    [InlineData("module B { class K { var f: int } }", "module B { class K { var f: nat } }", "f", false)]
    [InlineData("module B { class K { constructor () { } } }", "module B { class K { constructor () requires false { } } }", "K", false)]
    [InlineData("module B { class K { method M() { } method N() { } } }", "module B { class K { method M() { } method N() ensures true { } } }", "M", true)]
    [InlineData("module B { type T = x: int | P(x) predicate P(x: int) { x > 0 } }", "module B { type T = x: int | P(x) predicate P(x: int) { x > 1 } }", "T", false)]
    [InlineData("module B { const X := 1 const Y := 1 }", "module B { const X := 1 const Y := 2 }", "X refines", true)]
    [InlineData("module B { const Y := 1 }", "module B { const Y := 2 }", "0 } module R refines B { const Z := 0", false)]
    public void FallsWithWhatItMayDependOn(string before, string after, string word, bool holds)
    {
        string Key(string text)
        {
            checkout.Write("spec/base.dfy", text);
            checkout.Write("proofs/other.dfy", "include \"../spec/base.dfy\"\nmodule O { const O := " + word + " }");
            return Store().Key("proofs/other.dfy");
        }
        Assert.Equal(holds, Key(before) == Key(after));
    }

    [Fact]
    public void HoldsWhenOnlyACommentOfAnIncludeChanges()
    {
        checkout.Write("spec/base.dfy", "// a remark\nconst  A := 1");
        Assert.Equal("middle other top", Proved());
    }

    [Fact]
    public void FallsWithTheFileAlone()
    {
        checkout.Write("proofs/other.dfy", "const B := 2");
        Assert.Equal("base middle top", Proved());
    }

    [Fact]
    public void FallsWithOptionsAndVersions() => Assert.Equal("", Proved("other options"));

    [Fact]
    public void FallsWithALogThatIsNotTheOneAccepted()
    {
        File.AppendAllText(Store().Log("spec/base.dfy"), " ");
        Assert.Equal("middle other top", Proved());
    }

    [Fact]
    public void FallsWhenAProofBegins()
    {
        Store().Begin("spec/middle.dfy");
        Assert.Equal("base other top", Proved());
    }

    [Fact]
    public void SurvivesACycleOfIncludes()
    {
        checkout.Write("spec/base.dfy", "include \"middle.dfy\"");
        Assert.Equal(["spec/base.dfy", "spec/middle.dfy"], new SourceGraph(checkout.Checkout).Closure("spec/middle.dfy"));
    }
}
