using FsCheck.Fluent;
using Rvm.Diagnostics;
using Rvm.Policy.Binding;
using Rvm.Policy.Language;
using Rvm.Policy.Tests.Support;

namespace Rvm.Policy.Tests.Language;

/// <summary>Each mistake is reported once, where it stands (at the marker «), with a mend.</summary>
public class ErrorTests
{
    private const string Rule = "permit x \"r\"\n  when ";

    public static TheoryData<string, string, string> Mistakes() => new()
    {
        // characters, tokens, statements
        { "permit x «\"r\n  when true\n", "a text without an end", "close it" },
        { Rule + "count «== 3\n", "`==` is not part of the language", "write `=`" },
        { Rule + "true «&& false\n", "`&&` is not part of the language", "write `and`" },
        { Rule + "count = 3«;\n", "`;` is not part of the language", "remove `;`" },
        { Rule + "count = 3 «$$\n", "`$$` is not part of the language", "remove it" },
        { "«  permit x \"r\"\n  when true\n", "does not begin in column 1", "remove the blanks" },
        { "permit x \"r\"\n«when true\n", "`when` does not begin a statement", "indent" },
        { "«permitt x \"r\"\n  when true\n", "`permitt` does not begin a statement", "did you mean `permit`?" },
        { "permit «\"r\"\n  when true\n", "a name is missing", "a name begins with a letter" },
        { "permit x\n  «when true\n", "the reason of the rule is missing", "\"quotes\"" },
        { "permit x \"r\"«\n", "`when` is missing", "when true" },
        { "const c «4\n", "`=` is missing", "NAME = VALUE" },
        { "group g = a, «4\n", "a partition's name is missing", "group tenants" },
        { "govern «\"x\"\n", "a call's name is missing", "govern cap_grant" },
        { "assert «sometimes x \"r\"\n  when true\n", "`sometimes` is no kind of assertion", "never" },
        { "assert unchanged-from«\n", "the other policy's file is missing", "previous.rvmp" },
        { "policy again «2\n", "what the policy is for is missing", "quotes" },

        // conditions
        { Rule + "count = «and depth = 1\n", "a value is missing before `and`", "write a number" },
        { Rule + "(count = 1 or depth = 2«\n", "`)` is missing", "column 8, line 10" },
        { Rule + "count = 1«) and depth = 2\n", "`)` does not belong here", "ends before it" },
        { Rule + "1 < count «< 5\n", "`<` follows a whole comparison", "a < b and b < c" },
        { Rule + "caller «not in {a, b}\n", "`not` cannot stand before `in`", "not x in" },
        { Rule + "count «depth\n", "`depth` stands where an operator should be", "write one of" },
        { Rule + "count in {1, 2«\n", "`}` is missing", "{a, b, c}" },
        { Rule + "«not\n", "", "" },

        // names and types
        { Rule + "«cuont = 3\n", "unknown name `cuont`", "did you mean `count`?" },
        { Rule + "caller = «d\n", "unknown partition `d`", "known" },
        { Rule + "kind = «regoin\n", "`regoin` is not a kind", "did you mean `region`?" },
        { Rule + "kind = «slab\n", "`slab` is a region policy, not a kind", "write one of task" },
        { Rule + "call = «cap_grnt\n", "`cap_grnt` is not a call", "did you mean `cap_grant`?" },
        { Rule + "«call = cap_revoke\n", "does not govern `cap_revoke`", "add govern cap_revoke" },
        { Rule + "caller = «some\n", "`some` is a group", "write `in some`" },
        { Rule + "caller in «a\n", "`a` is no group", "in {a}" },
        { Rule + "size <= «10ms\n", "a size is compared with a time", "write a size such as 4KiB" },
        { Rule + "size <= «4096\n", "a size without a unit", "write 4096B" },
        { Rule + "now > «600\n", "a time without a unit", "write 600us or 600ms" },
        { Rule + "size <= «64KB\n", "`64KB` is not a number", "write 64KiB" },
        { Rule + "now > «5sec\n", "`5sec` is not a number", "write 5s" },
        { Rule + "count <= «4KiB\n", "a number is compared with a size", "plain number" },
        { Rule + "caller = «3\n", "a partition is compared with a number", "write a partition's name" },
        { Rule + "«caller < b\n", "a partition has no order", "= or !=" },
        { Rule + "count = «size\n", "a number is compared with a size", "plain number" },
        { Rule + "count + «size < 5\n", "two fields on one side", "move one" },
        { Rule + "«2 * count < 5\n", "the field `count` is multiplied", "constants only" },
        { Rule + "5 - «count < 5\n", "a field is subtracted", "other side" },
        { Rule + "«rights in {read}\n", "`rights` is a set itself", "rights has" },
        { Rule + "«count has write\n", "only `rights` has rights", "rights has" },
        { Rule + "rights has «wirte\n", "`wirte` is not a set of rights", "did you mean `write`?" },
        { Rule + "count in «9..3\n", "the range is empty", "low..high" },
        { Rule + "caller in {«a..b}\n", "a partition has no order", "list the values" },
        { Rule + "«count = {1, 2}\n", "a value is compared with a set", "x in {a, b}" },
        { Rule + "count < «0x1_0000_0000_0000_0000_0000_0000\n", "the number is too large", "2^68" },
        { Rule + "«3 in {3}\n", "no field stands left of `in`", "caller" },
        { "const «count = 3\n", "`count` is a word of the language", "another name" },
        { "const «k = 3\n", "a second `k`", "in line 8" },
        { "const j = «count\n", "`j` is no constant", "a number, a size or a time" },
        { "partition d = «200\n", "not a partition's number", "1 to 127" },
        { "partition d = «2\n", "partition 2 is `b` already", "its own number" },
        { "group g = a, «zed\n", "unknown partition `zed`", "known" },
        { "deep «cap_grant\n", "`cap_grant` needs no proof", "partition_create" },
        { "deep «exit\n", "`exit` is not a call", "known" },
        { "govern «exit\n", "`exit` is not a call", "known" },
        { "permit y \"r\"\n  when true\nforbid «y \"r\"\n  when false\n", "a second rule `y`", "the first is in line 9" },
        { "allow c \"r\"\nallow «c \"r\"\n", "a second `allow` for `c`", "rename" },
        { "«policy again \"r\"\n", "a second `policy` statement", "in line 1" },
    };

