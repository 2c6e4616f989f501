namespace Rvm.Tool.Audit;

/// <summary>The newest result of proving the heaviest obligations again: under other seeds, or with another solver.</summary>
/// <param name="Kind">seeds or solver</param>
/// <param name="Solver">name and version of the solver</param>
/// <param name="Seeds">how many seeds each obligation was tried with</param>
/// <param name="Measured">when, as ISO 8601 in UTC</param>
/// <param name="SourceDigest">of the sources that were proved; <paramref name="Current"/> says whether they are the present ones</param>
/// <param name="Unsteady">how many fail or vary too much, or get another answer from this solver</param>
public sealed record SteadinessResult(string Kind, string Solver, int Seeds, string Measured, string SourceDigest, bool Current, int Obligations, int Unsteady);
