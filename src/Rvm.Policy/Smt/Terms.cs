namespace Rvm.Policy.Smt;

/// <summary>Builds terms. Operands of different widths are extended first; what is known already is folded away.</summary>
public static class Terms
{
    /// <summary>The widest bit-vector.</summary>
    public const int WidestVector = 128;

    /// <summary>The truth value that always holds.</summary>
    public static readonly Term True = new Constant(1, 0);

    /// <summary>The truth value that never holds.</summary>
    public static readonly Term False = new Constant(0, 0);

    /// <summary>A truth value that is written down.</summary>
    public static Term Bool(bool value) => value ? True : False;

    /// <summary>A number in as few bits as hold it.</summary>
    public static Term Number(UInt128 value) => Number(value, WidthOf(value));

    /// <summary>A number in <paramref name="width"/> bits.</summary>
    public static Term Number(UInt128 value, int width) => new Constant(value, width);

    /// <summary>Bits that a number needs, at least 1.</summary>
    public static int WidthOf(UInt128 value) => Math.Max(1, 128 - (int)UInt128.LeadingZeroCount(value));

    /// <summary>Whether a term is the constant <paramref name="value"/>.</summary>
    public static bool Is(Term term, bool value) => term is Constant { Width: 0 } c && c.Value == (value ? 1u : 0u);

    /// <summary>Negation.</summary>
    public static Term Not(Term term) => term switch
    {
        Constant c => Bool(c.Value == 0),
        Application { Operator: Operator.Not } a => a.Operands[0],
        _ => new Application(Operator.Not, 0, [term]),
    };

    /// <summary>Conjunction; true when there are no operands.</summary>
    public static Term And(params IEnumerable<Term> terms) => Join(Operator.And, terms, neutral: true);

    /// <summary>Disjunction; false when there are no operands.</summary>
    public static Term Or(params IEnumerable<Term> terms) => Join(Operator.Or, terms, neutral: false);

    /// <summary>x = y as numbers.</summary>
    public static Term Equal(Term x, Term y) => Compare(Operator.Equal, x, y, (a, b) => a == b);

    /// <summary>x &lt; y as numbers.</summary>
    public static Term Below(Term x, Term y) => Compare(Operator.Below, x, y, (a, b) => a < b);

    /// <summary>x ≤ y as numbers.</summary>
    public static Term AtMost(Term x, Term y) => Compare(Operator.AtMost, x, y, (a, b) => a <= b);

    /// <summary>low ≤ x ≤ high.</summary>
    public static Term Within(Term x, UInt128 low, UInt128 high) =>
        low == high ? Equal(x, Number(low)) : And(low == 0 ? True : AtMost(Number(low), x), AtMost(x, Number(high)));

    /// <summary>The natural number x + y: one bit more than the wider of the two, so that nothing is lost.</summary>
    public static Term Add(Term x, Term y)
    {
        var width = Math.Max(x.Width, y.Width) + 1;
        return new Application(Operator.Add, Checked(width), [Extend(x, width), Extend(y, width)]);
    }

    /// <summary>The natural number x · y.</summary>
    public static Term Multiply(Term x, Term y)
    {
        var width = x.Width + y.Width;
        return new Application(Operator.Multiply, Checked(width), [Extend(x, width), Extend(y, width)]);
    }

    /// <summary>x with only the bits of <paramref name="mask"/>.</summary>
    public static Term Mask(Term x, UInt128 mask)
    {
        var width = Math.Max(x.Width, WidthOf(mask));
        return new Application(Operator.Mask, width, [Extend(x, width), Number(mask, width)]);
    }

    /// <summary>The same number in at least <paramref name="width"/> bits.</summary>
    public static Term Extend(Term x, int width) =>
        x.Width >= width ? x
        : x is Constant c ? new Constant(c.Value, Checked(width))
        : new Application(Operator.Extend, Checked(width), [x]);

    private static int Checked(int width) =>
        width <= WidestVector ? width : throw new ArgumentOutOfRangeException(nameof(width), width, "terms have at most 128 bits");

    private static Term Join(Operator op, IEnumerable<Term> terms, bool neutral)
    {
        List<Term> kept = [];
        foreach (var term in terms)
        {
            if (Is(term, !neutral)) return Bool(!neutral);
            if (Is(term, neutral)) continue;
            if (term is Application a && a.Operator == op) kept.AddRange(a.Operands);
            else kept.Add(term);
        }

        return kept.Count switch { 0 => Bool(neutral), 1 => kept[0], _ => new Application(op, 0, kept) };
    }

    private static Term Compare(Operator op, Term x, Term y, Func<UInt128, UInt128, bool> holds)
    {
        if (x is Constant a && y is Constant b) return Bool(holds(a.Value, b.Value));
        var width = Math.Max(x.Width, y.Width);
        return new Application(op, 0, [Extend(x, width), Extend(y, width)]);
    }
}
