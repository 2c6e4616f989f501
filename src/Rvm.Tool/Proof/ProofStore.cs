using System.Security.Cryptography;
using System.Text;

namespace Rvm.Tool.Proof;

/// <summary>Logs and stamps of proofs under <c>artifacts/proof/</c>: a stamp says for which inputs a file's log is a complete proof.</summary>
/// <param name="logs">folder of the logs: proofs and vacuity checks have different ones</param>
public sealed class ProofStore(Checkout checkout, SourceGraph sources, string fingerprint, string logs = "log")
{
    /// <summary>Raised when the rules that accept a log change.</summary>
    private const string Rules = "3";

    private readonly System.Collections.Concurrent.ConcurrentDictionary<string, string> keys = new(StringComparer.Ordinal);

    private const string Folder = "artifacts/proof";

    public string QueryCache => checkout.Path($"{Folder}/queries");

    public string Log(string file) => checkout.Path($"{Folder}/{logs}/{file}.json");

    /// <summary>Where the log of several files goes before it is divided.</summary>
    public string GroupLog(string first) => checkout.Path($"{Folder}/{logs}/group-{Environment.ProcessId}-{Hash(first)[..8]}.json");

    /// <summary>What the proof of a file depends on: its text, what it needs of the files that it includes, the options and the tools.</summary>
    public string Key(string file) => keys.GetOrAdd(file, MakeKey);

    private string MakeKey(string file)
    {
        var includes = sources.Needed(file).Select(f => $"{f.File}\n{Hash(f.Text)}");
        return Hash(string.Join('\n', [Rules, file, Hash(sources.Source(file)), fingerprint, .. includes]));
    }

    /// <summary>Whether the log of a file is a complete proof of its present text.</summary>
    public bool IsProved(string file) =>
        File.Exists(Log(file)) && File.Exists(Stamp(file)) && File.ReadAllText(Stamp(file)) == $"{Key(file)} {Hash(File.ReadAllText(Log(file)))}\n";

    /// <summary>Forgets a file's proof and makes room for a new log.</summary>
    public void Begin(string file)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(Log(file))!);
        File.Delete(Stamp(file));
        File.Delete(Log(file));
    }

    /// <summary>Accepts a file's log as the proof of the text that had this key.</summary>
    public void Accept(string file, string key) => File.WriteAllText(Stamp(file), $"{key} {Hash(File.ReadAllText(Log(file)))}\n");

    /// <summary>What a file's log says: nothing, when there is none or only the beginning of one.</summary>
    public IReadOnlyList<Batch> Batches(string file)
    {
        try { return File.Exists(Log(file)) ? ProofLog.Read(Log(file), file, sources.Closure(file)) : []; }
        catch (System.Text.Json.JsonException) { return []; }
    }

    private string Stamp(string file) => checkout.Path($"{Folder}/{logs}/{file}.stamp");

    internal static string Hash(string text) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)));
}
