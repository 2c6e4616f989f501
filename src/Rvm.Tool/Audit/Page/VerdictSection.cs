namespace Rvm.Tool.Audit.Page;

/// <summary>The top of the page: verdict, totals, findings.</summary>
internal static class VerdictSection
{
    public static void Write(HtmlWriter page, AuditDocument audit, PageDrift? drift)
    {
        page.Raw($"<div class=\"verdict{(audit.Clean ? "" : " bad")}\"><strong>{(audit.Clean ? Html.Mark("good", "Clean") : Html.Mark("bad", Count(audit.Findings.Count, "finding")))}</strong>");
        page.Paragraph(audit.Clean
            ? $"{Proved(audit)} of {audit.Claims.Count} theorems are proved; {audit.Totals.Obligations:N0} proof obligations, none open."
            : $"{Proved(audit)} of {audit.Claims.Count} theorems are proved; {audit.Totals.Obligations:N0} proof obligations, {audit.Totals.Unproved:N0} open. A release must not rest on this audit.");
        page.Paragraph($"Believed without proof: {Count(audit.Trusted.Count(t => t.Kind == "extern"), "platform contract")}, {Count(audit.Trusted.Count(t => t.Kind == "axiom"), "axiom", "no axiom")}, " +
            $"{audit.Trusted.Where(t => t.Lines > 0).Sum(t => t.Lines):N0} lines of platform and build scripts.");
        if (audit.Kernel is { } image) page.Paragraph(new Html($"Image: <code class=\"digest\">SHA-256 {image.Sha256}</code>"));
        page.Paragraph(Drifted(drift));
        page.Raw("</div>");
        page.Raw("<nav>" + Html.Join(" ", from s in Sections(audit) select Html.Link(s.Id, s.Title)) + "</nav>");
        if (audit.Findings.Count == 0) return;
        page.Heading(2, "findings", "Findings");
        page.Table([new("rule"), new("where"), new("what", "wide"), new("mend", "wide")],
            audit.Findings.Select(f => new Html[] { Html.Mark("bad", f.Rule), Html.Place(f.Place.File, f.Place.Line), Html.Prose(f.Message), Html.Prose(f.Hint ?? "") }));
    }

    internal static int Proved(AuditDocument audit) => audit.Claims.Count(c => c.IsProved);

    private static IEnumerable<(string Id, string Title)> Sections(AuditDocument audit)
    {
        if (audit.Findings.Count > 0) yield return ("findings", "Findings");
        yield return ("theorems", "Theorems");
        yield return ("assumptions", "Assumptions");
        yield return ("custody", "Chain of custody");
        yield return ("figures", "Figures");
        yield return ("drift", "Drift");
        foreach (var section in OtherSection.Names(audit)) yield return (Html.Id("other-", section), OtherSection.Title(section));
        yield return ("definitions", "Definitions");
    }

    private static Html Drifted(PageDrift? drift) => drift is null
        ? "No earlier audit was given to compare with."
        : drift.Changes.Count(c => c.Fails) is var failing && failing == 0
            ? new Html($"Since {(Html)drift.Base}: {Html.Link("drift", Count(drift.Changes.Count, "change", "no change"))}, no theorem lost or weakened, nothing new assumed.")
            : new Html($"{Html.Mark("bad", $"Since {drift.Base}:")} {Html.Link("drift", Count(failing, "change"))} of what is claimed, assumed or allowed.");

    internal static string Count(int n, string one, string? none = null) => n == 0 && none != null ? none : n == 1 ? $"1 {one}" : $"{n:N0} {one}s";
}
