using System.Security.Cryptography;
using Rvm.Tool.Proof;

namespace Rvm.Tool.Custody;

/// <summary>
/// Follows what boots back to what was proved: sources → generated C# → assemblies → objects → image. Each step left a record. A link is good when the file is
/// what the step made, the step was given what the step before made, and nothing it was given has changed since.
/// </summary>
public sealed class CustodyRun(Checkout checkout, SourceGraph sources)
{
    private const string Kernel = "artifacts/kernel/kernel.elf", Platform = "src/Rvm.Platform.Aarch64/Image.targets", Core = "Rvm.Verified";
    private const string Mend = "`make image` builds again what has changed; `make clean image` builds everything";

    private readonly Dictionary<string, string> digests = new(StringComparer.Ordinal);

    public CustodyChain Collect()
    {
        if (!File.Exists(checkout.Path(Platform))) return new CustodyChain(sources.Digest, null, []);
        var image = Now(Kernel) is { Length: > 0 } digest ? digest : null;
        return new CustodyChain(sources.Digest, image, [.. Links()], Reproduction.Of(checkout, Now, image));
    }

    public static IEnumerable<Finding> Findings(CustodyChain chain)
    {
        var broken = from link in chain.Links
            where link.State != CustodyLink.Good && link.Stage != "measurement"      // `rvm run` makes those again
            select new Finding("custody", new Place(link.Name, 0, 0), $"{link.Stage} {link.State}: {link.Note}", Mend);
        return broken.Concat(chain.Reproduction?.Findings() ?? []);
    }

    private IEnumerable<CustodyLink> Links()
    {
        var (translate, ilc, link) = (StepRecord.Read(checkout, "translate"), StepRecord.Read(checkout, "ilc"), StepRecord.Read(checkout, "link"));
        var compiles = StepRecord.Compiled(checkout).Select(step => StepRecord.Read(checkout, step)).OfType<StepRecord>().ToList();
        yield return Sources(translate);
        foreach (var x in Made("generated", translate, null, "the translation", "src/Rvm.Verified/obj/generated/Kernel.cs")) yield return x;
        foreach (var compile in compiles)
            foreach (var x in Made("assembly", compile, translate, "the compiler", "")) yield return x;
        if (compiles.All(c => !c.Step.Contains(Core, StringComparison.Ordinal)))
            yield return new CustodyLink("assembly", "src/Rvm.Verified", "", null, CustodyLink.Unrecorded, "no record says what the core was compiled from");
        if (Tested(compiles) is { } tested) yield return tested;
        foreach (var x in Copies(ilc, compiles)) yield return x;
        foreach (var x in Made("object", ilc, null, "the ahead-of-time compiler", "src/Rvm.Platform.Aarch64/obj/image/managed.o")) yield return x;
        foreach (var x in Made("image", link, ilc, "the linker", Kernel).Where(x => x.Name == Kernel)) yield return x;
        foreach (var x in Measurements.Of(checkout, Kernel)) yield return x;
    }

    private CustodyLink Sources(StepRecord? translate)
    {
        const string name = "spec";
        if (translate == null) return new CustodyLink("source", name, "", null, CustodyLink.Unrecorded, "no record says what was translated");
        var recorded = translate.In.Where(i => i.Key.EndsWith(".dfy", StringComparison.Ordinal)).ToList();
        var changed = recorded.Where(i => Now(i.Key) != i.Value).Select(i => i.Key).Concat(sources.Files.Where(f => !translate.In.ContainsKey(f))).ToList();
        return new CustodyLink("source", changed.FirstOrDefault(name), Together(recorded.Select(i => (i.Key, Now(i.Key)))), Together(recorded.Select(i => (i.Key, i.Value))),
            changed.Count == 0 ? CustodyLink.Good : CustodyLink.Stale, changed.Count == 0 ? $"{recorded.Count} Dafny files are those that were translated" : $"changed since the translation: {Some(changed)}");
    }

