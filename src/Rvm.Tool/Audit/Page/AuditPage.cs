using Rvm.Tool.Audit.Drift;

namespace Rvm.Tool.Audit.Page;

/// <summary>What the drift section compares with.</summary>
/// <param name="Base">the earlier audit as the user named it</param>
public sealed record PageDrift(string Base, IReadOnlyList<Change> Changes);

/// <summary>
/// The audit as one HTML page for people: nothing is loaded from elsewhere, no script is needed, and the same audit gives the same bytes. A section of the audit that
/// no part of the page shows in its own way is shown as plain tables at the end, so nothing is left out.
/// </summary>
public static class AuditPage
{
    public static string Html(AuditDocument audit, PageDrift? drift)
    {
        var page = new HtmlWriter();
        page.Raw("<!doctype html>").Raw("<html lang=\"en\"><head><meta charset=\"utf-8\">")
            .Raw("<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">")
            .Raw("<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">")
            .Raw($"<title>RVM audit: {(audit.Clean ? "clean" : "findings")}</title>").Raw($"<style>\n{Style()}</style></head><body>");
        page.Raw("<h1>RVM audit</h1>").Paragraph("What is claimed of the kernel, what the claims rest on, and whether the image is what was proved.", "soft");
        VerdictSection.Write(page, audit, drift);
        TheoremSection.Write(page, audit);
        AssumptionSection.Write(page, audit);
        CustodySection.Write(page, audit);
        FigureSection.Write(page, audit);
        DriftSection.Write(page, drift);
        OtherSection.Write(page, audit);
        DefinitionSection.Write(page, audit);
        return page.Raw("</body></html>").ToString();
    }

    private static string Style()
    {
        using var stream = typeof(AuditPage).Assembly.GetManifestResourceStream("page.css")!;
        return new StreamReader(stream).ReadToEnd();
    }
}
