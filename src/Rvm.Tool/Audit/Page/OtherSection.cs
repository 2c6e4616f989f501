using System.Text.Json;

namespace Rvm.Tool.Audit.Page;

/// <summary>Sections of an audit that the page has no layout of its own for, as plain tables: another rvm may have written them.</summary>
internal static class OtherSection
{
    private const int Shown = 400;

    public static IEnumerable<string> Names(AuditDocument audit) => audit.Other.Keys;

    /// <summary><c>chainOfCustody</c> as «Chain of custody».</summary>
    public static string Title(string name)
    {
        var words = string.Concat(name.Select(c => char.IsUpper(c) ? " " + char.ToLowerInvariant(c) : c.ToString()));
        return words.Length == 0 ? words : char.ToUpperInvariant(words[0]) + words[1..];
    }

    public static void Write(HtmlWriter page, AuditDocument audit)
    {
        foreach (var (name, value) in audit.Other)
        {
            page.Heading(2, Html.Id("other-", name), Title(name));
            Value(page, value);
        }
    }

    private static void Value(HtmlWriter page, JsonElement value)
    {
        if (value.ValueKind == JsonValueKind.Array) List(page, [.. value.EnumerateArray()]);
        else if (value.ValueKind == JsonValueKind.Object) Members(page, value);
        else page.Paragraph(Plain(value));
    }

    private static void Members(HtmlWriter page, JsonElement value)
    {
        var all = value.EnumerateObject().ToList();
        page.Terms([.. all.Where(p => IsPlain(p.Value)).Select(p => (Title(p.Name), Plain(p.Value)))]);
        foreach (var property in all.Where(p => !IsPlain(p.Value)))
        {
            page.Raw($"<h3>{(Html)Title(property.Name)}</h3>");
            Value(page, property.Value);
        }
    }

    private static void List(HtmlWriter page, List<JsonElement> items)
    {
        var columns = items.Where(i => i.ValueKind == JsonValueKind.Object).SelectMany(i => i.EnumerateObject().Select(p => p.Name)).Distinct().ToList();
        if (columns.Count == 0) page.Table([new("value", "wide")], items.Take(Shown).Select(i => new[] { Plain(i) }));
        else page.Table([.. columns.Select(c => new Column(Title(c)))], items.Take(Shown).Select(i => columns.Select(c => i.TryGetProperty(c, out var cell) ? Plain(cell) : Html.Empty).ToArray()));
        if (items.Count > Shown) page.Paragraph($"{items.Count - Shown:N0} more are in audit.json.");
    }

    private static bool IsPlain(JsonElement value) => value.ValueKind is not (JsonValueKind.Object or JsonValueKind.Array);

    private static Html Plain(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.String => value.GetString()! is { Length: 64 } text && text.All(char.IsAsciiHexDigit) ? Html.Digest(text) : (Html)value.GetString()!,
        JsonValueKind.Number when value.TryGetInt64(out var number) => Html.Number(number),
        JsonValueKind.True => "yes",
        JsonValueKind.False => "no",
        JsonValueKind.Null => Html.Empty,
        JsonValueKind.Array => Html.Join(", ", value.EnumerateArray().Select(Plain)),
        _ => Html.Code(value.GetRawText()),
    };
}
