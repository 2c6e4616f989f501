using FsCheck.Fluent;
using Rvm.Diagnostics;
using Rvm.Policy.Language;
using Rvm.Policy.Tests.Support;

namespace Rvm.Policy.Tests.Language;

/// <summary>The formatter changes nothing but the layout, and nothing at all the second time.</summary>
public class FormatterTests
{
    private static SyntaxTree Read(string text)
    {
        var bag = new DiagnosticBag();
        var tree = Parser.Read("t.rvmp", text, bag);
        Assert.True(!bag.HasErrors, string.Join('\n', bag.All) + "\n" + text);
        return tree;
    }

    private static string Format(string text) => Formatter.Format(Read(text));

    private static string Shape(string text) => SyntaxWriter.Write(Read(text).Statements);

    [Fact]
    public void Parsing_the_formatted_text_of_a_tree_gives_the_tree() =>
        Prop.ForAll(Gen.Choose(0, int.MaxValue).ToArbitrary(), seed =>
        {
            var condition = new RandomPolicy(seed).Condition(4);
            var written = $"permit x \"r\"\n  when {SyntaxWriter.Write(condition)}\n";
            var back = Assert.IsType<RuleStatement>(Assert.Single(Read(Format(written)).Statements)).Condition;
            return Dump.Of(back) == Dump.Of(condition);
        }).Holds(500);

    [Fact]
    public void Formatting_again_changes_nothing() =>
        Prop.ForAll(Gen.Choose(0, int.MaxValue).ToArbitrary(), seed =>
        {
            var text = Scatter(new RandomPolicy(seed).Source(4, 4), new Random(seed));
            var once = Format(text);
            Assert.Equal(once, Format(once));
            Assert.Equal(Shape(text), Shape(once));
            Assert.Equal(Comments(text), Comments(once));
            return once.Split('\n').All(l => l.Length <= Formatter.MaxColumns || l.Contains('#', StringComparison.Ordinal));
        }).Holds(300);

    [Fact]
    public void A_value_that_is_also_a_keyword_may_end_a_rule_on_a_line_of_its_own() =>
        Assert.Equal(2, Read("permit a \"r\"\n  when kind =\n  partition\npermit b \"r\"\n  when true\n").Statements.Count);

    [Fact]
    public void Comments_and_blank_lines_stay_where_they_are() => Assert.Equal(
        """
        # About the policy.

        policy p "x"  # its name
        # about the rule
        permit a "r"  # head
          # before the condition
          when call = cap_grant  # first
            # alone
            and depth < 3

        # the end

        """, Format(
        """

        # About the policy.


        policy   p "x"    # its name
              # about the rule
        permit a
              "r" # head
           # before the condition
         when call=cap_grant   # first
          # alone
              and depth<3


        # the end
        """));

    [Fact]
    public void Long_conditions_break_before_or_then_and() => Assert.Equal(
        """
        permit x "r"
          when call = cap_grant and caller in {alice, bob} and kind = region and region_policy = immutable
            or call = region_map
              and (size <= 64KiB and permission = r or size <= 128KiB and permission = rw)
              and depth < 3
              and mode = flow

        """, Format("permit x \"r\"\n  when call = cap_grant and caller in {alice, bob} and kind = region and region_policy = immutable "
            + "or call = region_map"
            + " and (size <= 64KiB and permission = r or size <= 128KiB and permission = rw) and depth < 3 and mode = flow"));

    private static IEnumerable<string> Comments(string text) => Read(text).Tokens.Where(t => t.Kind == TokenKind.Comment).Select(t => t.Source);

    /// <summary>Puts comments and line breaks between the tokens.</summary>
    private static string Scatter(string text, Random random)
    {
        var tokens = Read(text).Tokens;
        return string.Concat(tokens
            .Select((t, i) => (t.AtMargin ? "" : "  ") + t.Source + (i + 1 < tokens.Count && !tokens[i + 1].AtMargin ? random.Next(12) switch
        {
            0 => "\n", 1 => $" # c{i}\n", 2 => $"\n  # d{i}\n# e{i}\n\n", _ => "",
        } : random.Next(3) == 0 ? "\n# f\n\n  # g\n" : "\n")));
    }
}
