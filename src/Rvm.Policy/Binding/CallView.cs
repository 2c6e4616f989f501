namespace Rvm.Policy.Binding;

/// <summary>What a condition says when only the call is known.</summary>
public static class CallView
{
    /// <summary>True or false when the call alone decides the condition; null when the fields matter.</summary>
    public static bool? At(BoundCondition condition, Call call) => condition switch
    {
        BoundConstant constant => constant.Value,
        BoundCall calls => calls.Calls.Contains(call),
        BoundNot not => !At(not.Inner, call),
        BoundAnd and => Meet(and.Parts.Select(p => At(p, call)), false),
        BoundOr or => Meet(or.Parts.Select(p => At(p, call)), true),
        _ => null,
    };

    /// <summary>The places where a condition names calls, each with one of them.</summary>
    public static IEnumerable<(Call Call, BoundCall At)> Named(BoundCondition condition) => condition switch
    {
        BoundCall calls => calls.Calls.Select(c => (c, calls)),
        BoundNot not => Named(not.Inner),
        BoundAnd and => and.Parts.SelectMany(Named),
        BoundOr or => or.Parts.SelectMany(Named),
        _ => [],
    };

    private static bool? Meet(IEnumerable<bool?> parts, bool strong)
    {
        bool? result = !strong;
        foreach (var part in parts)
        {
            if (part == strong) return strong;
            if (part is null) result = null;
        }

        return result;
    }
}
