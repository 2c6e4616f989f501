using Rvm.Tool.Proof;

namespace Rvm.Audit.Tests;

public class DafnyLexerTests
{
    private static string Words(string source) =>
        string.Join(' ', DafnyLexer.Tokens(source).Where(t => t.Kind != TokenKind.End).Select(t => t.Text));

    [Theory]
    [InlineData("a // b\nc", "a c")]
    [InlineData("a /* b /* c */ d */ e", "a e")]
    [InlineData("a /* // */ b", "a b")]
    [InlineData("\"a // b\" c", "\"a // b\" c")]
    [InlineData("\"a \\\" /* \" c", "\"a \\\" /* \" c")]
    [InlineData("@\"a \"\" /* \" c", "@ \"a \"\" /* \" c")]
    [InlineData("'\"' a '\\n' b '\\u00e4' c' 'x'", "'\"' a '\\n' b '\\u00e4' c' 'x'")]
    [InlineData("a<==>b==>c:=d::e:|f", "a <==> b ==> c := d :: e :| f")]
    [InlineData("0x1_0000+f(1..5)", "0x1_0000 + f ( 1 .. 5 )")]
    [InlineData("a /* never closed", "a")]
    [InlineData("\"never closed\nb", "\"never closed\n b")]
    public void SplitsSource(string source, string expected) => Assert.Equal(expected, Words(source).Replace("@\"", "@ \""));

    [Fact]
    public void KnowsLinesAndColumnsFromOne()
    {
        var tokens = DafnyLexer.Tokens("a\n  /* x\n */ b");
        Assert.Equal((1, 1), (tokens[0].Line, tokens[0].Column));
        Assert.Equal((3, 5), (tokens[1].Line, tokens[1].Column));
    }

    [Fact]
    public void GivesADocstringToTheTokenAfterIt()
    {
        var tokens = DafnyLexer.Tokens("/** One sentence,\n  * on two lines. */\n// and a remark\nlemma L /* none */ x");
        Assert.Equal("One sentence, on two lines.", tokens[0].Doc);
        Assert.All(tokens.Skip(1), t => Assert.Null(t.Doc));
    }

    [Fact]
    public void EndsOnAnyText()
    {
        var random = new Random(1);
        for (var i = 0; i < 2000; i++)
        {
            var text = new string([.. Enumerable.Range(0, random.Next(40)).Select(_ => "ab{}:@\"'\\/*|\n(<=! "[random.Next(18)])]);
            Assert.Equal(TokenKind.End, DafnyLexer.Tokens(text)[^1].Kind);
            _ = DafnyOutline.Of(text);
            _ = ForbiddenConstructs.In("spec/x.dfy", text);
        }
    }
}
