using Rvm.Tool.Audit.Claims;
using Rvm.Tool.Closure;

namespace Rvm.Tool.Audit.Page;

/// <summary>The text of every definition that a theorem means something by.</summary>
internal static class DefinitionSection
{
    public static void Write(HtmlWriter page, AuditDocument audit)
    {
        page.Heading(2, "definitions", "Definitions");
        List<ClosureSymbol> all = [.. audit.Claims.SelectMany(c => c.Meaning).DistinctBy(d => d.Name).OrderBy(d => d.File, StringComparer.Ordinal).ThenBy(d => d.Line)];
        page.Paragraph($"The {all.Count:N0} definitions that the meaning of the theorems rests on, file by file, without comments and set anew.");
        foreach (var file in all.GroupBy(d => d.File))
            page.Fold(new Html($"{Html.Code(file.Key)} {file.Count():N0}"), () =>
            {
                foreach (var d in file)
                    page.Raw($"<div id=\"{Id(d.Name)}\">").Paragraph(new Html($"{Html.Code(d.Name)} <span class=\"soft\">{(Html)d.Kind}, line {d.Line}</span>")).Raw(Html.Block(DafnyText.Of(d.Text ?? "")).Text).Raw("</div>");
            });
    }

    internal static string Id(string name) => Html.Id("definition-", name);
}
