using System.Text.RegularExpressions;
using Rvm.Tool.Proof;

namespace Rvm.Tool.Custody;

/// <summary>An image that was built from a clean clone.</summary>
/// <param name="Folder">of the clone, within the folder that the comparison worked in</param>
/// <param name="Digest">SHA-256</param>
public sealed record CloneImage(string Folder, string Digest);

/// <summary>What <c>make reproduce</c> found: whether two clean clones give the same bytes, and those of the image here.</summary>
/// <param name="State">yes, no, older (it compared other sources than the present ones), damaged (the record says nothing) or not-run</param>
/// <param name="Commit">what was cloned</param>
/// <param name="Built">when, as ISO 8601 in UTC</param>
/// <param name="Clones">both, or none</param>
public sealed record Reproduction(string State, string Note, string? Commit, string? Built, IReadOnlyList<CloneImage> Clones)
{
    public const string File = "artifacts/custody/reproduce.txt";
    public const string Yes = "yes", No = "no", Older = "older", Damaged = "damaged", NotRun = "not-run";

    private const string Same = "same", Mend = "`make reproduce` compares again";

    /// <summary>Judges the record that tools/reproduce.sh left.</summary>
    /// <param name="now">SHA-256 of a file of the checkout; empty when there is none</param>
    /// <param name="image">SHA-256 of the image here; null when there is none</param>
    public static Reproduction Of(Checkout checkout, Func<string, string> now, string? image)
    {
        if (!System.IO.File.Exists(checkout.Path(File))) return new Reproduction(NotRun, "not run: `make reproduce` builds the image from two clean clones and compares", null, null, []);
        var lines = System.IO.File.ReadAllLines(checkout.Path(File)).Select(line => line.Split(' ', 3)).ToLookup(l => l[0], l => l[1..]);
        var (result, commit, built) = (Word("result"), Word("commit"), Word("built"));
        var clones = Pairs("clone").Select(c => new CloneImage(c.Name, c.Digest)).ToList();
        var given = Pairs("in").ToList();
        if (result == null || commit == null || built == null || clones.Count != 2 || given.Count == 0) return new Reproduction(Damaged, "the record does not say what was compared", commit, built, []);
        var changed = given.Where(i => now(i.Name) != i.Digest).Select(i => i.Name).ToList();
        var (state, note) = changed.Count > 0 ? (Older, $"the clones were of older sources: {changed[0]} has changed since{(changed.Count > 1 ? $", and {changed.Count - 1} more" : "")}")
            : result != Same ? (No, $"two clean clones of the same commit give different bytes: the first step that differs is {result}")
            : clones[0].Digest != clones[1].Digest ? (No, $"two clean clones of the same commit give different images: {clones[0].Digest} and {clones[1].Digest}")
            : image != null && image != clones[0].Digest ? (No, $"the image here, {image}, is not that of the two clean clones, {clones[0].Digest}")
            : (Yes, image == null ? "two clean clones give the same image; there is none here to compare with it" : "two clean clones give the image that is here");
        return new Reproduction(state, note, commit, built, clones);

        string? Word(string key) => lines[key].ToList() is [[{ Length: > 0 } word, ..]] ? word : null;

        IEnumerable<(string Name, string Digest)> Pairs(string key) =>
            lines[key].Where(l => l.Length == 2 && Regex.IsMatch(l[0], "^[0-9a-f]{64}$")).Select(l => (l[1], l[0]));
    }

    public IEnumerable<Finding> Findings() => State is No or Damaged ? [new Finding("reproduce", new Place(File, 0, 0), Note, Mend)] : [];
}
