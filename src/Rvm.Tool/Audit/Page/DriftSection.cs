using Rvm.Tool.Audit.Drift;

namespace Rvm.Tool.Audit.Page;

/// <summary>What has changed since an earlier audit.</summary>
internal static class DriftSection
{
    public static void Write(HtmlWriter page, PageDrift? drift)
    {
        page.Heading(2, "drift", "Drift");
        if (drift is null)
        {
            page.Paragraph("No earlier audit was given: `rvm audit --compare BASE.json` compares with one.");
            return;
        }
        page.Paragraph($"Compared with {drift.Base}. A new assumption, a lost theorem, a statement that says something else and a budget that is exceeded or raised make the comparison fail.");
        if (drift.Changes.Count == 0) page.Paragraph("Nothing has changed.");
        foreach (var change in drift.Changes.Where(c => c.Fails)) Failing(page, change);
        page.Table([new("other changes", "wide"), new("before", "wide"), new("now", "wide")],
            drift.Changes.Where(c => !c.Fails).Select(c => new Html[] { c.Message, c.Before ?? "", c.After ?? "" }));
    }

    private static void Failing(HtmlWriter page, Change change)
    {
        page.Paragraph(new Html($"{Html.Mark("bad", change.Rule)} {(Html)change.Message}"));
        page.Terms(("where", change.Place.File.Length == 0 ? Html.Empty : Html.Place(change.Place.File, change.Place.Line)),
            ("before", change.Before is null ? Html.Empty : Html.Block(change.Before)), ("now", change.After is null ? Html.Empty : Html.Block(change.After)));
    }
}
