using Rvm.Policy.Binding;

namespace Rvm.Policy.Checks;

/// <summary>Makes a request easier to read: as many fields as possible as usual, the others small.</summary>
public static class RequestReduction
{
    /// <summary>A request that still satisfies <paramref name="holds"/> and that the kernel could put.</summary>
    public static PolicyRequest Reduce(PolicyRequest request, Func<PolicyRequest, bool> holds)
    {
        bool Good(PolicyRequest r) => RequestSpace.Admits(r) && holds(r);
        foreach (var field in Fields.All.Where(f => f != Fields.Epoch))
        {
            var usual = request.With(field, PolicyRequest.Usual(field));
            if (request[field] == PolicyRequest.Usual(field)) continue;
            request = Good(usual) ? usual : field == Fields.Rights ? FewerBits(request, field, Good) : Smaller(request, field, Good);
        }

        return request;
    }

    private static PolicyRequest FewerBits(PolicyRequest request, Field field, Func<PolicyRequest, bool> good)
    {
        for (var bit = 1UL; bit <= field.Most; bit <<= 1)
            if ((request[field] & bit) != 0 && request.With(field, request[field] & ~bit) is var fewer && good(fewer)) request = fewer;
        return request;
    }

    /// <summary>Halves the distance to the least value while the request stays good.</summary>
    private static PolicyRequest Smaller(PolicyRequest request, Field field, Func<PolicyRequest, bool> good)
    {
        var (bad, best) = (field.Least, request);
        if (request.With(field, bad) is var least && good(least)) return least;
        while (best[field] - bad > 1)
        {
            var middle = bad + ((best[field] - bad) / 2);
            var tried = best.With(field, middle);
            if (good(tried)) best = tried;
            else bad = middle;
        }

        return best;
    }
}
