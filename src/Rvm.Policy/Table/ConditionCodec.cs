using Rvm.Policy.Binding;

namespace Rvm.Policy.Table;

/// <summary>Conjunctions as conditions of the table, and back.</summary>
internal static class ConditionCodec
{
    private const int RangesOfPart = 12;

    /// <summary>The lists of conditions that stand for a conjunction: one, or several when a field has very many ranges.</summary>
    public static IEnumerable<List<TableCondition>> Encode(Conjunction term)
    {
        IEnumerable<List<TableCondition>> lists = [[]];
        foreach (var (field, set) in term.Sets)
        {
            var parts = Parts(set).Select(p => Encode(field, p)).ToList();
            lists = [.. lists.SelectMany(l => parts.Select(p => new List<TableCondition>([.. l, .. p])))];
        }

        List<TableCondition> rest = [];
        var rights = Fields.Rights.Index;
        if (term.Bits.Mask != 0) rest.Add(new(rights, TableOperator.Bits, 0, term.Bits.Mask, term.Bits.Value));
        foreach (var (mask, value) in term.NotBits) rest.Add(new(rights, TableOperator.NotBits, 0, mask, value));
        foreach (var pair in term.Pairs.OrderBy(p => (p.X, p.Y, p.AtMost, p.A)))
            rest.Add(new(pair.X, pair.AtMost ? TableOperator.AtMost : TableOperator.Above, pair.Y, pair.A, 0));
        return lists.Select(l => new List<TableCondition>([.. l, .. rest]));
    }

    /// <summary>What one condition says; null: it never holds.</summary>
    public static Conjunction? Decode(TableCondition c)
    {
        var test = new BitTest(c.A, c.B);
        return c.Operator switch
        {
            TableOperator.Range => Conjunction.Of(c.Field, WordSet.Between(c.A, c.B)),
            TableOperator.Outside => Conjunction.Of(c.Field, WordSet.Between(c.A, c.B).Complement()),
            TableOperator.Member => Conjunction.Of(c.Field, Members(c)),
            TableOperator.NotMember => Conjunction.Of(c.Field, Members(c).Complement()),
            TableOperator.Bits => (c.B & ~c.A) != 0 ? null : Conjunction.Of(test),
            TableOperator.NotBits => (c.B & ~c.A) != 0 ? Conjunction.True : Conjunction.NotOf(test),
            _ when c.Field == c.Second => c.Operator == TableOperator.AtMost ? Conjunction.True : null,
            _ => Conjunction.Of(new Pair(c.Field, c.Operator == TableOperator.AtMost, c.Second, c.A)),
        };
    }

    private static WordSet Members(TableCondition c)
    {
        var set = WordSet.Empty;
        for (var word = 0; word < 128; word++)
            if (((word < 64 ? c.A : c.B) >> (word & 63) & 1) != 0) set = set.Union(WordSet.Between(word, word));
        return set;
    }

    private static IEnumerable<WordSet> Parts(WordSet set)
    {
        if (set.Ranges.Count <= RangesOfPart || Small(set) || Small(set.Complement())) return [set];
        return set.Ranges.Chunk(RangesOfPart).Select(part => part.Aggregate(WordSet.Empty, (sum, r) => sum.Union(WordSet.Between(r.Low, r.High))));
    }

    private static List<TableCondition> Encode(int field, WordSet set)
    {
        var gaps = WordSet.Between(set.Least, set.Most).Intersect(set.Complement());
        List<TableCondition> conditions = [];
        if (Small(set) && set.Ranges.Count > 1) return [Bitmap(field, TableOperator.Member, set)];
        if (set.Least > 0 || set.Most < ulong.MaxValue) conditions.Add(new(field, TableOperator.Range, 0, set.Least, set.Most));
        if (Small(gaps) && gaps.Ranges.Count > 1) conditions.Add(Bitmap(field, TableOperator.NotMember, gaps));
        else conditions.AddRange(gaps.Ranges.Select(g => new TableCondition(field, TableOperator.Outside, 0, g.Low, g.High)));
        return conditions;
    }

    private static bool Small(WordSet set) => !set.IsEmpty && set.Most < 128;

    private static TableCondition Bitmap(int field, TableOperator symbol, WordSet set)
    {
        UInt128 bits = 0;
        foreach (var (low, high) in set.Ranges)
            for (var word = low; word <= high; word++) bits |= UInt128.One << (int)word;
        return new(field, symbol, 0, (ulong)bits, (ulong)(bits >> 64));
    }
}
