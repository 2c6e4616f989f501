namespace Rvm.Tool.Proof;

/// <summary>
/// The order in which Dafny meets the modules. It decides the order of the declarations in every question to the solver, so the same obligation is the
/// same text, with the same resource count, whichever files share a process. Files stand in the order of their depth of includes, then of their paths:
/// of two files, which one is first depends on what they include and on nothing else.
/// </summary>
public sealed class ModuleOrder(Checkout checkout, SourceGraph sources)
{
    private const string Folder = "artifacts/proof/order";

    /// <summary>Files in the order in which Dafny meets them.</summary>
    public IReadOnlyList<string> Sorted(IEnumerable<string> files) =>
        [.. files.OrderBy(sources.Depth).ThenBy(file => file, StringComparer.Ordinal)];

    /// <summary>Writes the file that Dafny reads first: it includes what the files need, imports the modules in their order and claims nothing.</summary>
    /// <returns>its path; the name follows from the content</returns>
    public string Write(IEnumerable<string> files)
    {
        var needed = Sorted(files.SelectMany(sources.Closure).Distinct());
        var text = string.Concat(needed.Select(file => $"include \"{Path.GetRelativePath(checkout.Path(Folder), checkout.Path(file)).Replace('\\', '/')}\"\n")) +
            "module {:compile false} ModuleOrder {\n" + string.Concat(needed.SelectMany(sources.Modules).Distinct().Select(module => $"  import {module}\n")) + "}\n";
        var path = checkout.Path($"{Folder}/{ProofStore.Hash(text)[..16]}.dfy");
        if (File.Exists(path)) return path;
        Directory.CreateDirectory(checkout.Path(Folder));
        var fresh = $"{path}.{Environment.ProcessId}";
        File.WriteAllText(fresh, text);
        File.Move(fresh, path, overwrite: true);
        return path;
    }
}
