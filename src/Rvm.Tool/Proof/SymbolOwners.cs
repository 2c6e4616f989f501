namespace Rvm.Tool.Proof;

/// <summary>Tells which file of a run declares a symbol of its log: the log names modules and members, not paths.</summary>
public sealed class SymbolOwners
{
    private const string Several = "";

    private readonly Dictionary<string, string> files = new(StringComparer.Ordinal);

    public SymbolOwners(SourceGraph sources, IEnumerable<string> among)
    {
        foreach (var file in among)
            foreach (var name in sources.Names(file))
                files[name] = files.TryGetValue(name, out var other) && other != file ? Several : file;
    }

    /// <summary>The file with the declaration that a symbol is or lies in; null when there is none, or more than one.</summary>
    public string? Of(string symbol)
    {
        for (var name = symbol; ; name = name[..name.LastIndexOf('.')])
        {
            if (files.TryGetValue(name, out var file)) return file == Several ? null : file;
            if (!name.Contains('.', StringComparison.Ordinal)) return null;
        }
    }
}
