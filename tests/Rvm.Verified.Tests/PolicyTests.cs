using Rvm.Policy.Evaluation;
using static Rvm.Verified.Tests.PolicyWords;

namespace Rvm.Verified.Tests;

/// <summary>The policy checker and evaluator of the kernel, on examples.</summary>
public class PolicyTests
{
    private const uint Call = 17, X = 0, Y = 11;

    private static ulong[] Request(ulong x = 0, ulong y = 0)
    {
        var request = new ulong[Fields];
        (request[X], request[Y]) = (x, y);
        return request;
    }

    private static VerifiedPolicy Admit(PolicyWords words) => VerifiedPolicy.Admit(words.Build()) ?? throw new InvalidOperationException("refused");

    [Theory]
    [InlineData(Ask.Range, 5, 9, "5 7 9", "4 10 0")]
    [InlineData(Ask.Range, 9, 5, "", "5 7 9")]
    [InlineData(Ask.Range, 0, ulong.MaxValue, "0 18446744073709551615", "")]
    [InlineData(Ask.Outside, 5, 9, "4 10 18446744073709551615", "5 7 9")]
    [InlineData(Ask.Outside, 9, 5, "0 5 7 9 10", "")]
    [InlineData(Ask.Member, 0x8000_0000_0000_0001, 0x8000_0000_0000_0002, "0 63 65 127", "1 62 64 66 126 128 129 192 18446744073709551615")]
    [InlineData(Ask.NotMember, 0x8000_0000_0000_0001, 0x8000_0000_0000_0002, "1 62 64 66 126 128 191 18446744073709551615", "0 63 65 127")]
    [InlineData(Ask.Bits, 6, 2, "2 3 10 18446744073709551611", "0 4 6 7")]
    [InlineData(Ask.NotBits, 6, 2, "0 4 6 7", "2 3 10")]
    [InlineData(Ask.Bits, 6, 1, "", "0 1 2 4 6 7")]
    public void An_operator_asks_what_its_name_says(Ask ask, ulong a, ulong b, string yes, string no)
    {
        var policy = Admit(new PolicyWords().Permit(Call, 3, If(X, ask, a, b)));
        foreach (var x in Numbers(yes)) Assert.Equal(new Ruling(true, 3), policy.Decide(Call, Request(x)));
        foreach (var x in Numbers(no)) Assert.Equal(new Ruling(false, Ruling.NoRule), policy.Decide(Call, Request(x)));
    }

    [Theory]
    [InlineData(5, 5, 0, true)]
    [InlineData(6, 5, 0, false)]
    [InlineData(9, 5, 4, true)]
    [InlineData(10, 5, 4, false)]
    [InlineData(0, ulong.MaxValue, ulong.MaxValue, true)]
    [InlineData(ulong.MaxValue, 1, ulong.MaxValue, true)]
    [InlineData(ulong.MaxValue, 0, ulong.MaxValue, true)]
    [InlineData(ulong.MaxValue, 0, ulong.MaxValue - 1, false)]
    [InlineData(3, ulong.MaxValue, 2, true)]
    public void Two_fields_are_compared_without_overflow(ulong x, ulong y, ulong a, bool atMost)
    {
        var policy = Admit(new PolicyWords().Permit(Call, 1, If(X, Ask.AtMost, a, 0, Y)).Permit(Call, 2, If(X, Ask.Above, a, 0, Y)));
        Assert.Equal(new Ruling(true, atMost ? 1u : 2u), policy.Decide(Call, Request(x, y)));
    }

    [Fact]
    public void Forbid_beats_permit_the_first_match_names_the_rule_and_all_else_is_denied()
    {
        var policy = Admit(new PolicyWords()
            .Permit(Call, 10, If(X, Ask.Range, 0, 4)).Permit(Call, 11, If(X, Ask.Range, 3, 9))
            .Forbid(Call, 20, If(X, Ask.Range, 8, 9)).Forbid(Call, 21, If(X, Ask.Range, 9, 12), If(Y, Ask.Range, 1, 1)));
        (ulong X, ulong Y, Ruling Ruling)[] expected =
        [
            (2, 0, new(true, 10)), (3, 0, new(true, 10)), (5, 0, new(true, 11)), (8, 0, new(false, 20)), (9, 1, new(false, 20)),
            (10, 1, new(false, 21)), (10, 0, new(false, Ruling.NoRule)), (13, 1, new(false, Ruling.NoRule)),
        ];
        Assert.All(expected, e => Assert.Equal(e.Ruling, policy.Decide(Call, Request(e.X, e.Y))));
        Assert.Equal(new Ruling(false, Ruling.NoRule), policy.Decide(Call + 1, Request(2)));
    }

