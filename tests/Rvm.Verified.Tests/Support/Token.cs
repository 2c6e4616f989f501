namespace Rvm.Verified.Tests;

/// <summary>A proof token: x8–x12 of a call that needs one (docs/abi.md, «The proof token»).</summary>
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

    /// <summary>A token for the call that these registers (x0–x7) make.</summary>
    public static Token For(uint caller, IEnumerable<ulong> x, uint depth, uint what, ulong nonce, ulong until) =>
        new(Fnv(x.Take(8).Prepend(caller)), (ulong)depth << 8 | Tier, until, nonce, what);
}
