using Rvm.Tool.Audit.Digests;
using Rvm.Tool.Custody;

namespace Rvm.Tool.Audit.Page;

/// <summary>From the sources to the image: digests by which each step can be checked, and what was read off the image itself.</summary>
internal static class CustodySection
{
    public static void Write(HtmlWriter page, AuditDocument audit)
    {
        page.Heading(2, "custody", "Chain of custody");
        if (audit.Custody is { } chain) Chain(page, chain);
        if (audit.Image.Count > 0)
            page.Raw("<h3>What was read off the image</h3>").Table([new("check"), new("what holds", "wide"), new("holds"), new("value", "num"), new("limit", "num"), new("detail", "wide")],
                audit.Image.Select(c => new[] { Html.Code(c.Name), Html.Prose(c.Claim), Mark(c.Holds, "yes", "no"), c.Limit == 0 && c.Value == 0 ? Html.Empty : Html.Number(c.Value), c.Limit == 0 && c.Value == 0 ? Html.Empty : Html.Number(c.Limit), Html.Prose(c.Detail) }));
        if (audit.Kernel is { } kernel) Kernel(page, kernel);
        else page.Paragraph(new Html($"{Html.Mark("warn", "No image")} had been built when this audit was made, so it speaks of the sources only."));
    }

    private static void Chain(HtmlWriter page, CustodyChain chain)
    {
        page.Terms(("all sources", Html.Digest(chain.SourceDigest)), ("image", chain.ImageDigest is null ? Html.Empty : Html.Digest(chain.ImageDigest)));
        foreach (var stage in chain.Links.GroupBy(l => l.Stage))
        {
            var bad = stage.Count(l => l.State != CustodyLink.Good);
            if (stage.Count() <= 12 || bad > 0) page.Raw($"<h4>{(Html)stage.Key}</h4>").Table(Columns, stage.OrderBy(l => l.State == CustodyLink.Good).Select(Row));
            else page.Fold($"{stage.Key}: {stage.Count():N0}, all good", () => page.Table(Columns, stage.Select(Row)));
        }
        if (chain.Reproduction is { } reproduction) Reproduced(page, reproduction);
    }

    private static void Reproduced(HtmlWriter page, Reproduction r)
    {
        var kind = r.State switch { Reproduction.Yes => "good", Reproduction.No or Reproduction.Damaged => "bad", _ => "warn" };
        page.Raw("<h3>Reproduced from clean clones</h3>").Terms([("reproduced", new Html($"{Html.Mark(kind, r.State)} {Html.Prose(r.Note)}")),
            .. r.Clones.Select(c => ($"clone {c.Folder}", Html.Digest(c.Digest))),
            .. r.Commit is null || r.Clones.Count == 0 ? [] : new (string, Html)[] { ("clones of commit", Html.Code(r.Commit)), ("built", r.Built ?? "") }]);
    }

    private static readonly Column[] Columns = [new("what"), new("state"), new("SHA-256"), new("note", "wide")];

    private static Html[] Row(CustodyLink l) => [Html.Code(l.Name), Mark(l.State == CustodyLink.Good, l.State, l.State), Digests(l), Html.Prose(l.Note)];

    private static Html Digests(CustodyLink l) =>
        l.Recorded is null || l.Recorded == l.Digest ? Html.Digest(l.Digest) : new Html($"{Html.Digest(l.Digest)}<br>recorded: {Html.Digest(l.Recorded)}");

    private static void Kernel(HtmlWriter page, ImageDigest kernel)
    {
        page.Raw("<h3>The image</h3>").Paragraph(Html.Prose("This audit speaks of one image. `rvm inspect FILE` compares another file with it, down to the symbol."));
        page.Terms(("image", Html.Code(kernel.File)), ("size", $"{kernel.Bytes:N0} bytes"), ("SHA-256", Html.Digest(kernel.Sha256)));
        page.Table([new("section"), new("address"), new("bytes", "num"), new("SHA-256")],
            kernel.Sections.Select(s => new[] { Html.Code(s.Name), Html.Code(s.Address), Html.Number(s.Size), Html.Digest(s.Sha256) }));
        page.Fold($"{kernel.Symbols.Count:N0} symbols, each with its digest", () => page.Table(
            [new("symbol"), new("section"), new("address"), new("bytes", "num"), new("SHA-256, first half")],
            kernel.Symbols.Select(s => new[] { Html.Code(s.Name), Html.Code(s.Section), Html.Code(s.Address), Html.Number(s.Size), Html.Digest(s.Sha256[..32]) })));
    }

    private static Html Mark(bool good, string yes, string no) => Html.Mark(good ? "good" : "bad", good ? yes : no);
}
