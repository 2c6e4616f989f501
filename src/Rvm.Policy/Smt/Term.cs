namespace Rvm.Policy.Smt;

/// <summary>A term of SMT-LIB's quantifier-free bit-vectors (QF_BV), built by <see cref="Terms"/>. Terms are compared by reference.</summary>
/// <param name="width">Bits; 0 for a truth value.</param>
public abstract class Term(int width)
{
    /// <summary>Bits of a bit-vector, from 1 to 128; 0 for a truth value.</summary>
    public int Width { get; } = width;
}

/// <summary>A truth value or a bit-vector that is written down.</summary>
public sealed class Constant(UInt128 value, int width) : Term(width)
{
    /// <summary>The bits; 0 or 1 for a truth value.</summary>
    public UInt128 Value { get; } = value;
}

/// <summary>An unknown that the solver chooses.</summary>
/// <param name="index">Where an assignment holds its value.</param>
public sealed class Variable(string name, int width, int index = 0) : Term(width)
{
    /// <summary>Where an assignment holds its value.</summary>
    public int Index { get; } = index;

    /// <summary>A simple symbol of SMT-LIB.</summary>
    public string Name { get; } = name;
}

/// <summary>A truth value that is defined once and used by name, so that text and work stay linear in the number of rules.</summary>
public sealed class Definition(string name, Term body) : Term(0)
{
    /// <summary>A simple symbol of SMT-LIB.</summary>
    public string Name { get; } = name;

    /// <summary>What the name stands for.</summary>
    public Term Body { get; } = body;
}

/// <summary>The operators that the policies need.</summary>
public enum Operator
{
    /// <summary>Negation of a truth value.</summary>
    Not,

    /// <summary>Conjunction of truth values.</summary>
    And,

    /// <summary>Disjunction of truth values.</summary>
    Or,

    /// <summary>Equality of two bit-vectors.</summary>
    Equal,

    /// <summary>Unsigned less-than.</summary>
    Below,

    /// <summary>Unsigned at-most.</summary>
    AtMost,

    /// <summary>Sum modulo 2^width.</summary>
    Add,

    /// <summary>Product modulo 2^width.</summary>
    Multiply,

    /// <summary>Bitwise conjunction.</summary>
    Mask,

    /// <summary>The same number in more bits.</summary>
    Extend,
}

/// <summary>An operator with its operands.</summary>
public sealed class Application(Operator op, int width, IReadOnlyList<Term> operands) : Term(width)
{
    /// <summary>What is applied.</summary>
    public Operator Operator { get; } = op;

    /// <summary>To what.</summary>
    public IReadOnlyList<Term> Operands { get; } = operands;
}
