namespace Rvm.Policy.Evaluation;

/// <summary>
/// A policy in the kernel's own hands: the proved checker admits or refuses its words, the proved evaluator decides on it (spec/Policy.dfy). One
/// instance holds 128 KiB; deciding allocates nothing. Not for several threads at once while words are loaded.
/// </summary>
public sealed class VerifiedPolicy
{
    /// <summary>Words of a request: the values of the eighteen fields.</summary>
    public const int Fields = 18;

    /// <summary>Calls that a policy can speak of: 0 to 127.</summary>
    public const int Calls = 128;

    /// <summary>Words of a table before its entries of calls (spec/Policy.dfy), and the values of a field that have lists (PolicyIndex.dfy).</summary>
    private const int Header = 8, Listed = 128;

    private readonly PolicyTables.PolicyTable _table = new();

    private VerifiedPolicy() => _table.__ctor();

    /// <summary>The kernel before a policy is loaded: every governed call is denied.</summary>
    public static VerifiedPolicy None() => new();

    /// <summary>The policy that these words are, or null if they are none. Text after the rules may be among the words.</summary>
    public static VerifiedPolicy? Admit(ulong[] words)
    {
        var policy = new VerifiedPolicy();
        return policy.Load(words) ? policy : null;
    }

    /// <summary>Puts these words in the place of the policy if they are one. Otherwise the policy stays and the answer is false.</summary>
    public bool Load(ulong[] words) => _table.Load(words, 0, (uint)words.Length);

    /// <summary>As <see cref="Load(ulong[])"/>, of <paramref name="count"/> words from word <paramref name="at"/> on.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The array does not have these words.</exception>
    public bool Load(ulong[] words, int at, int count)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(at);
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(at, words.Length - count);
        return _table.Load(words, (uint)at, (uint)count);
    }

    /// <summary>The words that the kernel keeps; none if there is no policy.</summary>
    public ReadOnlySpan<ulong> Words => _table.tab.AsSpan(0, (int)_table.used);

    /// <summary>Does this call need a permit? Some calls always do (docs/policy.md).</summary>
    public bool Governs(uint call) => _table.Governs(call);

    /// <summary>How many rules the kernel asks at most before it answers this call.</summary>
    /// <param name="greatest">The greatest value of each of the eighteen fields in any request.</param>
    public int MostAsked(uint call, ulong[] greatest)
    {
        if (greatest.Length != Fields) throw new ArgumentException($"a request has {Fields} values, not {greatest.Length}", nameof(greatest));
        if (call >= Calls || _table.used == 0) return 0;
        var entry = _table.tab[Header + call];
        var rules = (int)((entry >> 32) & 0xFFFF) + (int)(entry >> 48);
        var index = _table.index;
        if (index.fields[call] == 0 || greatest[index.fields[call] - 1] >= Listed) return rules;
        var heads = index.heads.AsSpan((int)index.rows[call] * (Listed + 1), Listed + 1);
        var most = 0;
        for (var value = 0; value < Listed; value++) most = Math.Max(most, (int)(heads[value + 1] - heads[value]));
        return most;
    }

    /// <summary>What the policy says to a call with these values of the eighteen fields.</summary>
    /// <exception cref="ArgumentException">There are not eighteen values.</exception>
    public Ruling Decide(uint call, ulong[] request)
    {
        if (request.Length != Fields) throw new ArgumentException($"a request has {Fields} values, not {request.Length}", nameof(request));
        _table.Decide(call, request, out var permitted, out var rule);
        return new Ruling(permitted, rule);
    }
}
