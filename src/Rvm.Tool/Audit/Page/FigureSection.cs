namespace Rvm.Tool.Audit.Page;

/// <summary>Sizes, budgets, tools, and what the proofs cost.</summary>
internal static class FigureSection
{
    private const int Heaviest = 25;

    public static void Write(HtmlWriter page, AuditDocument audit)
    {
        page.Heading(2, "figures", "Figures");
        page.Raw("<h3>Budgets</h3>").Table([new("what"), new("value", "num"), new("limit", "num"), new("met")],
            audit.Budgets.Select(b => new[] { b.Name, Html.Number(b.Value), Html.Number(b.Limit), b.Met ? Html.Mark("good", "yes") : b.Binding ? Html.Mark("bad", "no") : Html.Mark("warn", "no, does not bind yet") }));
        page.Raw("<h3>Sizes</h3>").Table([new("part"), new("files", "num"), new("lines of code", "num"), new("lines", "num")],
            audit.Sizes.Select(s => new[] { s.Part, Html.Number(s.Files), Html.Number(s.Code), Html.Number(s.Lines) }));
        page.Raw("<h3>Tools</h3>").Table([new("tool"), new("version", "wide")], audit.Tools.Select(t => new Html[] { t.Name, t.Version }));
        if (audit.Verifier is { } verifier) page.Terms(("verifier", verifier.Dafny), ("solver", verifier.Solver), ("limit", $"{verifier.ResourceLimit:N0} resource units an obligation"), ("options", Html.Join(" ", verifier.Arguments.Select(Html.Code))));
        Obligations(page, audit);
        if (audit.Steadiness.Count == 0) return;
        page.Raw("<h3>Stability</h3>").Paragraph("The heaviest obligations, proved again under other seeds or with another solver: a proof that holds by luck would fail there.");
        page.Table([new("by"), new("solver"), new("seeds", "num"), new("obligations", "num"), new("unsteady", "num"), new("measured"), new("sources")],
            audit.Steadiness.Select(s => new[] { s.Kind, s.Solver, Html.Number(s.Seeds), Html.Number(s.Obligations), Html.Number(s.Unsteady), s.Measured, s.Current ? Html.Mark("good", "the present ones") : Html.Mark("warn", "older ones") }));
    }

    private static void Obligations(HtmlWriter page, AuditDocument audit)
    {
        page.Raw("<h3>Proof obligations</h3>");
        page.Paragraph($"{audit.Totals.Obligations:N0} questions to the solver, {audit.Totals.Units:N0} resource units in all. audit.json lists every one of them.");
        var open = audit.Obligations.Where(o => o.Outcome != "proved").ToList();
        if (open.Count > 0) page.Raw("<h4>Open</h4>").Table(Columns, open.Select(Row));
        page.Raw($"<h4>The {Heaviest} most expensive</h4>").Table(Columns, audit.Obligations.OrderByDescending(o => o.Resources).Take(Heaviest).Select(Row));
        page.Raw("<h4>By folder</h4>").Table([new("folder"), new("obligations", "num"), new("assertions", "num"), new("units", "num"), new("heaviest", "num"), new("open", "num")],
            from o in audit.Obligations
            group o by Folder(o.File) into folder
            orderby folder.Key
            select new[] { Html.Code(folder.Key), Html.Number(folder.Count()), Html.Number(folder.Sum(o => o.Assertions)), Html.Number(folder.Sum(o => o.Resources)), Html.Number(folder.Max(o => o.Resources)), Html.Number(folder.Count(o => o.Outcome != "proved")) });
    }

    private static readonly Column[] Columns = [new("symbol"), new("kind"), new("where"), new("outcome"), new("assertions", "num"), new("units", "num")];

    private static Html[] Row(Obligation o) =>
        [Html.Code(o.Symbol), o.Kind, Html.Place(o.File, o.Line), Html.Mark(o.Outcome == "proved" ? "good" : "bad", o.Outcome), Html.Number(o.Assertions), Html.Number(o.Resources)];

    private static string Folder(string file) => file[..Math.Max(0, file.LastIndexOf('/'))];
}
