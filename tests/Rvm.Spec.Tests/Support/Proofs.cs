using Rvm.Spec.State;

namespace Rvm.Spec.Tests;

/// <summary>Makes proof tokens for the running partition, and bundles with policies.</summary>
public static class Proofs
{
    /// <summary>A good token for the call in x (x0–x7), if x1 names a capability at all.</summary>
    public static Token Good(_IKernel k, IReadOnlyList<ulong> x, ulong now)
    {
        var me = k.dtor_vol.dtor_sched.dtor_cur;
        var shown = k.dtor_st.dtor_caps.Select(me * States.Slots + (uint)(x[1] % States.Slots));
        var nonce = k.dtor_st.dtor_nonces.Select(me) + 1;
        return Token.For(me, x, shown.dtor_depth, shown.dtor_obj, nonce, Math.Max(now, nonce));
    }

    /// <summary>The words of a bundle with one empty command and these policies.</summary>
    public static ulong[] Bundle(params ulong[][] policies) => With([0x314C_444E_424D_5652, 1, 1, 16, 0, 0, 0, 0, .. new ulong[8]], policies);

    /// <summary>The bundle with these policies behind it.</summary>
    public static ulong[] With(ulong[] bundle, params ulong[][] policies)
    {
        ulong[] words = [.. bundle, .. policies.SelectMany(p => p)];
        words[3] = (ulong)words.Length;
        var at = bundle.Length;
        for (var i = 0; i < policies.Length; at += policies[i++].Length) (words[4 + 2 * i], words[5 + 2 * i]) = ((ulong)at, (ulong)policies[i].Length);
        return words;
    }
}
