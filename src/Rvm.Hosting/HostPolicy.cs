namespace Rvm.Hosting;

/// <summary>The host's policy as a table of docs/policy.md: it may make VMs of the images that are for VMs, with the quota that VMs get. Nothing else that needs a permit.</summary>
internal static class HostPolicy
{
    public const ulong PartitionCreate = 12;

    private const ulong Magic = 0x3159_4C4F_504D_5652, Caller = 0, Count = 11, Image = 13;
    private const int Header = 8, Calls = 128;

    /// <param name="images">VMs have the images 1 to this one.</param>
    /// <param name="quota">The witness records that a VM gets.</param>
    public static ulong[] Table(ulong images, ulong quota)
    {
        ulong[] rule = [3, .. In(Caller, HostPartition.Id, HostPartition.Id), .. In(Image, 1, images), .. In(Count, quota, quota)];
        var table = new ulong[Header + Calls + rule.Length];
        (table[0], table[1], table[2], table[3]) = (Magic, 1, (ulong)table.Length, (ulong)table.Length);
        table[Header + (int)PartitionCreate] = 1UL << 48 | Header + Calls;          // one permit, and where it is
        rule.CopyTo(table, Header + Calls);
        return table;
    }

    private static ulong[] In(ulong field, ulong least, ulong most) => [field, least, most];

    /// <summary>The proof of a call in x0 to x7, for x8 to x12 (docs/abi.md, «Proofs and the policy»), by a capability from the bundle for an object with the number 0.</summary>
    /// <param name="now">The time; the proof is valid for a second, at least.</param>
    /// <param name="nonce">Greater than that of every call before.</param>
    public static ulong[] Proof(ReadOnlySpan<ulong> x, ulong now, ulong nonce)
    {
        const ulong tier = 2, window = 62_500_000;
        var digest = Fnv(0xcbf2_9ce4_8422_2325, HostPartition.Id);
        foreach (var word in x[..8]) digest = Fnv(digest, word);
        return [digest, tier, now + window, nonce, 0];
    }

    private static ulong Fnv(ulong hash, ulong word)
    {
        for (var i = 0; i < 8; i++, word >>= 8) hash = (hash ^ (word & 0xff)) * 0x100_0000_01b3;
        return hash;
    }
}
