namespace Rvm.Tool.Coverage;

/// <summary>
/// Copies of code for a joint check of several indices that fails. Where a piece of code checks at least four indices, the compiler makes one check of
/// all of them, after which the code runs without checks, and a copy in which each index is checked by itself, for the case that the joint check
/// fails. One of the copy's checks then fails, too, and the proof excludes that, but no single instruction of the copy says so.
/// </summary>
/// <remarks>
/// A copy is recognised by two things: it branches at least four times to the report of a failed check, and what it stores and calls is what executed
/// code of the same function stores and calls, in the same order. This is a comparison, not a proof.
/// </remarks>
public static class CheckedCopies
{
    private const int LeastChecks = 4;

    /// <summary>Those of the missed offsets that belong to copies.</summary>
    public static HashSet<ulong> Among(CodeFunction function, IReadOnlySet<ulong> missed)
    {
        var executed = Work(function.Instructions.Where(i => !missed.Contains(i.Offset) && !function.Guards.Contains(i.Offset)));
        return [.. Runs(function, missed).SelectMany(CopiesIn).SelectMany(c => c).Select(i => i.Offset)];

        // What is before the first and behind the last check of a run, such as a refusal, is another piece of code.
        IEnumerable<List<Instruction>> CopiesIn(List<Instruction> run)
        {
            var pieces = Pieces(run).ToList();
            var (first, last) = (pieces.FindIndex(p => Checks(p) > 0), pieces.FindLastIndex(p => Checks(p) > 0));
            if (first < 0) return [];
            List<Instruction> all = [.. pieces.Take(last + 1).Skip(first).SelectMany(p => p)];
            return IsCopy(all) ? [all] : pieces.Where(IsCopy);
        }

        int Checks(List<Instruction> code) => code.Count(i => i.Mnemonic.StartsWith("b.", StringComparison.Ordinal) && i.Target is { } to && function.Guards.Contains(to));

        bool IsCopy(List<Instruction> code)
        {
            var work = Work(code);
            return work.Count > 0 && Checks(code) >= LeastChecks
                && Enumerable.Range(0, Math.Max(0, executed.Count - work.Count + 1)).Any(at => executed.Skip(at).Take(work.Count).SequenceEqual(work));
        }
    }

    /// <summary>The stores, by their kind, and the calls, by what they call.</summary>
    private static List<string> Work(IEnumerable<Instruction> code) =>
        [.. from i in code
            where i.Mnemonic == "bl" || i.Mnemonic.StartsWith("st", StringComparison.Ordinal)
            select i.Mnemonic == "bl" ? i.Operands : i.Mnemonic];

    /// <summary>Missed instructions that follow each other.</summary>
    private static IEnumerable<List<Instruction>> Runs(CodeFunction function, IReadOnlySet<ulong> missed)
    {
        List<Instruction> run = [];
        foreach (var instruction in function.Instructions)
        {
            if (missed.Contains(instruction.Offset)) run.Add(instruction);
            else if (run.Count > 0) { yield return run; run = []; }
        }

        if (run.Count > 0) yield return run;
    }

    /// <summary>The run cut behind every instruction that never goes on to the next.</summary>
    private static IEnumerable<List<Instruction>> Pieces(List<Instruction> run)
    {
        List<Instruction> piece = [];
        foreach (var instruction in run)
        {
            piece.Add(instruction);
            if (instruction.Mnemonic is "b" or "ret") { yield return piece; piece = []; }
        }

        if (piece.Count > 0) yield return piece;
    }
}
