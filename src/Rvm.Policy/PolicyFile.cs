using System.Text;
using Rvm.Diagnostics;
using Rvm.Policy.Binding;
using Rvm.Policy.Language;

namespace Rvm.Policy;

/// <summary>Reads policies from files.</summary>
public static class PolicyFile
{
    /// <summary>A file longer than this is not read: 4 MiB.</summary>
    public const long MaxBytes = 4 << 20;

    /// <summary>The policy in a file; null when <paramref name="bag"/> holds errors.</summary>
    /// <param name="file">Path of the source.</param>
    /// <param name="system">The names of a system; null: the file declares its partitions itself.</param>
    /// <param name="bag">Where errors and warnings go.</param>
    public static BoundPolicy? Load(string file, SystemNames? system, DiagnosticBag bag) =>
        ReadText(file, bag) is { } text ? Parse(file, text, system, bag) : null;

    /// <summary>The policy that <paramref name="text"/> holds; null when <paramref name="bag"/> holds errors.</summary>
    public static BoundPolicy? Parse(string file, string text, SystemNames? system, DiagnosticBag bag) =>
        Binder.Bind(Parser.Read(file, text, bag), system, bag);

    /// <summary>A file's text; null after a report.</summary>
    public static string? ReadText(string file, DiagnosticBag bag)
    {
        try
        {
            if (new FileInfo(file).Length <= MaxBytes) return File.ReadAllText(file, Encoding.UTF8);
            bag.Error(Place.Whole(file), "the file is longer than 4 MiB", "a policy's table has 16384 words: shorten it");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
        {
            bag.Error(Place.Whole(file), File.Exists(file)
                ? $"cannot be read: {e.Message}" : "the file does not exist", "name a policy, such as policies/tenants.rvmp");
        }

        return null;
    }
}
