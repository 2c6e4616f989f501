namespace Rvm.Spec.Tests;

/// <summary>The specification and the core disagree.</summary>
public sealed class DifferenceException(string what) : Exception(what);
