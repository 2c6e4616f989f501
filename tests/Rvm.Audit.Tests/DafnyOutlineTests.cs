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
    [InlineData("lemma L(o: Option) ensures match o case A => true case B => false { }")]
    [InlineData("lemma L(o: Option) ensures match o case A(x) => P({x}) case B => false { assert true; }")]
    [InlineData("lemma L(o: Option) ensures match o { case A => true case B => false }\n{ }")]
    [InlineData("lemma L(o: O) ensures match o { case A => match o { case A => true case B => P({1}) } case B => false } { }")]
    [InlineData("lemma L(o: O) ensures match o case A => match o { case A => true case B => false } case B => false { }")]
    [InlineData("lemma L(o: O) ensures match o case A => (match o case A => true case B => false) case B => false { }")]
    [InlineData("lemma L(o: O) ensures match o case A => 1 in {1} case B => match o case A => true case B => {2} == {2} { }")]
    [InlineData("lemma L(o: O) ensures P() ==> match {1, 2} { case _ => true } { }")]
    [InlineData("lemma L(o: O) ensures match match o { case A => B case B => A } { case A => true case B => false } { }")]
    [InlineData("lemma L(o: O) ensures match match o case A => B case B => A { case A => true case B => false } { }")]
    [InlineData("lemma L(o: O) requires match o { case A => true case B => true } ensures match o { case A => true case B => true } { }")]
    [InlineData("lemma L(o: O) decreases match o { case A => 1 case B => 2 } { }")]
    [InlineData("lemma L(b: bool) ensures if b then match b { case true => true case false => false } else {1} == {2} { }")]
    [InlineData("lemma L(b: bool) ensures if b then P() else Q() { }")]
    [InlineData("lemma L(b: bool) ensures {1} <= if b then {1} else {1, 2} { }")]
    [InlineData("lemma L(f: int -> int) ensures f == x => x + 1 { }")]
    [InlineData("lemma L(f: int -> int) ensures f == (x: int) requires x in {1} reads {} => x { }")]
    [InlineData("lemma L(f: int -> int) requires f.requires(1) ensures f.reads(1) == {} { }")]
    [InlineData("lemma L(s: set<int>) ensures s == set x | x in s { }")]
    [InlineData("lemma L(s: set<int>) ensures s == set x | x in s :: x { }")]
    [InlineData("lemma L(s: set<int>) ensures 1 == |set x | x in {1}| { }")]
    [InlineData("lemma L(s: set<int>) ensures 1 == |set x | x in {1} :: x| { }")]
    [InlineData("lemma L(s: set<int>) ensures 1 == |set x <- s, y <- s | x in {1} :: x + y| { }")]
    [InlineData("lemma L(s: set<int>) ensures 1 == |set x <- s | x > 1, y <- s | y > x :: x + y| { }")]
    [InlineData("lemma L(m: map<int, int>) ensures m == map x | x in m :: x := m[x] { }")]
    [InlineData("lemma L(m: map<int, int>) ensures m == map[1 := 2] ensures imap[] == imap[] { }")]
    [InlineData("lemma L(m: multiset<int>) ensures m == multiset{1} ensures iset{1} == iset{1} { }")]
    [InlineData("lemma L(s: seq<int>) decreases |set x | x in s|, |s| { }")]
    [InlineData("lemma L(x: bv8, y: bv8) ensures x | y == y | x { }")]
    [InlineData("lemma L(s: set<int>) ensures forall x | x in s, y | y in s :: {x} == {y} { }")]
    [InlineData("lemma L(x: object) ensures x is seq<set<int>> { }")]
    [InlineData("lemma L(x: int, y: int) requires x as int < y ensures y == x as M.T<int, seq<int>> { }")]
    [InlineData("lemma L(x: int) ensures assert true by { } P({x}) { }")]
    [InlineData("lemma L(x: int) ensures calc ==#[3] { 1; 1; } P() { }")]
    [InlineData("lemma L(x: int) ensures ghost var y := {x}; y == y { }")]
    [InlineData("lemma L(x: int) ensures {:error \"no\"} P() { }")]
    public void SeesABody(string source) => Assert.True(Only(source, "lemma").HasBody);

    [Theory]
    [InlineData("lemma L() ensures P()")]
    [InlineData("lemma L() ensures P() lemma M() { }")]
    [InlineData("lemma L(s: set<int>) ensures s == {1, 2} function F(): int { 3 }")]
    [InlineData("module A { lemma L() requires {1} == {} }")]
    [InlineData("lemma L(o: Option) ensures match o { case A => true case B => false }")]
    [InlineData("class C { lemma L() reads {} var x: int }")]
    [InlineData("lemma L(o: O) ensures match o { case A => true case B => false } lemma M() { }")]
    [InlineData("lemma L(o: O) ensures match o case A => true case B => false lemma M() { }")]
    [InlineData("lemma L(o: O) ensures match o case A => true case B => {1} == {1} function F(): set<int> { {1} }")]
    [InlineData("module N { lemma L(o: O) ensures match o { case A => match o { case A => true case B => true } case B => false } }")]
    [InlineData("lemma L(o: O) requires match o { case A => true case B => true } ensures match o { case A => true case B => true }")]
    [InlineData("lemma L(o: O) ensures match match o { case A => B case B => A } { case A => true case B => false } ghost predicate P() { true }")]
    [InlineData("lemma L(o: O) ensures match match o case A => B case B => A { case A => true case B => false }")]
    [InlineData("lemma L(b: bool) ensures if b then {1} == {} else match b { case true => true case false => true } lemma M() { }")]
    [InlineData("lemma L() ensures |set x | x in {1}| == |{1}| lemma M() { }")]
    [InlineData("lemma L() ensures 1 == |set x | x in {1}| lemma M() { }")]
    [InlineData("lemma L(x: int) ensures assert true by { } {x} == {x} lemma M() { }")]
    [InlineData("lemma L(x: int) ensures calc { 1; 1; } {x} == {x} lemma M() { }")]
    [InlineData("lemma L(x: object) ensures x is seq<int> lemma M() { }")]
    [InlineData("module N { export reveals * lemma L() ensures false }")]
    [InlineData("module N { export provides * lemma L() ensures false lemma M() { } }")]
    [InlineData("lemma {:induction o} L(o: O) ensures forall x {:trigger P(x)} :: P(x) ==> x in {1, 2}")]
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
