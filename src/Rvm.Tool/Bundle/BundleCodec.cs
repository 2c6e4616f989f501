using System.Buffers.Binary;

namespace Rvm.Tool.Bundle;

/// <summary>Boot bundles as words: an 8-word header, n commands of 8 words, image bytes, policies.</summary>
public static class BundleCodec
{
    /// <summary>"RVMBNDL1" in little-endian order.</summary>
    public const ulong Magic = 0x314C_444E_424D_5652;

    /// <summary>The version of the format that the tool writes and reads.</summary>
    public const ulong Version = 1;

    /// <summary>Words of the header.</summary>
    public const int HeaderWords = 8;

    /// <summary>Where the header says of each policy which word is its first, and how many it has; 0 and 0: there is none.</summary>
    private const int Areas = 4;

    /// <summary>The bundle's words.</summary>
    public static ulong[] Encode(BundleContent content)
    {
        List<ulong> words = [Magic, Version, (ulong)content.Commands.Count, 0, 0, 0, 0, 0];
        foreach (var command in content.Commands) words.AddRange(command.ToWords());
        words.AddRange(content.Payload);
        for (var i = 0; i < content.Policies.Count; i++)
        {
            (words[Areas + 2 * i], words[Areas + 2 * i + 1]) = ((ulong)words.Count, (ulong)content.Policies[i].Length);
            words.AddRange(content.Policies[i]);
        }

        words[3] = (ulong)words.Count;
        return [.. words];
    }

    /// <summary>Takes a bundle apart; null and the reason when the words are none.</summary>
    public static BundleContent? Decode(ReadOnlySpan<ulong> words, out string reason)
    {
        reason = words switch
        {
            { Length: < HeaderWords } => $"shorter than its header ({words.Length} words)",
            _ when words[0] != Magic => "the magic number is wrong",
            _ when words[1] != Version => $"version {words[1]} is unknown",
            _ when words[3] != (ulong)words.Length => $"the header says {words[3]} words, there are {words.Length}",
            _ when words[2] > (ulong)(words.Length - HeaderWords) / BootCommand.Words => $"{words[2]} commands do not fit",
            _ when !Within(words, 0) || !Within(words, 1) || (words[Areas + 1] == 0 && words[Areas + 3] != 0) =>
                "what the header says of its policies does not lie in it",
            _ => "",
        };
        if (reason != "") return null;
        var count = (int)words[2];
        var commands = new BootCommand[count];
        for (var i = 0; i < count; i++) commands[i] = BootCommand.FromWords(words.Slice(HeaderWords + i * BootCommand.Words, BootCommand.Words));
        List<ulong[]> policies = [];
        for (var i = 0; i < Abi.MaxPolicies && words[Areas + 2 * i + 1] != 0; i++)
            policies.Add(words.Slice((int)words[Areas + 2 * i], (int)words[Areas + 2 * i + 1]).ToArray());
        var first = policies.Count == 0 ? words.Length : (int)words[Areas];
        var payload = HeaderWords + count * BootCommand.Words;
        return new(commands, words[payload..Math.Max(payload, first)].ToArray()) { Policies = policies };
    }

    /// <summary>The area that the header names for a policy lies in the bundle.</summary>
    private static bool Within(ReadOnlySpan<ulong> words, int policy)
    {
        var (first, length) = (words[Areas + 2 * policy], words[Areas + 2 * policy + 1]);
        return length == 0 ? first == 0 : first >= HeaderWords && first <= (ulong)words.Length && length <= (ulong)words.Length - first;
    }

    /// <summary>Words as little-endian bytes.</summary>
    public static byte[] ToBytes(ReadOnlySpan<ulong> words)
    {
        var bytes = new byte[words.Length * 8];
        for (var i = 0; i < words.Length; i++) BinaryPrimitives.WriteUInt64LittleEndian(bytes.AsSpan(i * 8), words[i]);
        return bytes;
    }

    /// <summary>Bytes as words, the last one padded with zeros.</summary>
    public static ulong[] ToWords(ReadOnlySpan<byte> bytes)
    {
        var padded = new byte[(bytes.Length + 7) / 8 * 8];
        bytes.CopyTo(padded);
        var words = new ulong[padded.Length / 8];
        for (var i = 0; i < words.Length; i++) words[i] = BinaryPrimitives.ReadUInt64LittleEndian(padded.AsSpan(i * 8));
        return words;
    }
}
