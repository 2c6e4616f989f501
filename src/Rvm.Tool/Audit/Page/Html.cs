using System.Net;
using System.Text;

namespace Rvm.Tool.Audit.Page;

/// <summary>Text that is HTML already. Anything else is escaped on its way into a page.</summary>
public readonly record struct Html(string Text)
{
    public static readonly Html Empty = new("");

    public static implicit operator Html(string plain) => new(WebUtility.HtmlEncode(plain));

    public override string ToString() => Text;

    /// <summary>Running text in which what stands between backticks is code.</summary>
    public static Html Prose(string plain) =>
        new(string.Concat(plain.Split('`').Select((part, i) => i % 2 == 1 ? Code(part).Text : WebUtility.HtmlEncode(part))));

    public static Html Code(string plain) => new($"<code>{WebUtility.HtmlEncode(plain)}</code>");

    /// <summary>A block of code; long lines wrap.</summary>
    public static Html Block(string plain) => new($"<pre>{WebUtility.HtmlEncode(plain)}</pre>");

    public static Html Number(long value) => new($"{value:N0}");

    /// <summary>A SHA-256 or the like: all of it, set small.</summary>
    public static Html Digest(string hex) => new($"<code class=\"digest\">{WebUtility.HtmlEncode(hex)}</code>");

    /// <summary>A link inside the page.</summary>
    public static Html Link(string id, Html text) => new($"<a href=\"#{WebUtility.HtmlEncode(id)}\">{text}</a>");

    public static Html Join(string between, IEnumerable<Html> parts) => new(string.Join(between, parts.Select(p => p.Text)));

    /// <summary>A place in the sources; line 0 is the file as a whole.</summary>
    public static Html Place(string file, int line) => Code(line == 0 ? file : $"{file}:{line}");

    public static Html Mark(string kind, string text) => new($"<span class=\"mark {kind}\">{WebUtility.HtmlEncode(text)}</span>");

    /// <summary>The name of a declaration as an anchor.</summary>
    public static string Id(string prefix, string name) => prefix + new string([.. name.Select(c => char.IsAsciiLetterOrDigit(c) || c is '_' or '.' or '-' ? c : '_')]);
}

/// <summary>A column of a table.</summary>
/// <param name="Kind">empty, num for figures that align right, or wide for running text</param>
public sealed record Column(string Title, string Kind = "");

/// <summary>Puts a page together.</summary>
public sealed class HtmlWriter
{
    private readonly StringBuilder text = new();

    public override string ToString() => text.ToString();

    public HtmlWriter Raw(string html)
    {
        text.Append(html).Append('\n');
        return this;
    }

    public HtmlWriter Heading(int level, string id, Html title) => Raw($"<h{level} id=\"{id}\">{title}</h{level}>");

    public HtmlWriter Paragraph(Html content, string? kind = null) => Raw(kind is null ? $"<p>{content}</p>" : $"<p class=\"{kind}\">{content}</p>");

    public HtmlWriter Table(IReadOnlyList<Column> columns, IEnumerable<Html[]> rows)
    {
        var all = rows.ToList();
        if (all.Count == 0) return this;
        Raw("<div class=\"scroll\"><table>");
        Raw($"<thead><tr>{string.Concat(columns.Select(c => $"<th scope=\"col\"{Class(c)}>{(Html)c.Title}</th>"))}</tr></thead><tbody>");
        foreach (var row in all) Raw($"<tr>{string.Concat(columns.Zip(row, (c, cell) => $"<td{Class(c)}>{cell}</td>"))}</tr>");
        return Raw("</tbody></table></div>");
    }

    /// <summary>A list of terms with what belongs to each; what is empty is left out.</summary>
    public HtmlWriter Terms(params (string Term, Html Content)[] terms)
    {
        Raw("<dl>");
        foreach (var (term, content) in terms.Where(t => t.Content.Text is { Length: > 0 })) Raw($"<dt>{(Html)term}</dt><dd>{content}</dd>");
        return Raw("</dl>");
    }

    public HtmlWriter Fold(Html summary, Action inside)
    {
        Raw($"<details><summary>{summary}</summary>");
        inside();
        return Raw("</details>");
    }

    private static string Class(Column column) => column.Kind.Length == 0 ? "" : $" class=\"{column.Kind}\"";
}
