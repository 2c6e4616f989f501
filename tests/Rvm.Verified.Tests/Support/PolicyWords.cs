namespace Rvm.Verified.Tests;

/// <summary>What a condition asks of x, the value of its field; y is the value of the second field.</summary>
public enum Ask : uint { Range, Outside, Member, NotMember, Bits, NotBits, AtMost, Above }

/// <summary>A rule of a table, its conditions as the three words of each.</summary>
public sealed record PolicyRule(uint Id, ulong[][] Conditions);

/// <summary>Writes policy tables word by word, as spec/Policy.dfy draws them.</summary>
public sealed class PolicyWords
{
    public const ulong Magic = 0x3159_4C4F_504D_5652;
    public const int Header = 8, Calls = 128, Body = Header + Calls, Most = 16_384, Fields = 18;

    private readonly SortedDictionary<uint, (List<PolicyRule> Forbids, List<PolicyRule> Permits)> _rules = [];
    private readonly ulong[] _governed = new ulong[2], _deep = new ulong[2];
    private int _text;

    /// <summary>Permits everything that needs a permit; a rule's number is that of its call.</summary>
    public static PolicyWords Open => Fn.Sealed.Aggregate(new PolicyWords(), (words, call) => words.Permit(call, call));

    /// <summary>Governs much, permits most of it, and can be left for the other one.</summary>
    public static PolicyWords Narrow
    {
        get
        {
            const uint rights = 9, permission = 8, count = 11, caller = 0;
            uint[] governed = [Fn.CapGrant, Fn.RegionMap, Fn.RegionUnmap, Fn.CapRevoke, Fn.PartitionStart, Fn.PartitionSuspend, Fn.PartitionTerminate];
            var words = governed.Aggregate(Open, (w, call) => w.Govern(call));
            foreach (var call in governed) words.Permit(call, 100 + call, If(caller, Ask.Range, 1, 4));
            return words.Forbid(Fn.CapGrant, 1, If(rights, Ask.Bits, Right.Revoke, Right.Revoke)).Forbid(Fn.RegionMap, 2, If(permission, Ask.Range, Kind.Rx, Kind.Rx))
                .Forbid(Fn.PartitionCreate, 3, If(count, Ask.Outside, 1, 150));
        }
    }

    public static ulong[] If(uint field, Ask ask, ulong a, ulong b = 0, uint second = 0) => [field | (uint)ask << 8 | second << 16, a, b];

    public PolicyWords Forbid(uint call, uint id, params ulong[][] conditions)
    {
        Of(call).Forbids.Add(new(id, conditions));
        return this;
    }

    public PolicyWords Permit(uint call, uint id, params ulong[][] conditions)
    {
        Of(call).Permits.Add(new(id, conditions));
        return this;
    }

    public PolicyWords Govern(uint call)
    {
        _governed[call / 64] |= 1UL << (int)(call % 64);
        return this;
    }

    /// <summary>The call's token must come with a deep proof.</summary>
    public PolicyWords Deep(uint call)
    {
        _deep[call / 64] |= 1UL << (int)(call % 64);
        return this;
    }

    /// <summary>Words after the rules, which the kernel ignores.</summary>
    public PolicyWords Text(int words)
    {
        _text = words;
        return this;
    }

    public ulong[] Build()
    {
        List<ulong> words = [Magic, 1, 0, 0, _governed[0], _governed[1], _deep[0], _deep[1], .. new ulong[Calls]];
        foreach (var (call, (forbids, permits)) in _rules)
        {
            words[Header + (int)call] = (uint)words.Count | (ulong)(uint)forbids.Count << 32 | (ulong)(uint)permits.Count << 48;
            foreach (var rule in forbids.Concat(permits)) words.AddRange([(uint)rule.Conditions.Length | rule.Id << 8, .. rule.Conditions.SelectMany(c => c)]);
        }

        words[2] = (ulong)words.Count;
        words[3] = (ulong)(words.Count + _text);
        words.AddRange(Enumerable.Repeat(0x2020_2020_2020_2020UL, _text));
        return [.. words];
    }

    private (List<PolicyRule> Forbids, List<PolicyRule> Permits) Of(uint call)
    {
        if (!_rules.TryGetValue(call, out var rules)) _rules[call] = rules = ([], []);
        return rules;
    }
}