    [Theory]
    [MemberData(nameof(Mistakes))]
    public void A_mistake_is_reported_once_where_it_stands(string marked, string message, string mend)
    {
        if (message == "") (message, mend, marked) = ("a value is missing", "write a number", Rule + "not«\n");
        var at = (Sample.Head + marked).IndexOf('«', StringComparison.Ordinal);
        var before = (Sample.Head + marked)[..at];
        var errors = Sample.Reports(Sample.Head + marked.Replace("«", "", StringComparison.Ordinal))
            .Where(d => d.Severity == Severity.Error).ToList();
        Assert.True(errors.Count == 1, string.Join('\n', errors));
        Assert.Contains(message, errors[0].Message, StringComparison.Ordinal);
        Assert.Contains(mend, errors[0].Mend, StringComparison.Ordinal);
        var column = at - before.LastIndexOf('\n');
        Assert.Equal((before.Count(c => c == '\n') + 1, marked.StartsWith("«  ", StringComparison.Ordinal) ? 3 : column),
            (errors[0].Place.Line, errors[0].Place.Column));
    }

    [Fact]
    public void A_file_with_twenty_mistakes_has_twenty_reports()
    {
        var text = File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "Language", "twenty.rvmp"));
        var expected = text.Split('\n').Select((l, i) => (Line: i + 1, Count: l.Split("!!").Length - 1))
            .SelectMany(l => Enumerable.Repeat(l.Line, l.Count)).ToList();
        var errors = Sample.Reports(text).Where(d => d.Severity == Severity.Error).ToList();
        Assert.Equal(20, expected.Count);
        Assert.True(expected.SequenceEqual(errors.Select(e => e.Place.Line)),
            string.Join('\n', errors.Select(e => $"{e.Place}: {e.Message} ({e.Mend})")));
        Assert.All(errors, e => Assert.NotEqual("", e.Mend));
    }

    [Fact]
    public void A_comparison_that_says_nothing_is_a_warning()
    {
        foreach (var (condition, message) in new[] { ("depth > 9", "never"), ("size = 5000B", "never"), ("depth >= 0", "always"),
            ("object in 600..700", "never"), ("rights = none or now = 3ns", "never") })
            Assert.Contains($"this {message} holds", Assert.Single(Sample.Reports($"{Sample.Head}{Rule}{condition}\n")).Message,
                StringComparison.Ordinal);
    }

    [Fact]
    public void The_system_gives_the_names()
    {
        var system = new SystemNames("s.yaml", new Dictionary<string, int> { ["alice"] = 1, ["bob"] = 2 }, new Dictionary<string,
            IReadOnlyList<int>> { ["all"] = [1, 2] });
        var text = "policy p \"\"\npartition alice = 1\npermit x \"\"\n  when caller in all and target = bob\n";
        Assert.Empty(Sample.Reports(text, system));
        Assert.Contains("has no partition `carol`", Assert.Single(Sample.Reports(text + "partition carol = 2\n", system)).Message,
            StringComparison.Ordinal);
        Assert.Contains("partition 2 of s.yaml", Assert.Single(Sample.Reports(text + "partition bob = 5\n", system)).Message,
            StringComparison.Ordinal);
        Assert.Contains("--system", Sample.Reports(text).First(d => d.Message.Contains("bob", StringComparison.Ordinal)).Mend,
            StringComparison.Ordinal);
    }

    [Fact]
    public void Any_bytes_are_read_or_reported()
    {
        var pieces = Gen.Elements("permit", "forbid x \"y\"", "\n  when ", "\n", "policy p \"x\"\n", "(", ")", "{", "}", "not ", " and ", " or ",
            "=", "caller", "1..2", "4KiB", "\"", "\\", "\0", "#", "\t",
            "unchanged-from", "assert ", "\r\n", "éß", "\ud800", "0x", "_", "-", "rights has any ", "call in {cap_grant}", "now + 1s <",
                "const k = k", "group g = g\n", "12345678901234567890123456789012345678901234567890");
        Prop.ForAll(Gen.ListOf(pieces).Select(string.Concat).ToArbitrary(), text => IsTotal(text)).Holds(2000);
        Prop.ForAll(Gen.ArrayOf(Gen.Choose(0, 255).Select(b => (byte)b)).ToArbitrary(), bytes =>
            IsTotal(System.Text.Encoding.UTF8.GetString(bytes))).Holds(1000);
    }

    [Theory]
    [InlineData("(", 100_000)]
    [InlineData("not ", 100_000)]
    [InlineData("(count = 1 or ", 20_000)]
    [InlineData("count = (1 + ", 20_000)]
    [InlineData("1 + ", 50_000)]
    [InlineData("{", 20_000)]
    [InlineData("count = 1 and ", 20_000)]
    public void Deep_or_long_text_does_not_break_the_reader(string piece, int times) =>
        Assert.True(IsTotal(Sample.Head + Rule + string.Concat(Enumerable.Repeat(piece, times))));

    /// <summary>Reads a text: a policy comes out, or errors do; what has no syntax error can be formatted.</summary>
    private static bool IsTotal(string text)
    {
        var bag = new DiagnosticBag();
        var tree = Parser.Read("t.rvmp", text, bag);
        if (!bag.HasErrors) Formatter.Format(tree);
        return Binder.Bind(tree, null, bag) is not null != bag.HasErrors;
    }
}
