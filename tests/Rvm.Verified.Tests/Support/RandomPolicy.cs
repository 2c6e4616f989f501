namespace Rvm.Verified.Tests;

/// <summary>Random policies whose rules often match random requests, and tables with a few wrong words.</summary>
public static class RandomPolicy
{
    private static readonly ulong[] Values =
        [0, 1, 2, 3, 4, 7, 12, 31, 63, 64, 65, 100, 127, 128, 129, 511, 4095, 65_536, 0xFFFF_FFFF, 1UL << 36, 1UL << 63, ~0UL - 1, ~0UL];

    private static readonly uint[] CallNumbers = [0, 1, 2, 12, 17, 18, 19, 63, 64, 68, 71, 79, 127];

    public static uint Call(Random random) => random.Next(20) == 0 ? (uint)random.Next(200) : CallNumbers[random.Next(CallNumbers.Length)];

    public static ulong Value(Random random) => random.Next(8) == 0 ? (ulong)random.NextInt64() >> random.Next(64) : Values[random.Next(Values.Length)];

    public static ulong[] Request(Random random) => [.. Enumerable.Range(0, PolicyWords.Fields).Select(_ => Value(random))];

    public static ulong[] Table(Random random)
    {
        var words = new PolicyWords().Text(random.Next(3));
        for (var calls = random.Next(1, 8); calls > 0; calls--)
        {
            var call = CallNumbers[random.Next(CallNumbers.Length)];
            if (random.Next(2) == 0) words.Govern(call);
            for (var n = random.Next(4); n > 0; n--) words.Forbid(call, Id(random), Conditions(random, random.Next(1, 5)));
            for (var n = random.Next(6); n > 0; n--) words.Permit(call, Id(random), Conditions(random, random.Next(4)));
        }

        if (random.Next(4) == 0) Many(words, random);
        return words.Build();
    }

    /// <summary>So many rules for a call that the core makes lists of those that a small value does not exclude.</summary>
    private static void Many(PolicyWords words, Random random)
    {
        var (call, field) = (CallNumbers[random.Next(CallNumbers.Length)], (uint)random.Next(PolicyWords.Fields));
        for (var n = random.Next(8, 40); n > 0; n--)
        {
            ulong[][] conditions = [random.Next(5) == 0 ? Condition(random) : Small(field, random), .. Conditions(random, random.Next(2))];
            if (random.Next(3) == 0) words.Forbid(call, Id(random), conditions);
            else words.Permit(call, Id(random), conditions);
        }
    }

    private static ulong[] Small(uint field, Random random)
    {
        var x = Values[random.Next(15)];
        return (Ask)random.Next(8) switch
        {
            Ask.Outside => PolicyWords.If(field, Ask.Outside, x, x + 100),
            Ask.Member => PolicyWords.If(field, Ask.Member, (ulong)random.NextInt64(), (ulong)random.NextInt64()),
            Ask.Bits => PolicyWords.If(field, Ask.Bits, 3, x & 3),
            Ask.AtMost => PolicyWords.If(field, Ask.AtMost, x, 0, (uint)random.Next(PolicyWords.Fields)),
            _ => PolicyWords.If(field, Ask.Range, x, x + (ulong)random.Next(3)),
        };
    }

    /// <summary>Has a call so many rules that the core makes lists for it?</summary>
    public static bool HasMany(ulong[] table, uint call) =>
        call < 128 && table.Length > PolicyWords.Header + call && (table[PolicyWords.Header + call] >> 32 & 0xFFFF) + (table[PolicyWords.Header + call] >> 48) >= 8;

    /// <summary>One to three words of the header, the index or the rules are no longer what they were, or the table ends too early.</summary>
    public static ulong[] Mutate(ulong[] table, Random random)
    {
        var words = (ulong[])table.Clone();
        for (var n = random.Next(1, 4); n > 0; n--)
        {
            var at = Place(words, random);
            words[at] = random.Next(5) switch
            {
                0 => words[at] ^ 1UL << random.Next(64),
                1 => Value(random),
                2 => words[at] + 1,
                3 => words[at] - 1,
                _ => words[random.Next(words.Length)],
            };
        }

        return random.Next(10) == 0 ? words[..random.Next(words.Length + 1)] : words;
    }

    private static int Place(ulong[] words, Random random) => random.Next(8) switch
    {
        0 => random.Next(PolicyWords.Header),
        <= 3 => PolicyWords.Header + (int)CallNumbers[random.Next(CallNumbers.Length)],
        _ => words.Length > PolicyWords.Body ? random.Next(PolicyWords.Body, words.Length) : random.Next(words.Length),
    };

    private static uint Id(Random random) => (uint)random.Next(4095);

    private static ulong[][] Conditions(Random random, int count) => [.. Enumerable.Range(0, count).Select(_ => Condition(random))];

    private static ulong[] Condition(Random random)
    {
        var (field, second, ask, a, b) = ((uint)random.Next(PolicyWords.Fields), (uint)random.Next(PolicyWords.Fields), (Ask)random.Next(8), Value(random), Value(random));
        return ask switch
        {
            Ask.Range or Ask.Outside => PolicyWords.If(field, ask, Math.Min(a, b), random.Next(10) == 0 ? a : Math.Max(a, b)),
            Ask.Member or Ask.NotMember => PolicyWords.If(field, ask, (ulong)random.NextInt64(), (ulong)random.NextInt64()),
            Ask.Bits or Ask.NotBits => PolicyWords.If(field, ask, a, random.Next(10) == 0 ? b : a & Value(random)),
            _ => PolicyWords.If(field, ask, a, 0, second),
        };
    }
}
