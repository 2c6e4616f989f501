using Rvm.Diagnostics;
using Rvm.Policy.Binding;

namespace Rvm.Policy.Checks;

/// <summary>Requests as people read and write them: <c>call=partition_create caller=alice count=4</c>. Fields that are not named are as
/// usual.</summary>
public static class RequestText
{
    /// <summary>The text of a request; <see cref="Parse"/> reads it back.</summary>
    public static string Of(PolicyRequest request, BoundPolicy policy)
    {
        var byTime = request[Fields.Epoch] == request[Fields.Now] / Fields.CountsPerEpoch;
        var shown = Fields.All.Where(f => f == Fields.Caller || (request[f] != PolicyRequest.Usual(f) && !(f == Fields.Epoch && byTime)));
        return $"call={request.Call.Name} " + string.Join(' ', shown.Select(f => $"{f.Name}={ValueText.Of(f, request[f], policy)}"));
    }

    /// <summary>All fields by name, in units of the request, for programs.</summary>
    public static IReadOnlyDictionary<string, ulong> Values(PolicyRequest request) => Fields.All.ToDictionary(f => f.Name, f => request[f]);

    /// <summary>The request that words of the form NAME=VALUE describe; null after reporting every mistake.</summary>
    public static PolicyRequest? Parse(IReadOnlyList<string> words, BoundPolicy policy, DiagnosticBag bag)
    {
        Call? call = null;
        List<(Field Field, ulong Value)> values = [];
        foreach (var (word, number) in words.Select((w, i) => (w, i + 1)))
        {
            var place = new Place("REQUEST", 1, number);
            if (word.Split('=', 2) is not [var name, var text])
                bag.Error(place, $"`{word}` is not of the form NAME=VALUE", "write a request such as call=partition_create caller=1 count=4");
            else if (name == "call")
            {
                if (!Calls.ByName.TryGetValue(text, out call))
                    bag.Error(place, $"`{text}` is not a call", Suggest.OneOf(text, [.. Calls.ByName.Keys]));
            }
            else if (!Fields.ByName.TryGetValue(name, out var field))
                bag.Error(place, $"`{name}` is not a field", Suggest.OneOf(name, ["call", .. Fields.ByName.Keys]));
            else if (values.Exists(v => v.Field == field)) bag.Error(place, $"a second value for {name}", "give each field once");
            else if (ValueText.Parse(field, text, policy, out var mend) is { } value) values.Add((field, value));
            else bag.Error(place, $"`{text}` is no value of {name}", mend);
        }

        if (call is null && !bag.HasErrors) bag.Error(Place.Whole("REQUEST"), "the request does not say which call it is", "begin with call=NAME");
        if (bag.HasErrors) return null;
        var request = values.OrderBy(v => v.Field == Fields.Now).Aggregate(PolicyRequest.UsualOf(call!), (r, v) => r.With(v.Field, v.Value));
        foreach (var (field, value) in values)
            if (request[field] != value)
                bag.Error(Place.Whole("REQUEST"), "now and epoch tell different times", "give one of them: epoch is now in whole milliseconds");
        return bag.HasErrors ? null : request;
    }
}
