using System.CommandLine;
using System.Reflection;
using Rvm.Diagnostics;
using Rvm.Tool.Audit;
using Rvm.Tool.Audit.Digests;
using Rvm.Tool.Audit.Drift;
using Rvm.Tool.Audit.Page;
using Rvm.Tool.Commands;
using Rvm.Tool.Proof;
using Rvm.Tool.Theorems;
using Spectre.Console;

namespace Rvm.Tool.Release;

/// <summary><c>rvm release</c>: makes a signed release, and checks one.</summary>
public static class ReleaseCommands
{
    public static Command Create() => new Command("release", "Make a signed release of the kernel, or check one (docs/release.md).") { MakeCommand(), VerifyCommand() }
        .WithHelp("", "rvm release make --key ~/release.key", "rvm release verify artifacts/release --key publisher.pem");

    /// <summary>The version of this rvm, which is that of the kernel beside it.</summary>
    private static string Version => typeof(ReleaseCommands).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "0";

    private static Command MakeCommand()
    {
        var key = new Option<string?>("--key") { Description = "The private Ed25519 key to sign with, in PEM as openssl makes it", HelpName = "FILE" };
        var output = new Option<string?>("--output", "-o") { Description = $"The folder (default: {ReleaseFiles.TheFolder})", HelpName = "DIR" };
        var before = new Option<string?>("--base") { Description = "The audit.json of the last release: the page shows what has changed since", HelpName = "BASE.json" };
        var accept = new Option<bool>("--accept-drift") { Description = "Release although the comparison with --base fails; the page says what changed" };
        var command = new Command("make", "Audit the checkout and its image, and make a folder with both, a bill of materials, provenance, sums and a signature.") { key, output, before, accept };
        command.SetAction(r => Make(r.GetValue(key), r.GetValue(output), r.GetValue(before), r.GetValue(accept)));
        return command.WithHelp("`make release KEY=FILE` builds and proves first.\nExit status: 0 made; 1 the audit is not clean, something is not committed, or the comparison fails; 2 wrong usage.",
            "openssl genpkey -algorithm ed25519 -out ~/release.key", "rvm release make --key ~/release.key", "rvm release make --key ~/release.key --base release-0.1/audit.json");
    }

    private static Command VerifyCommand()
    {
        var folder = new Argument<string>("DIR") { Description = "The folder of the release" };
        var key = new Option<string?>("--key") { Description = "The publisher's public key in PEM (default: the one in the folder, which anybody can have put there)", HelpName = "FILE" };
        var format = CommandLine.Format();
        var command = new Command("verify", "Check a release: nothing missing, added or changed, signed, audited clean, and the audit speaks of this image.") { folder, key, format };
        command.SetAction(r => Verify(r.GetValue(folder)!, r.GetValue(key), r.GetValue(format) == "json"));
        return command.WithHelp("Exit status: 0 good; 1 something is wrong, each thing named; 2 wrong usage.",
            "rvm release verify artifacts/release --key publisher.pem", "rvm release verify artifacts/release --format json");
    }

    private static int Make(string? keyFile, string? output, string? before, bool accept)
    {
        var key = SigningKey.Read(keyFile);
        var checkout = Checkout.Find() ?? throw new UserErrorException($"no {Checkout.OptionsFile} here or above", "run rvm inside a checkout");
        var reader = new MaterialReader(checkout);
        if (reader.Uncommitted is { Length: > 0 } changed)
            throw new UserErrorException($"something is not committed, so no commit describes what would be released: {changed.Split('\n')[0].Trim()}", "commit it, or remove it", ExitCodes.Finding);
        if (!File.Exists(checkout.Path(ImageDigest.Kernel))) throw new UserErrorException($"{ImageDigest.Kernel} does not exist", "`make build` builds it");
        if (!File.Exists(checkout.Path(TheoremPage.File))) throw new UserErrorException($"{TheoremPage.File} does not exist", "`make theorems` writes it");
        var (image, text) = (File.ReadAllBytes(checkout.Path(ImageDigest.Kernel)), Audited(checkout));
        var audit = AuditDocument.Parse(text, ReleaseFiles.Audit);
        var drift = before is null ? null : new PageDrift($"{Path.GetFileName(before)} (SHA-256 {ImageDigest.Hash(File.ReadAllBytes(before))})", AuditDrift.Between(AuditCommands.Base(before), audit));
        if (drift is not null && !accept && drift.Changes.Any(c => c.Fails))
        {
            DriftText.Write(Console.Error, before!, [.. drift.Changes.Where(c => c.Fails)]);
            throw new UserErrorException("the comparison with the last release fails", "mend it, or release with --accept-drift: the page then says what changed", ExitCodes.Finding);
        }
        var files = ReleaseMaker.Make(new ReleaseInput(image, text, AuditPage.Html(audit, drift), File.ReadAllText(checkout.Path(TheoremPage.File)), reader.Read(), Version), key);
        var folder = output ?? checkout.Path(ReleaseFiles.TheFolder);
        ReleaseMaker.Write(files, folder);
        foreach (var (name, bytes) in files) Output.Line($"{bytes.Length,10:N0}  {Markup.Escape(name)}");
        Output.Line($"released: {Markup.Escape(Workspace.Show(Path.GetFullPath(folder)))}, signed with the key {key.Public.Fingerprint}");
        return ExitCodes.Good;
    }

    private static string Audited(Checkout checkout)
    {
        try
        {
            return AuditWriter.Json(new AuditRun(checkout).Collect());
        }
        catch (ProverMissing e)
        {
            throw new UserErrorException(e.Message, "`make setup` installs what is missing");
        }
    }

    private static int Verify(string folder, string? keyFile, bool json)
    {
        if (!Directory.Exists(folder)) throw new UserErrorException($"there is no folder {folder}", "name the folder of a release; `rvm release make` makes one");
        var pinned = keyFile is null ? null : VerifyingKey.Parse(PemText.File(keyFile, "name the publisher's public key"), keyFile);
        var verdict = ReleaseVerifier.Verify(folder, pinned);
        if (json) Output.Json(new { verdict.Good, Key = verdict.Key?.Fingerprint, verdict.Pinned, Image = verdict.Audit?.Kernel?.Sha256, Theorems = verdict.Audit?.Claims.Count, verdict.Findings });
        else Print(folder, verdict);
        return verdict.Good ? ExitCodes.Good : ExitCodes.Finding;
    }

    private static void Print(string folder, ReleaseVerdict verdict)
    {
        foreach (var finding in verdict.Findings) Output.ErrorLine($"{Markup.Escape(Path.Combine(folder, finding.File))}: [red]error[/]: {Markup.Escape(finding.Problem)}");
        if (!verdict.Good)
        {
            Output.ErrorLine($"[red]{Markup.Escape(folder)} is not a good release[/]: {verdict.Findings.Count} findings");
            return;
        }
        Output.Line($"{Markup.Escape(folder)}: good: {ReleaseFiles.All.Count} files, {verdict.Audit!.Claims.Count} theorems proved, image SHA-256 {verdict.Audit.Kernel!.Sha256}");
        Output.Line($"signed with the key {verdict.Key!.Fingerprint}" + (verdict.Pinned ? "" : ", which lies in the folder itself: compare it with what the publisher says, or name the publisher's key with --key"));
    }
}
