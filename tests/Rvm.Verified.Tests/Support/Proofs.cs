namespace Rvm.Verified.Tests;

/// <summary>Makes proof tokens for the running partition of a core.</summary>
public static class Proofs
{
    /// <summary>A good token for the call in x (x0–x7), if x1 names a capability at all.</summary>
    public static Token Good(CoreState.Core core, IReadOnlyList<ulong> x, ulong now)
    {
        var (me, slot) = (core.sched.cur, (uint)x[1] % Caps.Slots);
        var nonce = core.gate.nonces[me] + 1;
        return Token.For(me, x, Caps.Depth(core, me, slot), Caps.Object(core, me, slot), nonce, Math.Max(now, nonce));
    }
}
