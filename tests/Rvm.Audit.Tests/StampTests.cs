using Rvm.Tool.Proof;

namespace Rvm.Audit.Tests;

public sealed class StampTests : IDisposable
{
    private const string Log = """{"verificationResults":[]}""";
    private readonly TestCheckout checkout = new();

    public StampTests()
    {
        checkout.Write("spec/base.dfy", "const A := 1");
        checkout.Write("spec/middle.dfy", "include \"base.dfy\"");
        checkout.Write("src/Rvm.Verified/top.dfy", "include \"../../spec/middle.dfy\"");
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
