using Rvm.Diagnostics;
using Rvm.Policy;
using Rvm.Policy.Table;
using Rvm.Tool.Bundle;
using Rvm.Tool.Commands;
using Rvm.Tool.Image;
using Rvm.Tool.Witness;

namespace Rvm.Tool.Policies;

/// <summary>Finds the tables of policies in files: tables, one behind the other, boot bundles, bootable images.</summary>
public static class PolicyTables
{
    /// <summary>The words of every table in the file, in the order of their numbers; null after a report.</summary>
    public static IReadOnlyList<ulong[]>? Read(string file, DiagnosticBag bag) => Bytes(file, bag) is { } bytes ? Of(file, bytes, bag) : null;

    /// <summary>As <see cref="Read"/>; a file that is none of these is a policy's source, which is compiled with the names of a system, or its own.</summary>
    public static IReadOnlyList<ulong[]>? ReadOrCompile(string file, string? system, DiagnosticBag bag)
    {
        if (Bytes(file, bag) is not { } bytes) return null;
        if (ElfFile.IsElf(bytes) || BundleCodec.ToWords(bytes) is [TableCodec.Magic or BundleCodec.Magic, ..]) return Of(file, bytes, bag);
        return PolicyCommands.Load(file, system, bag) is { } policy && TableCompiler.Compile(policy, bag) is { } table ? [TableCodec.Encode(table)] : null;
    }

    /// <summary>What the record PolicyActivate says of a policy: FNV-1a 64 over the words that the kernel keeps. Not over names and reasons.</summary>
    public static ulong Digest(ReadOnlySpan<ulong> table) => WitnessRecord.Fnv(TableCodec.ToBytes(table[..(int)table[2]]), WitnessRecord.Anchor);

    /// <summary>The tables that a bootable image carries; none if it is no image.</summary>
    public static IReadOnlyList<ulong[]> OfImage(string image)
    {
        var unused = new DiagnosticBag();
        return Bytes(image, unused) is { } bytes && ElfFile.IsElf(bytes) ? Of(image, bytes, unused) ?? [] : [];
    }

    private static IReadOnlyList<ulong[]>? Of(string file, byte[] bytes, DiagnosticBag bag)
    {
        try
        {
            var words = ElfFile.IsElf(bytes) ? KernelImage.Bundle(bytes) : BundleCodec.ToWords(bytes);
            return words is [TableCodec.Magic, ..] ? Tables(file, words, bag) : OfBundle(file, words, bag);
        }
        catch (ImageException e)
        {
            bag.Error(Place.Whole(file), e.Message, e.Mend);
            return null;
        }
    }

    private static IReadOnlyList<ulong[]>? OfBundle(string file, ulong[] words, DiagnosticBag bag)
    {
        if (BundleCodec.Decode(words, out var reason) is not { } bundle)
            bag.Error(Place.Whole(file), $"neither a policy's table nor a boot bundle: {reason}", "make one with `rvm policy compile` or `rvm build`");
        else if (bundle.Policies.Count == 0)
            bag.Error(Place.Whole(file), "the bundle carries no policy", "name a policy in the system's description: policy: FILE.rvmp");
        else if (bundle.Policies.All(p => IsTable(file, p, bag))) return bundle.Policies;
        return null;
    }

    private static IReadOnlyList<ulong[]>? Tables(string file, ulong[] words, DiagnosticBag bag)
    {
        List<ulong[]> tables = [];
        for (var at = 0; at < words.Length; at += tables[^1].Length)
        {
            if (!IsTable(file, words[at..], bag)) return null;
            tables.Add(words[at..(at + (int)words[at + 3])]);
        }

        return tables;
    }

    private static bool IsTable(string file, ulong[] words, DiagnosticBag bag)
    {
        if (TableCodec.Decode(words, out var reason) is not null) return true;
        bag.Error(Place.Whole(file), $"this is no policy table: {reason}", "make one with `rvm policy compile`");
        return false;
    }

    private static byte[]? Bytes(string file, DiagnosticBag bag)
    {
        try
        {
            return File.ReadAllBytes(file);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            bag.Error(Place.Whole(file), File.Exists(file) ? $"cannot be read: {e.Message}" : "the file does not exist", "name a table, a bundle or a bootable image");
            return null;
        }
    }
}
