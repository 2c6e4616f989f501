namespace Rvm.Diagnostics;

/// <summary>Finds the known word that a misspelt one most likely meant.</summary>
public static class Suggest
{
    /// <summary>The known word nearest to <paramref name="word"/>, or null when none is near (edit distance at most a third of its length, at least 2).</summary>
    public static string? Nearest(string word, IEnumerable<string> known)
    {
        var best = known
            .Select(k => (Word: k, Distance: Distance(word.ToLowerInvariant(), k.ToLowerInvariant())))
            .OrderBy(k => k.Distance).ThenBy(k => k.Word, StringComparer.Ordinal)
            .FirstOrDefault();
        return best.Word is not null && best.Distance <= Math.Max(2, word.Length / 3) ? best.Word : null;
    }

    /// <summary>A mend: «did you mean …?» when a near word exists, and otherwise the list of what is known.</summary>
    public static string OneOf(string word, IReadOnlyCollection<string> known)
    {
        var list = known.Count == 0 ? "there are none" : "known: " + string.Join(", ", known.Take(12)) + (known.Count > 12 ? ", …" : "");
        return Nearest(word, known) is { } near ? $"did you mean `{near}`? ({list})" : list;
    }

    private static int Distance(string a, string b)
    {
        var row = Enumerable.Range(0, b.Length + 1).ToArray();
        for (var i = 1; i <= a.Length; i++)
        {
            var diagonal = row[0];
            row[0] = i;
            for (var j = 1; j <= b.Length; j++)
            {
                var above = row[j];
                row[j] = Math.Min(Math.Min(row[j], row[j - 1]) + 1, diagonal + (a[i - 1] == b[j - 1] ? 0 : 1));
                diagonal = above;
            }
        }

        return row[b.Length];
    }
}
