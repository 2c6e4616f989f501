using Rvm.Tool.Proof;

namespace Rvm.Tool.Theorems;

/// <summary>What proofs cost: the sum, the heaviest obligation, and the files without a proof of their present text, which count for nothing.</summary>
public sealed record Cost(long Total, long Heaviest, string? HeaviestSymbol, int Obligations, int Unproved)
{
    public static readonly Cost None = new(0, 0, null, 0, 0);
}

/// <summary>Resource units from the logs of the last proof run.</summary>
public sealed class UnitTable
{
    private readonly Dictionary<string, List<Batch>> batches = new(StringComparer.Ordinal);
    private readonly HashSet<string> proved = new(StringComparer.Ordinal);

    /// <summary>The logs of a checkout; without the prover nothing says whether they are current, so there are no figures.</summary>
    public static UnitTable Of(Checkout checkout, SourceGraph sources)
    {
        var table = new UnitTable();
        try
        {
            var store = new ProofStore(checkout, sources, ProverOptions.Read(checkout).Fingerprint);
            foreach (var file in sources.Files.Where(store.IsProved)) table.Add(file, store.Batches(file));
        }
        catch (ProverMissing)
        {
        }
        return table;
    }

    public Cost Of(IReadOnlyCollection<Symbol> symbols)
    {
        var all = symbols.Where(s => proved.Contains(s.File)).SelectMany(s => batches.GetValueOrDefault(s.Name) ?? []).ToList();
        var heaviest = all.MaxBy(b => b.Resources);
        return new Cost(all.Sum(b => b.Resources), heaviest?.Resources ?? 0, heaviest?.Symbol, all.Count,
            symbols.Select(s => s.File).Distinct().Count(f => !proved.Contains(f)));
    }

    private void Add(string file, IReadOnlyList<Batch> log)
    {
        proved.Add(file);
        foreach (var group in log.GroupBy(b => b.Symbol)) batches[group.Key] = [.. group];
    }
}