    /// <summary>What each value of the field leaves is asked; without lists, all rules are.</summary>
    [Theory]
    [InlineData(7, X, 127UL, 7)]                             // too few for lists
    [InlineData(100, X, 127UL, 1)]                           // each value leaves the one rule that looks for it
    [InlineData(100, X, 128UL, 100)]                         // a request may have a value without a list
    [InlineData(257, X, 127UL, 257)]                         // too many for lists
    public void How_many_rules_are_asked_at_most_is_what_the_lists_leave(int rules, uint field, ulong greatest, int asked)
    {
        var words = new PolicyWords();
        for (var i = 0; i < rules; i++) words.Permit(Call, (uint)i, If(field, Ask.Range, (ulong)i, (ulong)i));
        var most = Enumerable.Repeat(ulong.MaxValue, VerifiedPolicy.Fields).ToArray();
        most[field] = greatest;
        var policy = Admit(words);
        Assert.Equal(asked, policy.MostAsked(Call, most));
        Assert.Equal(0, policy.MostAsked(Call + 1, most));
        Assert.Equal(0, VerifiedPolicy.None().MostAsked(Call, most));
        Assert.Throws<ArgumentException>(() => policy.MostAsked(Call, new ulong[3]));
    }

    [Fact]
    public void A_rule_without_conditions_always_matches()
    {
        Assert.Equal(new Ruling(true, 0), Admit(new PolicyWords().Permit(Call, 0)).Decide(Call, Request(~0UL, ~0UL)));
        Assert.Equal(new Ruling(false, 1), Admit(new PolicyWords().Permit(Call, 0).Forbid(Call, 1)).Decide(Call, Request()));
    }

    [Fact]
    public void Some_calls_are_governed_always_and_others_when_the_policy_says_so()
    {
        uint[] always = [6, 7, 9, 10, 12, 13, 14, 15, 16, 17, 18, 19, 20, 71, 79];
        var policy = VerifiedPolicy.None();
        Assert.Equal(always, Governed(policy));
        Assert.True(policy.Load(new PolicyWords().Govern(0).Govern(63).Govern(64).Govern(79).Govern(127).Build()));
        Assert.Equal([0, 6, 7, 9, 10, 12, 13, 14, 15, 16, 17, 18, 19, 20, 63, 64, 71, 79, 127], Governed(policy));
    }

    private static IEnumerable<uint> Governed(VerifiedPolicy policy) => Enumerable.Range(0, 1000).Append(int.MaxValue).Select(c => (uint)c).Where(policy.Governs);

    [Fact]
    public void Without_a_policy_every_call_is_denied()
    {
        var none = VerifiedPolicy.None();
        Assert.Equal(0, none.Words.Length);
        for (uint call = 0; call < 200; call++) Assert.Equal(new Ruling(false, Ruling.NoRule), none.Decide(call, Request(call)));
        var everything = new PolicyWords();
        for (uint call = 0; call < 128; call++) everything.Permit(call, call);
        var all = Admit(everything);
        for (uint call = 0; call < 200; call++) Assert.Equal(new Ruling(call < 128, call < 128 ? call : Ruling.NoRule), all.Decide(call, Request(call)));
        Assert.False(all.Decide(uint.MaxValue, Request()).Permitted);
    }

    [Fact]
    public void A_refused_table_leaves_the_policy_and_an_admitted_one_takes_its_place()
    {
        var first = new PolicyWords().Permit(Call, 1).Govern(1).Build();
        var policy = VerifiedPolicy.Admit(first)!;
        var second = new PolicyWords().Permit(Call, 2).Text(5).Build();
        second[^6] = 1UL << 24;         // the rule's head
        Assert.False(policy.Load(second));
        Assert.Equal(first, policy.Words);
        Assert.Equal((new Ruling(true, 1), true), (policy.Decide(Call, Request()), policy.Governs(1)));
        second[^6] = 2UL << 8;
        Assert.True(policy.Load([7, 7, 7, .. second, 7], 3, second.Length));
        Assert.Equal(second[..^5], policy.Words);
        Assert.Equal((new Ruling(true, 2), false), (policy.Decide(Call, Request()), policy.Governs(1)));
        Assert.True(policy.Load(new PolicyWords().Build()));
        Assert.Equal(new Ruling(false, Ruling.NoRule), policy.Decide(Call, Request()));
    }

    [Fact]
    public void Deciding_allocates_nothing()
    {
        var (random, table) = (new Random(5), new PolicyTables.PolicyTable());
        table.__ctor();
        var tables = Enumerable.Range(0, 50).Select(_ => RandomPolicy.Table(random)).ToArray();
        var requests = Enumerable.Range(0, 50).Select(_ => RandomPolicy.Request(random)).ToArray();
        var (before, permitted) = (0L, 0);
        for (var round = 0; round < 2; round++)
        {
            before = GC.GetAllocatedBytesForCurrentThread();
            foreach (var words in tables)
            {
                table.Load(words, 0, (uint)words.Length);
                foreach (var request in requests)
                {
                    table.Decide(Call, request, out var yes, out _);
                    if (yes && table.Governs(Call)) permitted++;
                }
            }
        }

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
        Assert.True(permitted > 100, $"only {permitted} permitted");
    }

    private static IEnumerable<ulong> Numbers(string text) => text.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(ulong.Parse);
}
