namespace Rvm.Tool.Proof;

/// <summary>A place in a source file. Lines and columns count from 1; 0 means the file as a whole.</summary>
public sealed record Place(string File, int Line, int Column)
{
    public override string ToString() => Line == 0 ? File : Column == 0 ? $"{File}:{Line}" : $"{File}:{Line}:{Column}";
}

/// <summary>A second place that explains a finding, such as the postcondition that fails.</summary>
public sealed record Related(Place Place, string Message);

/// <summary>Something that keeps a release from being proved.</summary>
/// <param name="Rule">short name of the rule, e.g. <c>assume</c> or <c>not-proved</c></param>
/// <param name="Hint">what to do about it</param>
public sealed record Finding(string Rule, Place Place, string Message, string? Hint = null, IReadOnlyList<Related>? Related = null);
