using Rvm.Tool.Proof;

namespace Rvm.Audit.Tests;

public class DafnyOutlineTests
{
    private static Declaration Only(string source, string kind) => Assert.Single(DafnyOutline.Of(source).Declarations, d => d.Kind == kind);

    [Theory]
    [InlineData("lemma L() ensures P() { }")]
    [InlineData("lemma L(s: seq<int>) ensures |s| == |s + []| { }")]
    [InlineData("lemma L(s: set<int>) requires s == {1, 2} ensures {1} <= s { }")]
    [InlineData("lemma L() decreases {1}, 2 { }")]
    [InlineData("lemma L(o: Option) ensures match o { case A => true case B => false } { }")]
    [InlineData("lemma L(o: Option) ensures match o { case A => P({1}) case B => false } && true { }")]
    [InlineData("lemma L(x: int) requires x > 0 ensures forall y {:trigger P(y)} :: P(y) ==> y in {1, 2} { }")]
    [InlineData("lemma L(x: int) ensures var y := {x}; var z := 2; y == {z} { }")]
    [InlineData("lemma L<T>(a: array<T>) requires a[..] == [] { }")]
    [InlineData("lemma {:induction false} L(x: int) ensures |set y | y in {x} :: y| == 1\n{ }")]
    [InlineData("lemma L(a: array<int>) ensures old(a[..]) == a[..] && fresh(a) { }")]
    [InlineData("twostate lemma L() ensures P()\n{ assert {:contradiction} true; }")]
    [InlineData("least lemma L() ensures P() { }")]
    public void SeesABody(string source) => Assert.True(Only(source, "lemma").HasBody);

    [Theory]
    [InlineData("lemma L() ensures P()")]
    [InlineData("lemma L() ensures P() lemma M() { }")]
    [InlineData("lemma L(s: set<int>) ensures s == {1, 2} function F(): int { 3 }")]
    [InlineData("module A { lemma L() requires {1} == {} }")]
    [InlineData("lemma L(o: Option) ensures match o { case A => true case B => false }")]
    [InlineData("class C { lemma L() reads {} var x: int }")]
    public void SeesThatABodyIsMissing(string source) => Assert.False(DafnyOutline.Of(source).Declarations.First(d => d.Name.EndsWith('L')).HasBody);

    [Theory]
    [InlineData("function F(x: u32): (r: u32) ensures r == x { x }", true)]
    [InlineData("function F(): seq<array<int>> { [] }", true)]
    [InlineData("function F(x: int): int { x } by method { return x; } function G(): int { 1 }", true)]
    [InlineData("ghost function F(x: int): set<int> reads * { {x} }", true)]
    [InlineData("ghost function F(x: int): int", false)]
    public void SeesFunctions(string source, bool body) =>
        Assert.Equal(body, DafnyOutline.Of(source).Declarations.Single(d => d.Name == "F").HasBody);

    [Fact]
    public void QualifiesNames()
    {
        const string source = """
            include "a/b.dfy"
            module A.B refines X {
              import opened C
              datatype D = One(x: int) | Two { predicate P() { Two? } }
              newtype u8 = x: int | 0 <= x < 0x100
              type Small = x: int | x < 10 witness 3
              const N: int := if true then 1 else 2
              class K<T(0)> extends I { var f: T  ghost const g: int  constructor () { } method M() { } }
              function After(): int { 1 }
            }
            lemma Last() { }
            """;
        var outline = DafnyOutline.Of(source);
        Assert.Equal("a/b.dfy", Assert.Single(outline.Includes).Path);
        Assert.Equal(["A.B", "A.B.D", "A.B.D.P", "A.B.u8", "A.B.Small", "A.B.N", "A.B.K", "A.B.K.f", "A.B.K.g", "A.B.K._ctor", "A.B.K.M", "A.B.After", "Last"],
            outline.Declarations.Select(d => d.Name));
    }

    [Fact]
    public void KeepsDocstringAttributesAndContract()
    {
        var d = Only("module M {\n  /** Reason: no other way. */\n  method {:extern} {:axiom} New(n: u32) returns (a: array<u32>)\n    ensures fresh(a)\n}", "method");
        Assert.Equal("Reason: no other way.", d.Doc);
        Assert.True(d.Has("extern") && d.Has("axiom") && !d.HasBody);
        Assert.Contains("ensures fresh(a)", d.Head);
        Assert.Equal(3, d.Line);
    }
}
