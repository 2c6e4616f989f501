using Rvm.Tool.Audit.Claims;

namespace Rvm.Tool.Audit.Page;

/// <summary>The claims: an overview, then each with its statement and what it rests on.</summary>
internal static class TheoremSection
{
    public static void Write(HtmlWriter page, AuditDocument audit)
    {
        page.Heading(2, "theorems", "Theorems");
        page.Paragraph("Each holds for all states and events that its statement allows. A proof is worth as much as its statement: read the statement, and the definitions that it names.");
        page.Table([new("theorem"), new("what it says", "wide"), new("outcome")],
            audit.Claims.Select(c => new[] { Html.Link(Id(c), Title(c)), Html.Prose(c.Sentence), Mark(c.Outcome) }));
        var group = "";
        foreach (var claim in audit.Claims)
        {
            if (claim.Group != group) page.Raw($"<h3>{(Html)(group = claim.Group)}</h3>");
            One(page, audit, claim);
        }
    }

    internal static string Id(AuditClaim claim) => Html.Id("theorem-", claim.Name);

    private static void One(HtmlWriter page, AuditDocument audit, AuditClaim claim)
    {
        page.Heading(4, Id(claim), Title(claim)).Paragraph(Html.Prose(claim.Sentence)).Raw(Html.Block(claim.Statement).Text);
        page.Terms(
            ("outcome", Mark(claim.Outcome)),
            ("stated in", Html.Place(claim.File, claim.Line)),
            ("proof", claim.Proofs.Count == 0 ? "the solver, without a lemma" : Html.Join(", ", claim.Proofs.Select(Html.Code))),
            ("definitions", new Html($"{Html.Join(", ", claim.Mentions.Select(m => Definition(audit, m)))}; with what they mean: {claim.Meaning.Count:N0}")),
            ("rests on", new Html($"{claim.Lemmas:N0} lemmas; contracts and axioms: {(claim.Trusted.Count == 0 ? "none" : Html.Join(", ", claim.Trusted.Select(Trusted)))}")),
            ("tests", claim.Tests.Count == 0 ? "none" : Html.Join(", ", claim.Tests.Select(Html.Code))));
    }

    private static Html Definition(AuditDocument audit, string name) =>
        audit.Definitions.Any(d => d.Name == name) ? Html.Link(DefinitionSection.Id(name), Html.Code(name)) : Html.Code(name);

    private static Html Trusted(string name) => Html.Link(AssumptionSection.Id(name), Html.Code(name));

    private static Html Mark(string outcome) => Html.Mark(outcome == "proved" ? "good" : "bad", outcome);

    private static string Title(AuditClaim claim) => claim.Name.Replace('_', ' ');
}
