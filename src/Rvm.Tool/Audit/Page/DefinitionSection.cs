namespace Rvm.Tool.Audit.Page;

/// <summary>The text of every definition that a theorem means something by.</summary>
internal static class DefinitionSection
{
    public static void Write(HtmlWriter page, AuditDocument audit)
    {
        page.Heading(2, "definitions", "Definitions");
        page.Paragraph($"The {audit.Definitions.Count:N0} definitions that the meaning of the theorems rests on, file by file, without comments.");
        foreach (var file in audit.Definitions.GroupBy(d => d.File))
            page.Fold(new Html($"{Html.Code(file.Key)} {file.Count():N0}"), () =>
            {
                foreach (var d in file)
                    page.Raw($"<div id=\"{Id(d.Name)}\">").Paragraph(new Html($"{Html.Code(d.Name)} <span class=\"soft\">{(Html)d.Kind}, line {d.Line}</span>")).Raw(Html.Block(d.Text).Text).Raw("</div>");
            });
    }

    internal static string Id(string name) => Html.Id("definition-", name);
}
