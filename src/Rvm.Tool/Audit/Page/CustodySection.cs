namespace Rvm.Tool.Audit.Page;

/// <summary>From the sources to the image: digests by which each step can be checked.</summary>
internal static class CustodySection
{
    public static void Write(HtmlWriter page, AuditDocument audit)
    {
        page.Heading(2, "custody", "Chain of custody");
        if (audit.Image is not { } image)
        {
            page.Paragraph(new Html($"{Html.Mark("warn", "No image")} had been built when this audit was made, so it speaks of the sources only."));
            return;
        }
        page.Paragraph("This audit speaks of one image. `rvm inspect FILE` compares another file with it, down to the symbol.");
        page.Terms(("image", Html.Code(image.File)), ("size", $"{image.Bytes:N0} bytes"), ("SHA-256", Html.Digest(image.Sha256)));
        page.Table([new("section"), new("address"), new("bytes", "num"), new("SHA-256")],
            image.Sections.Select(s => new[] { Html.Code(s.Name), Html.Code(s.Address), Html.Number(s.Size), Html.Digest(s.Sha256) }));
        page.Fold(new Html($"{image.Symbols.Count:N0} symbols, each with its digest"), () => page.Table(
            [new("symbol"), new("section"), new("address"), new("bytes", "num"), new("SHA-256, first half")],
            image.Symbols.Select(s => new[] { Html.Code(s.Name), Html.Code(s.Section), Html.Code(s.Address), Html.Number(s.Size), Html.Digest(s.Sha256[..32]) })));
    }
}
