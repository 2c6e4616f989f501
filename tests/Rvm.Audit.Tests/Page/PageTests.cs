using System.Text.Json;
using System.Text.RegularExpressions;
using Rvm.Tool.Audit;
using Rvm.Tool.Audit.Drift;
using Rvm.Tool.Audit.Page;
using Rvm.Tool.Closure;
using Rvm.Tool.Proof;

namespace Rvm.Audit.Tests.Page;

/// <summary>The audit of this checkout, collected once: with or without proofs, its theorems are all there.</summary>
public sealed class RealAudit
{
    public RealAudit() => Report = new AuditRun(TestCheckout.Real).Collect();

    public AuditReport Report { get; }

    public AuditDocument Document => AuditDocument.Parse(AuditWriter.Json(Report), "audit.json");
}

/// <summary>The page is whole, says what the audit says, and can be read in a browser.</summary>
public sealed class PageTests(RealAudit real) : IClassFixture<RealAudit>, IDisposable
{
    private const string Folder = "artifacts/test-page";

    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("rvm-page-");

    public void Dispose() => folder.Delete(recursive: true);

    private static PageDrift Drift => new("base.json", [new Change("lost-theorem", "Gone", "Gone is no longer claimed", new Place("spec/Theorem.dfy", 9, 0), true, "lemma Gone()", null), new Change("note", "Z3", "Z3 is another version", new Place("", 0, 0), false, "1", "2")]);

    private string Html => AuditPage.Html(real.Document, Drift);

    private string Write(string html, string name = "audit.html")
    {
        var path = Path.Combine(folder.FullName, name);
        File.WriteAllText(path, html);
        return path;
    }

    /// <summary>The page with a script that measures it; the page itself allows none.</summary>
    private JsonElement Probe(int width, params string[] flags)
    {
        var script = File.ReadAllText(TestCheckout.Real.Path("tests/Rvm.Audit.Tests/Page/probe.js"));
        var page = Regex.Replace(Html, "<meta http-equiv=\"Content-Security-Policy\"[^>]*>", "").Replace("</body>", $"<script>{script}</script></body>", StringComparison.Ordinal);
        var (dom, console) = Browser.Load(Write(page, "probe.html"), width, flags);
        Assert.Empty(console);
        return JsonDocument.Parse(Regex.Match(dom, """<script type="application/json" id="answer">(.*?)</script>""", RegexOptions.Singleline).Groups[1].Value).RootElement;
    }

    [Theory]
    [InlineData(1280)]
    [InlineData(500)]
    [InlineData(1280, "--blink-settings=preferredColorScheme=0")]
    public void A_browser_shows_every_theorem_and_its_links_lead_somewhere(int width, params string[] flags)
    {
        var answer = Probe(width, flags);
        Assert.Equal(real.Report.Closures.Count, answer.GetProperty("theorems").GetInt32());
        Assert.True(answer.GetProperty("links").GetInt32() > 2 * real.Report.Closures.Count);
        foreach (var fault in new[] { "dead", "hidden", "wide", "pale" }) Assert.True(answer.GetProperty(fault).GetArrayLength() == 0, $"{fault}: {answer.GetProperty(fault)}");
        Assert.Equal(flags.Length > 0, answer.GetProperty("dark").GetBoolean());
    }

    [Fact]
    public void It_loads_without_a_complaint_and_a_picture_is_kept()
    {
        Directory.CreateDirectory(TestCheckout.Real.Path(Folder));
        var (page, png) = (Write(Html), TestCheckout.Real.Path($"{Folder}/audit.png"));
        var (dom, console) = Browser.Load(page);
        Assert.Empty(console);
        Assert.Contains("<h1>RVM audit</h1>", dom);
        File.Delete(png);
        Browser.Screenshot(page, png, 1280, 2400);
        Assert.True(new FileInfo(png).Length > 50_000, "an empty picture");
    }

    [Fact]
    public void It_says_what_the_audit_says()
    {
        var html = Html;
        Assert.All(real.Report.Closures, c => Assert.Contains(System.Net.WebUtility.HtmlEncode(c.Sentence).Replace("`", "", StringComparison.Ordinal), html.Replace("<code>", "", StringComparison.Ordinal).Replace("</code>", "", StringComparison.Ordinal)));
        Assert.All(real.Report.Trusted, t => Assert.Contains(t.Contract is null ? t.File : t.Name, html));
        Assert.All(real.Report.Findings, f => Assert.Contains(f.Rule, html));
        Assert.All(real.Report.Budgets.Select(b => b.Name).Concat(real.Report.Tools.Select(t => t.Version)), text => Assert.Contains(System.Net.WebUtility.HtmlEncode(text), html));
        Assert.Contains(real.Report.Clean ? ">Clean<" : "A release must not rest on this audit", html);
        Assert.Contains("Gone is no longer claimed", html);
        Assert.Equal(html, Html);
    }

    [Fact]
    public void It_stands_alone_and_runs_nothing()
    {
        Assert.Contains("default-src 'none'; style-src 'unsafe-inline'", Html);
        Assert.DoesNotMatch("""<script|<link|<img|<iframe|\ssrc=|url\(|@import|https?://""", Html);
    }

    [Fact]
    public void What_an_audit_holds_cannot_become_markup()
    {
        const string evil = "<script>alert(1)</script> & \"'";
        var closure = new TheoremClosure("Theorem.E", evil, evil, evil, 1, evil, "d", "d", [0], [], [0], 0, 1, 0, 1, evil);
        var report = new AuditReport([new Finding(evil, new Place(evil, 1, 1), evil, evil)], [new Theorem(evil, evil, evil, 1, evil, 1)], [new Obligation(evil, evil, 1, evil, 1, evil, 1, 1)],
            [new Trusted(evil, evil, evil, 1, 1, evil, evil)], [new PartSize(evil, 1, 1, 1)], [new Budget(evil, 1, 1)], [new ToolVersion(evil, evil)])
        { Closures = [closure], Symbols = [new ClosureSymbol(evil, evil, evil, 1, true, evil, evil, "extern")] };
        var json = AuditWriter.Json(report).Replace("\"version\": 1,", $$"""  "version": 1, "novelSection": [{ "what": {{JsonSerializer.Serialize(evil)}} }],""", StringComparison.Ordinal);
        var html = AuditPage.Html(AuditDocument.Parse(json, ""), new PageDrift(evil, [new Change(evil, evil, evil, new Place(evil, 1, 1), true, evil, evil)]));
        Assert.DoesNotContain("<script", html);
        Assert.Contains("Novel section", html);
        Assert.Contains("&lt;script&gt;", html);
    }
}
