namespace Rvm.Verified.Tests;

/// <summary>A proof token: x8–x12 of a call that needs one (docs/abi.md, «Proofs and the policy»).</summary>
/// <param name="Digest">FNV-1a 64 over the caller's number and x0–x7, byte by byte</param>
/// <param name="Claim">depth &lt;&lt; 8 | tier</param>
/// <param name="Until">the last count at which it is valid</param>
/// <param name="Nonce">greater than all that this partition slot has used</param>
/// <param name="Object">number of the object that x1 names</param>
public readonly record struct Token(ulong Digest, ulong Claim, ulong Until, ulong Nonce, ulong Object)
{
    public const ulong Tier = 2, Window = 62_500_000;

    public ulong[] Words => [Digest, Claim, Until, Nonce, Object];

    /// <summary>FNV-1a 64 over the bytes of these words, continuing from a hash.</summary>
    public static ulong Fnv(IEnumerable<ulong> words, ulong hash = 0xcbf29ce484222325) =>
        words.SelectMany(BitConverter.GetBytes).Aggregate(hash, (h, b) => unchecked((h ^ b) * 0x100000001b3));

    /// <summary>A good token for the running partition's call in x (x0–x7), if x1 names a capability at all.</summary>
    public static Token Good(CoreState.Core core, IReadOnlyList<ulong> x, ulong now)
    {
        var me = core.sched.cur;
        var shown = core.caps.tab.AsSpan((int)(me * 32 + x[1] % 32) * 8, 8);             // generation, kind, object, its generation, rights, depth, …
        var nonce = core.gate.nonces[me] + 1;
        return For(me, x, shown[5], shown[2], nonce, Math.Max(now, nonce));
    }

    /// <summary>A token for the call that these registers (x0–x7) make.</summary>
    public static Token For(uint caller, IEnumerable<ulong> x, uint depth, uint what, ulong nonce, ulong until) =>
        new(Fnv(x.Take(8).Prepend(caller)), (ulong)depth << 8 | Tier, until, nonce, what);
}
