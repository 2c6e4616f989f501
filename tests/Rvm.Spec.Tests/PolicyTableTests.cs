using Rvm.Policy.Evaluation;
using static Rvm.Verified.Tests.PolicyWords;

namespace Rvm.Spec.Tests;

/// <summary>What makes words a policy's table: for every demand of Admissible a table at its edge, and one beyond that violates only it.</summary>
public class PolicyTableTests
{
    private const int Call = 17;

    /// <summary>A forbid with a condition in words 137–139, a permit with two in words 141–143 and 144–146, and two words of text.</summary>
    private static ulong[] Example() => new PolicyWords().Govern(1).Text(2)
        .Forbid(Call, 5, If(1, Ask.Range, 3, 4)).Permit(Call, 6, If(0, Ask.Member, 6), If(2, Ask.AtMost, 7, 0, 3)).Build();

    private static ulong[] Rules(uint forbids, uint permits)
    {
        ulong[] words = [.. new PolicyWords().Build(), .. new ulong[forbids + permits]];
        words[Header + Call] = Body | (ulong)forbids << 32 | (ulong)permits << 48;
        words[2] = words[3] = (uint)words.Length;
        return words;
    }

    private static ulong[] Conditions(int count) => new PolicyWords().Permit(Call, 0, [.. Enumerable.Repeat(If(0, Ask.Range, 0), count)]).Build();

    private static ulong[] With(params (int At, ulong Word)[] changes)
    {
        var words = Example();
        foreach (var (at, word) in changes) words[at] = word;
        return words;
    }

    private static ulong[] Long(int size)
    {
        var words = Example();
        Array.Resize(ref words, size);
        words[2] = words[3] = (uint)size;
        return words;
    }

    public static TheoryData<string, ulong[]> Admitted => new()
    {
        { "an example", Example() },
        { "no rules", new PolicyWords().Build() },
        { "no text among the words", Example()[..147] },
        { "text that goes on elsewhere", With((3, ~0UL)) },
        { "16384 words", Long(Most) },
        { "1024 rules", Rules(24, 1000) },
        { "32 conditions", Conditions(32) },
        { "rule 4094", With((Body, 1 | 4094UL << 8)) },
        { "field 16", With((137, 16)) },
        { "second field 16", With((144, 2 | 6UL << 8 | 16UL << 16)) },
        { "the last operator", With((144, 2 | 7UL << 8 | 3UL << 16)) },
        { "a range of nothing", With((138, 5)) },
        { "two calls that share rules", With((Header + 127, Body | 1UL << 48)) },
        { "a call whose rules begin within another's", With((Header + 127, 140 | 1UL << 48)) },
        { "every call governed", With((4, ~0UL), (5, ~0UL)) },
        { "every call deep", With((6, ~0UL), (7, ~0UL)) },
        { "the largest values", With((138, ~0UL), (139, ~0UL)) },
    };

    public static TheoryData<string, ulong[]> Refused => new()
    {
        { "no words", [] },
        { "135 words", Example()[..135] },
        { "another magic", With((0, Magic + 1)) },
        { "version 0", With((1, 0)) },
        { "version 2", With((1, 2)) },
        { "a size without the index", With((2, 135)) },
        { "16385 words", Long(Most + 1) },
        { "more words than there are", Example()[..146] },
        { "a size that only looks small", With((2, 147 | 1UL << 32)) },
        { "fewer words in all than the kernel reads", With((3, 146)) },
        { "1025 permits", Rules(0, 1025) },
        { "1024 permits and a forbid", Rules(1, 1024) },
        { "no rules, but a place for them", With((Header + 3, Body)) },
        { "rules in the header", With((Header + Call, 6 | 1UL << 32)) },
        { "rules in the index", With((Header + Call, 135 | 1UL << 32)) },
        { "rules in the text", With((Header + Call, 147 | 1UL << 48)) },
        { "rules far away", With((Header + Call, 0xFFFF_FFFF | 1UL << 48)) },
        { "one rule more than there is", With((Header + Call, Body | 1UL << 32 | 2UL << 48)) },
        { "a rule that ends in the text", With((140, 3 | 6UL << 8)) },
        { "33 conditions", Conditions(33) },
        { "rule 4095", With((Body, 1 | 4095UL << 8)) },
        { "a head with more in it", With((Body, 1 | 5UL << 8 | 1UL << 24)) },
        { "field 18", With((137, 18)) },
        { "operator 8", With((144, 2 | 8UL << 8 | 3UL << 16)) },
        { "a second field that is not asked for", With((137, 1 | 1UL << 16)) },
        { "second field 18", With((144, 2 | 6UL << 8 | 18UL << 16)) },
        { "a condition with more in it", With((137, 1 | 1UL << 24)) },
        { "a second number that is not asked for", With((146, 1)) },
        { "a fault in the last call's rules only", With((Header + 127, 142 | 1UL << 48)) },
    };

    [Theory]
    [MemberData(nameof(Admitted))]
    public void It_is_a_table(string what, ulong[] words)
    {
        Assert.True(PolicySpec.Admissible(words), what);
        var policy = VerifiedPolicy.Admit(words);
        Assert.NotNull(policy);
        Assert.Equal(PolicySpec.Kept(words), policy.Words);
    }

    [Theory]
    [MemberData(nameof(Refused))]
    public void It_is_none(string what, ulong[] words)
    {
        Assert.False(PolicySpec.Admissible(words), what);
        Assert.Null(VerifiedPolicy.Admit(words));
    }

    /// <summary>The example of proofs/policy: both decisions, and each of the three reasons for a denial.</summary>
    [Fact]
    public void The_example_permits_forbids_and_denies()
    {
        var (words, policy) = (Example(), VerifiedPolicy.Admit(Example())!);
        foreach (var (caller, target, kind, expected) in new (ulong, ulong, ulong, Ruling)[]
                 {
                     (2, 1, 7, new(true, 6)), (2, 3, 7, new(false, 5)), (2, 5, 8, new(false, Ruling.NoRule)), (3, 5, 7, new(false, Ruling.NoRule)),
                 })
        {
            var request = new ulong[Fields];
            (request[0], request[1], request[2]) = (caller, target, kind);
            Assert.Equal(expected, PolicySpec.Decision(words, Call, request));
            Assert.Equal(expected, policy.Decide(Call, request));
        }
    }
}
