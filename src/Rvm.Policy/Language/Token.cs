using Rvm.Diagnostics;

namespace Rvm.Policy.Language;

/// <summary>What a token is.</summary>
public enum TokenKind { Word, Number, Text, Path, Symbol, Comment, End }

/// <summary>A piece of source text.</summary>
/// <param name="Kind">What it is.</param>
/// <param name="Source">The characters as they stand in the file.</param>
/// <param name="Place">Where it begins.</param>
/// <param name="FirstOnLine">Nothing but blanks stands before it in its line.</param>
public sealed record Token(TokenKind Kind, string Source, Place Place, bool FirstOnLine)
{
    /// <summary>True when it is this keyword, name or symbol.</summary>
    public bool Is(string text) => Kind is TokenKind.Word or TokenKind.Symbol && Source == text;

    /// <summary>True when a statement can begin here: it stands in column 1.</summary>
    public bool AtMargin => FirstOnLine && Place.Column == 1;

    /// <summary>The token as error messages name it.</summary>
    public string Describe => Kind == TokenKind.End ? "the end of the statement" : $"`{Source}`";
}

/// <summary>The words that a policy cannot use as names of its own.</summary>
public static class Keywords
{
    /// <summary>Words that begin a statement.</summary>
    public static readonly IReadOnlyList<string> Statements =
        ["policy", "const", "partition", "group", "govern", "deep", "permit", "forbid", "assert", "allow"];

    /// <summary>Words inside conditions, and those that introduce one.</summary>
    public static readonly IReadOnlyList<string> Conditions = ["when", "except", "and", "or", "not", "true", "false", "in", "has", "any"];
}
