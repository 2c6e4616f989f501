using Rvm.Tool.Audit.Claims;

namespace Rvm.Tool.Audit.Page;

/// <summary>What is believed instead of proved.</summary>
internal static class AssumptionSection
{
    private static readonly (string Kind, string Title)[] Kinds =
    [
        ("axiom", "Axioms"), ("extern", "Contracts of the platform: what the proofs assume of code that is not Dafny"), ("assembly", "Assembly"),
        ("hal", "Device code"), ("core-library", "Core library"), ("facade", "Facades"), ("link-script", "Link script"), ("translation", "From Dafny to C#"),
    ];

    public static void Write(HtmlWriter page, AuditDocument audit)
    {
        page.Heading(2, "assumptions", "Assumptions");
        page.Paragraph("Believed, not proved. The provers, compilers and the machine are believed too; their versions stand under Figures, and docs/trust.md says what no theorem covers.");
        foreach (var group in audit.Trusted.GroupBy(t => t.Kind).OrderBy(g => Array.FindIndex(Kinds, k => k.Kind == g.Key) is var i and >= 0 ? i : Kinds.Length))
        {
            page.Raw($"<h3>{(Html)(Kinds.FirstOrDefault(k => k.Kind == group.Key).Title ?? group.Key)}</h3>");
            if (group.Any(t => t.Contract is not null)) Contracts(page, group);
            else page.Table([new("file"), new("lines", "num"), new("why it is trusted", "wide")], group.Select(t => new[] { Html.Code(t.File), Html.Number(t.Lines), Html.Prose(t.Reason) }));
        }
    }

    internal static string Id(string name) => Html.Id("trusted-", name);

    private static void Contracts(HtmlWriter page, IEnumerable<Trusted> all)
    {
        foreach (var t in all)
        {
            page.Heading(4, Id(t.Name), Html.Code(t.Name)).Paragraph(Html.Prose(t.Reason));
            page.Raw(Html.Block(DafnyText.Set(t.Contract ?? "")).Text).Terms(("declared in", Html.Place(t.File, t.Line)));
        }
    }
}
