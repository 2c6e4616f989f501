using System.Runtime.CompilerServices;

namespace Rvm.Policy.Smt;

/// <summary>What a term is under one assignment, computed as SMT-LIB defines it. Each definition is computed once.</summary>
/// <param name="assignment">The value of every variable that occurs, at its index.</param>
public sealed class TermInterpreter(IReadOnlyList<ulong> assignment)
{
    private readonly Dictionary<Definition, bool> _known = new(ReferenceEqualityComparer.Instance);

    /// <summary>Whether a truth value holds.</summary>
    public bool Holds(Term term)
    {
        RuntimeHelpers.EnsureSufficientExecutionStack();
        switch (term)
        {
            case Constant c: return c.Value != 0;
            case Variable v: return assignment[v.Index] != 0;
            case Definition d: return _known.TryGetValue(d, out var known) ? known : _known[d] = Holds(d.Body);
            case Application a:
                return a.Operator switch
                {
                    Operator.Not => !Holds(a.Operands[0]),
                    Operator.And => All(a.Operands, true),
                    Operator.Or => !All(a.Operands, false),
                    Operator.Equal => Value(a.Operands[0]) == Value(a.Operands[1]),
                    Operator.Below => Value(a.Operands[0]) < Value(a.Operands[1]),
                    Operator.AtMost => Value(a.Operands[0]) <= Value(a.Operands[1]),
                    _ => throw new InvalidOperationException($"{a.Operator} is not a truth value"),
                };
            default: throw new InvalidOperationException("unknown term");
        }
    }

    private bool All(IReadOnlyList<Term> terms, bool value)
    {
        for (var i = 0; i < terms.Count; i++)
            if (Holds(terms[i]) != value) return false;
        return true;
    }

    /// <summary>The bits of a bit-vector, as a natural number.</summary>
    public UInt128 Value(Term term) => term switch
    {
        Constant c => c.Value,
        Variable v => assignment[v.Index],
        Application { Operator: Operator.Add } a => Cut(Value(a.Operands[0]) + Value(a.Operands[1]), a.Width),
        Application { Operator: Operator.Multiply } a => Cut(unchecked(Value(a.Operands[0]) * Value(a.Operands[1])), a.Width),
        Application { Operator: Operator.Mask } a => Value(a.Operands[0]) & Value(a.Operands[1]),
        Application { Operator: Operator.Extend } a => Value(a.Operands[0]),
        _ => throw new InvalidOperationException("not a bit-vector"),
    };

    private static UInt128 Cut(UInt128 value, int width) => width == 128 ? value : value & ((UInt128.One << width) - 1);
}
