using Rvm.Policy.Binding;
using Rvm.Policy.Smt;

namespace Rvm.Policy.Checks;

/// <summary>The requests that the kernel can put, as variables of the solvers with the limits of their domains.</summary>
public static class RequestSpace
{
    private static readonly IReadOnlyList<Variable> All = [.. Fields.All.Select(f => new Variable(f.Name, f.Width, f.Index))];

    private static readonly IReadOnlyList<Term> Domains = [.. Fields.All.Select(DomainOf)];

    /// <summary>A field, in units of the request.</summary>
    public static Variable Of(Field field) => All[field.Index];

    /// <summary>A field in units of the source: bytes, nanoseconds, or the plain number.</summary>
    public static Term Scaled(Field field) => field.Scale == 1 ? Of(field) : Terms.Multiply(Of(field), Terms.Number((UInt128)field.Scale));

    /// <summary>What every request of the kernel satisfies, for the fields that occur in <paramref name="goals"/>.</summary>
    public static IEnumerable<Term> Limits(IEnumerable<Term> goals)
    {
        var occurring = SmtWriter.Reachable(goals).Variables;
        foreach (var field in Fields.All)
            if (occurring.Contains(Of(field)) && !Terms.Is(Domains[field.Index], true)) yield return Domains[field.Index];
        if (occurring.Contains(Of(Fields.Now)) && occurring.Contains(Of(Fields.Epoch))) yield return OneTime;
    }

    /// <summary>Whether the kernel could put this request.</summary>
    public static bool Admits(PolicyRequest request) =>
        Fields.All.All(f => f.Admits(request[f])) && request[Fields.Epoch] == request[Fields.Now] / Fields.CountsPerEpoch;

    /// <summary>Computes terms for one request.</summary>
    public static TermInterpreter Interpreter(PolicyRequest request) => new(request.Values);

    /// <summary>epoch = now / 62500, without a division.</summary>
    private static readonly Term OneTime = SameTime();

    private static Term SameTime()
    {
        var begin = Terms.Multiply(Of(Fields.Epoch), Terms.Number(Fields.CountsPerEpoch));
        return Terms.And(Terms.AtMost(begin, Of(Fields.Now)), Terms.Below(Of(Fields.Now), Terms.Add(begin, Terms.Number(Fields.CountsPerEpoch))));
    }

    private static Term DomainOf(Field field)
    {
        var x = Of(field);
        if (field.Values is { } values) return Terms.Or(values.Select(v => Terms.Equal(x, Terms.Number(v))));
        var full = field.Width == 64 ? ulong.MaxValue : (1UL << field.Width) - 1;
        return Terms.And(
            field.Least == 0 ? Terms.True : Terms.AtMost(Terms.Number(field.Least), x),
            field.Most == full ? Terms.True : Terms.AtMost(x, Terms.Number(field.Most)));
    }
}
