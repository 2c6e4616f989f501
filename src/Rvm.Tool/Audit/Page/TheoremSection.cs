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
            audit.Claims.Select(c => new[] { Html.Link(Id(c), Title(c)), Html.Prose(c.Closure.Sentence), Mark(c.Outcome) }));
        var group = "";
        foreach (var claim in audit.Claims)
        {
            if (claim.Closure.Group != group) page.Raw($"<h3>{(Html)(group = claim.Closure.Group)}</h3>");
            One(page, audit, claim);
        }
    }

    internal static string Id(AuditClaim claim) => Html.Id("theorem-", claim.Name);

    private static void One(HtmlWriter page, AuditDocument audit, AuditClaim claim)
    {
        var closure = claim.Closure;
        page.Heading(4, Id(claim), Title(claim)).Paragraph(Html.Prose(closure.Sentence)).Raw(Html.Block(DafnyText.Of(closure.Statement)).Text);
        page.Terms(
            ("outcome", Mark(claim.Outcome)),
            ("stated in", Html.Place(closure.File, closure.Line)),
            ("it names", claim.Named.Any() ? Html.Join(", ", claim.Named.Select(m => Html.Link(DefinitionSection.Id(m.Name), Html.Code(m.Name)))) : Html.Empty),
            ("meaning", $"settled by {VerdictSection.Count(claim.Meaning.Count, "definition")}, those that it names and what they are defined by"),
            ("proof", $"rests on {VerdictSection.Count(closure.Lemmas, "lemma")}; {closure.Obligations:N0} obligations, {closure.Units:N0} resource units{(closure.Heaviest is null ? "" : $", the heaviest {closure.Heaviest}")}{(closure.Unproved == 0 ? "" : $"; {closure.Unproved:N0} without a current proof")}"),
            ("believed", claim.Trusted.Count == 0 ? "nothing" : Html.Join(", ", claim.Trusted.Select(t => Trusted(audit, t.Name)))),
            ("digest", new Html($"{Html.Digest(closure.MeaningDigest)} of statement and definitions: as long as it is the same, the claim is the same")));
    }

    private static Html Trusted(AuditDocument audit, string name) =>
        audit.Trusted.Any(t => t.Name == name && t.Contract is not null) ? Html.Link(AssumptionSection.Id(name), Html.Code(name)) : Html.Code(name);

    private static Html Mark(string outcome) => Html.Mark(outcome == AuditClaim.Proved ? "good" : "bad", outcome);

    private static string Title(AuditClaim claim) => claim.Name.Replace('_', ' ');
}
