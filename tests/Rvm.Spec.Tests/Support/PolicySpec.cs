using Rvm.Policy.Evaluation;
using P = Rvm.Spec.Policy.__default;

namespace Rvm.Spec.Tests;

/// <summary>spec/Policy.dfy, run.</summary>
public static class PolicySpec
{
    public static bool Admissible(ulong[] words) => P.Admissible(States.Seq(words));

    /// <summary>The words that the kernel keeps of an admissible table.</summary>
    public static ulong[] Kept(ulong[] words) => P.Kept(States.Seq(words)).CloneAsArray();

    public static bool Governs(ulong[] words, uint call) => P.Governs(States.Seq(words), call);

    public static Ruling Decision(ulong[] words, uint call, ulong[] request)
    {
        var ruling = P.Decision(States.Seq(words), call, States.Seq(request));
        return new Ruling(ruling.is_Permit, (uint)ruling.dtor_rule);
    }
}
