using System.Globalization;
using System.Text;

namespace Rvm.Policy.Smt;

/// <summary>Writes terms as SMT-LIB 2.6 text.</summary>
public static class SmtWriter
{
    /// <summary>A whole file: logic, declarations, definitions, one question and the request for a model.</summary>
    /// <param name="query">The question.</param>
    /// <param name="comment">What is asked, in English; each line becomes a comment.</param>
    public static string File(Query query, string comment)
    {
        var text = new StringBuilder();
        foreach (var line in comment.Split('\n')) text.Append("; ").Append(line).Append('\n');
        text.Append("(set-option :produce-models true)\n(set-logic QF_BV)\n");
        var (variables, definitions) = Reachable(query.Goals);
        foreach (var v in variables) Declare(text, v);
        foreach (var d in definitions) Define(text, d);
        foreach (var goal in query.Goals) Assert(text, goal);
        text.Append("(check-sat)\n");
        var asked = query.Wanted.Where(variables.Contains).ToList();
        if (asked.Count > 0) text.Append("(get-value (").AppendJoin(' ', asked.Select(v => v.Name)).Append("))\n");
        return text.Append("(exit)\n").ToString();
    }

    /// <summary>Variables and definitions that terms use, each definition after those that it uses itself.</summary>
    public static (HashSet<Variable> Variables, List<Definition> Definitions) Reachable(IEnumerable<Term> goals)
    {
        HashSet<Variable> variables = new(ReferenceEqualityComparer.Instance);
        HashSet<Definition> seen = new(ReferenceEqualityComparer.Instance);
        List<Definition> ordered = [];
        Stack<(Term Term, bool Left)> work = new(goals.Reverse().Select(g => (g, false)));
        while (work.TryPop(out var at))
        {
            if (at.Left) ordered.Add((Definition)at.Term);
            else if (at.Term is Variable v) variables.Add(v);
            else if (at.Term is Application a)
                foreach (var operand in a.Operands) work.Push((operand, false));
            else if (at.Term is Definition d && seen.Add(d))
            {
                work.Push((d, true));
                work.Push((d.Body, false));
            }
        }

        return (variables, ordered);
    }

    /// <summary><c>(declare-const …)</c>.</summary>
    public static void Declare(StringBuilder text, Variable v) =>
        text.Append("(declare-const ").Append(v.Name).Append(' ').Append(Sort(v.Width)).Append(")\n");

    /// <summary><c>(define-fun …)</c> without parameters.</summary>
    public static void Define(StringBuilder text, Definition d)
    {
        text.Append("(define-fun ").Append(d.Name).Append(" () Bool ");
        Write(text, d.Body);
        text.Append(")\n");
    }

    /// <summary><c>(assert …)</c>.</summary>
    public static void Assert(StringBuilder text, Term goal)
    {
        text.Append("(assert ");
        Write(text, goal);
        text.Append(")\n");
    }

    /// <summary>One term.</summary>
    public static void Write(StringBuilder text, Term term)
    {
        switch (term)
        {
            case Constant { Width: 0 } c: text.Append(c.Value == 0 ? "false" : "true"); break;
            case Constant c: Literal(text, c); break;
            case Variable v: text.Append(v.Name); break;
            case Definition d: text.Append(d.Name); break;
            case Application a:
                text.Append('(').Append(Name(a));
                foreach (var operand in a.Operands) Write(text.Append(' '), operand);
                text.Append(')');
                break;
        }
    }

    private static string Sort(int width) => width == 0 ? "Bool" : $"(_ BitVec {width})";

    private static void Literal(StringBuilder text, Constant c)
    {
        if (c.Width % 4 == 0) text.Append("#x").Append(c.Value.ToString($"x{c.Width / 4}", CultureInfo.InvariantCulture));
        else text.Append("#b").Append(c.Value.ToString($"b{c.Width}", CultureInfo.InvariantCulture));
    }

    private static string Name(Application a) => a.Operator switch
    {
        Operator.Not => "not",
        Operator.And => "and",
        Operator.Or => "or",
        Operator.Equal => "=",
        Operator.Below => "bvult",
        Operator.AtMost => "bvule",
        Operator.Add => "bvadd",
        Operator.Multiply => "bvmul",
        Operator.Mask => "bvand",
        Operator.Extend => $"(_ zero_extend {a.Width - a.Operands[0].Width})",
        _ => throw new ArgumentOutOfRangeException(nameof(a), a.Operator, "unknown operator"),
    };
}
