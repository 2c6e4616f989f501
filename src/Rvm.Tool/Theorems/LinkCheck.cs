using System.Text.RegularExpressions;
using Rvm.Tool.Proof;

namespace Rvm.Tool.Theorems;

/// <summary>Whether every link of a page leads somewhere: to a file, to the line with the declaration that the link names, or to a heading of the page.</summary>
public static partial class LinkCheck
{
    public static IEnumerable<Finding> Broken(Checkout checkout, string page, string text)
    {
        var anchors = Heading().Matches(text).Select(h => h.Groups[1].Value.Trim().ToLowerInvariant().Replace(' ', '-')).ToHashSet(StringComparer.Ordinal);
        var files = new Dictionary<string, string[]?>(StringComparer.Ordinal);
        foreach (var (line, number) in text.Split('\n').Select((l, i) => (l, i + 1)))
            foreach (Match link in Link().Matches(line))
                if (Problem(link.Groups["text"].Value, link.Groups["target"].Value) is { } problem)
                    yield return new Finding("broken-link", new Place(page, number, link.Index + 1), problem, "`make theorems` writes the page again");

        string? Problem(string name, string target)
        {
            if (target.StartsWith('#')) return anchors.Contains(target[1..]) ? null : $"no heading {target}";
            if (target.Contains("://", StringComparison.Ordinal)) return null;
            var parts = target.Split("#L");
            var file = checkout.Relative(Path.Combine(checkout.Path(Path.GetDirectoryName(page)!), parts[0]));
            if (Lines(file) is not { } lines) return $"{file} does not exist";
            if (parts.Length == 1) return null;
            var last = name.Trim('`').Split('.')[^1];
            return int.TryParse(parts[1], out var at) && at >= 1 && at <= lines.Length && Regex.IsMatch(lines[at - 1], $@"\b{Regex.Escape(last)}(?!\w)")
                ? null : $"{file}:{parts[1]} does not declare {last}";
        }

        string[]? Lines(string file)
        {
            if (!files.TryGetValue(file, out var lines))
                files[file] = lines = File.Exists(checkout.Path(file)) ? File.ReadAllLines(checkout.Path(file)) : null;
            return lines;
        }
    }

    [GeneratedRegex("""\[(?<text>[^\[\]]*)\]\((?<target>[^()\s]+)\)""")]
    private static partial Regex Link();

    [GeneratedRegex("""^#+ (.*)$""", RegexOptions.Multiline)]
    private static partial Regex Heading();
}
