using Rvm.Policy.Binding;

namespace Rvm.Policy.Checks;

/// <summary>A request as the kernel puts it: a call and the 18 values, in units of the request (frames, pages, counts of the timer).</summary>
public sealed record PolicyRequest(Call Call, IReadOnlyList<ulong> Values)
{
    /// <summary>The value of a field.</summary>
    public ulong this[Field field] => Values[field.Index];

    /// <summary>What a field is when nothing else is said: no region, no mapping, first partition, flow, zero.</summary>
    public static ulong Usual(Field field) =>
        field == Fields.RegionPolicy || field == Fields.Permission ? 15UL : field == Fields.Mode ? 1UL : field.Least;

    /// <summary>The request in which every field is as usual.</summary>
    public static PolicyRequest UsualOf(Call call) => new(call, [.. Fields.All.Select(Usual)]);

    /// <summary>The same request with one field changed; <c>now</c> and <c>epoch</c> keep telling the same time.</summary>
    public PolicyRequest With(Field field, ulong value)
    {
        var values = Values.ToArray();
        values[field.Index] = value;
        if (field == Fields.Now) values[Fields.Epoch.Index] = value / Fields.CountsPerEpoch;
        if (field == Fields.Epoch && values[Fields.Now.Index] / Fields.CountsPerEpoch != value)
            values[Fields.Now.Index] = value * Fields.CountsPerEpoch;
        return this with { Values = values };
    }
}

/// <summary>How a request is decided.</summary>
/// <param name="Permitted">False: denied.</param>
/// <param name="Rule">The id of the rule that decided; <see cref="NoRule"/> when none matched.</param>
public readonly record struct Ruling(bool Permitted, int Rule)
{
    /// <summary>The id that stands for «no rule matched».</summary>
    public const int NoRule = 4095;
}

/// <summary>The evaluator that the kernel runs. The checks replay every model through it.</summary>
public interface IEvaluator
{
    /// <summary>Its name, for reports.</summary>
    string Name { get; }

    /// <summary>Admits a table; null when it refuses it.</summary>
    /// <param name="words">The words of docs/policy.md, «The table».</param>
    IDecider? Load(ulong[] words);
}

/// <summary>An evaluator with a table that it has admitted.</summary>
public interface IDecider
{
    /// <summary>The decision on one request.</summary>
    /// <param name="call">Below 128.</param>
    /// <param name="values">18 values.</param>
    Ruling Decide(int call, ulong[] values);

    /// <summary>How many rules the kernel asks at most before it answers this call; 0: it is not known.</summary>
    /// <param name="call">Below 128.</param>
    /// <param name="greatest">The greatest value of each of the 18 fields in any request.</param>
    int MostAsked(int call, ulong[] greatest);
}
