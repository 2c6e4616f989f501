using Rvm.Diagnostics;

namespace Rvm.Policy.Binding;

/// <summary>A condition on a request. It is total: it holds or does not hold of every call and every 18 words.</summary>
/// <param name="Place">Where it begins in the source.</param>
public abstract record BoundCondition(Place Place);

/// <summary><c>true</c> or <c>false</c>.</summary>
public sealed record BoundConstant(bool Value, Place Place) : BoundCondition(Place);

/// <summary>The negation.</summary>
public sealed record BoundNot(BoundCondition Inner, Place Place) : BoundCondition(Place);

/// <summary>All of them hold; at least two.</summary>
public sealed record BoundAnd(IReadOnlyList<BoundCondition> Parts, Place Place) : BoundCondition(Place);

/// <summary>One of them holds; at least two.</summary>
public sealed record BoundOr(IReadOnlyList<BoundCondition> Parts, Place Place) : BoundCondition(Place);

/// <summary>The call is one of these.</summary>
public sealed record BoundCall(IReadOnlyList<Call> Calls, Place Place) : BoundCondition(Place);

/// <summary>How two values are compared.</summary>
public enum Comparison { Equal, NotEqual, Less, LessOrEqual, Greater, GreaterOrEqual }

/// <summary>Two terms compared as integers without bounds.</summary>
public sealed record BoundComparison(BoundTerm Left, Comparison Operator, BoundTerm Right, Place Place) : BoundCondition(Place);

/// <summary>The term lies in one of the intervals.</summary>
public sealed record BoundMember(BoundTerm Term, IReadOnlyList<Interval> Intervals, Place Place) : BoundCondition(Place);

/// <summary>The field <c>rights</c> has all of these bits, or any of them.</summary>
public sealed record BoundHas(ulong Mask, bool Any, Place Place) : BoundCondition(Place);

/// <summary>A field plus a constant, or a constant alone, in units of the source: bytes, nanoseconds, or the plain number.</summary>
/// <param name="Field">Null: the constant alone. Its value counts <see cref="Field.Scale"/> times.</param>
/// <param name="Offset">May be negative; below 2^80 in magnitude.</param>
public sealed record BoundTerm(Field? Field, Int128 Offset);

/// <summary>The integers from <paramref name="Low"/> to <paramref name="High"/>, both included, in source units; empty when Low &gt; High.</summary>
public readonly record struct Interval(Int128 Low, Int128 High);
