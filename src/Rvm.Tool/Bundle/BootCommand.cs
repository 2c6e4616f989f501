using Rvm.Diagnostics;

namespace Rvm.Tool.Bundle;

/// <summary>Operations of the boot bundle (docs/abi.md §5).</summary>
public enum Operation : ulong { Image = 1, Partition = 2, Region = 3, Map = 4, Edge = 5, Cap = 6, Start = 7, End = 8, Shared = 9, Device = 10 }

/// <summary>One command of eight words: the operation and a1 … a7.</summary>
public sealed record BootCommand(ulong Operation, ulong A1 = 0, ulong A2 = 0, ulong A3 = 0, ulong A4 = 0, ulong A5 = 0, ulong A6 = 0, ulong A7 = 0)
{
    /// <summary>Words of one command.</summary>
    public const int Words = 8;

    /// <summary>The eight words in order.</summary>
    public ulong[] ToWords() => [Operation, A1, A2, A3, A4, A5, A6, A7];

    /// <summary>The command in eight words.</summary>
    public static BootCommand FromWords(ReadOnlySpan<ulong> w) => new(w[0], w[1], w[2], w[3], w[4], w[5], w[6], w[7]);
}

/// <summary>Says for people where a command comes from.</summary>
/// <param name="Index">Number of the command in the bundle, from 0.</param>
/// <param name="Text">The command in words.</param>
/// <param name="Place">The entry of the system description that asked for it.</param>
public sealed record CommandOrigin(int Index, string Text, Place Place);

/// <summary>A bundle taken apart: commands, the words of image bytes after them, and the tables of its policies, which follow those.</summary>
public sealed record BundleContent(IReadOnlyList<BootCommand> Commands, ulong[] Payload)
{
    /// <summary>At most two tables, with their text; the first is active at the beginning.</summary>
    public IReadOnlyList<ulong[]> Policies { get; init; } = [];
}