    /// <summary>What a step made.</summary>
    /// <param name="before">the step that made some of what this one was given</param>
    private IEnumerable<CustodyLink> Made(string stage, StepRecord? step, StepRecord? before, string who, string expected)
    {
        if (step == null) return [new CustodyLink(stage, expected, Now(expected), null, Now(expected).Length > 0 ? CustodyLink.Unrecorded : CustodyLink.Missing, "no record of the step that makes it")];
        var swapped = step.In.Where(i => before?.Out.TryGetValue(i.Key, out var made) == true && made != i.Value).Select(i => i.Key).ToList();
        var older = step.In.Where(i => Now(i.Key) != i.Value).Select(i => i.Key).ToList();
        return step.Out.Where(o => !o.Key.EndsWith(".map", StringComparison.Ordinal)).Select(made =>
        {
            var now = Now(made.Key);
            var (state, note) = now.Length == 0 ? (CustodyLink.Missing, "it is not there")
                : now != made.Value ? (CustodyLink.Changed, $"it is not what {who} wrote: it was touched afterwards")
                : swapped.Count > 0 ? (CustodyLink.Changed, $"{who} was given something else than the step before had made: {Some(swapped)}")
                : older.Count > 0 ? (CustodyLink.Stale, $"changed since {who} ran: {Some(older)}")
                : (CustodyLink.Good, $"made of {step.In.Count} files by {who}");
            return new CustodyLink(stage, made.Key, now, made.Value, state, note);
        });
    }

    /// <summary>The bytes that the ahead-of-time compiler read are copies of what was compiled.</summary>
    private IEnumerable<CustodyLink> Copies(StepRecord? ilc, List<StepRecord> compiles)
    {
        foreach (var (path, read) in ilc?.In ?? new Dictionary<string, string>())
        {
            var made = compiles.SelectMany(c => c.Out).FirstOrDefault(o => Path.GetFileName(o.Key) == Path.GetFileName(path)).Value;
            var now = Now(path);
            var (state, note) = made == null ? (CustodyLink.Unrecorded, "no record says what it was compiled from")
                : read != made ? (CustodyLink.Changed, "the ahead-of-time compiler read other bytes than the compiler wrote")
                : now != read ? (CustodyLink.Changed, "it is not what the ahead-of-time compiler read: it was touched afterwards")
                : (CustodyLink.Good, "what the ahead-of-time compiler read is what the compiler wrote");
            yield return new CustodyLink("assembly", path, now, made, state, note);
        }
    }

    /// <summary>The tests are to load the very bytes of the core that are in the image.</summary>
    private CustodyLink? Tested(List<StepRecord> compiles)
    {
        const string tested = "tests/Rvm.Verified.Tests/bin/Debug/net10.0/Rvm.Verified.dll";
        var made = compiles.Where(c => c.Step.Contains(Core, StringComparison.Ordinal)).SelectMany(c => c.Out.Values).FirstOrDefault();
        var now = Now(tested);
        return now.Length == 0 || made == null ? null
            : new CustodyLink("assembly", tested, now, made, now == made ? CustodyLink.Good : CustodyLink.Changed, now == made ? "the tests load the bytes that are in the image" : "the tests load other bytes than are in the image");
    }

    /// <summary>SHA-256 of a file of the checkout; empty when there is none.</summary>
    private string Now(string path)
    {
        if (digests.TryGetValue(path, out var known)) return known;
        var full = checkout.Path(path);
        return digests[path] = path.Length > 0 && File.Exists(full) ? Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(full))) : "";
    }

    private static string Together(IEnumerable<(string Path, string Digest)> files) => ProofStore.Hash(string.Join('\n', files.OrderBy(f => f.Path, StringComparer.Ordinal).Select(f => $"{f.Path} {f.Digest}")));

    private static string Some(IReadOnlyList<string> files) => string.Join(", ", files.Take(3)) + (files.Count > 3 ? $" and {files.Count - 3} more" : "");
}
