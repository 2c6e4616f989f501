using Rvm.Model.Subject;

namespace Rvm.Model.Configurations;

/// <summary>Writes the boot of a small system.</summary>
public sealed class Systems
{
    private const int BundleWords = 64;

    // Policies that do not ask for the time: states that differ by nothing but that have the same futures.
    private readonly List<Happening> _boot = [Happening.Begin(Proofs.Bundle(PolicyWords.Open.Build(), PolicyWords.Narrow.Build()), Configuration.Start)];

    private Systems Command(params ReadOnlySpan<ulong> words)
    {
        var w = new ulong[8];
        words.CopyTo(w);
        _boot.Add(Happening.Command(w, BundleWords, Configuration.Start));
        return this;
    }

    /// <summary>An image of one page of code and so many of data.</summary>
    public Systems Image(ulong data = 0) => Command(1, 8, 64, 0x40000, 1, data, 0x4000_0000);

    public Systems Partition(ulong quota, ulong deadline = Configuration.Slice, ulong budget = 0, ulong slice = Configuration.Slice) => Command(2, 0, slice, deadline, budget, quota, 0, 0);

    public Systems Region(ulong owner, ulong policy, ulong pages, ulong rights, ulong frame = 0) => Command(3, owner, policy, pages, frame, rights);

    /// <summary>A device that can be leased.</summary>
    public Systems Device(ulong frame, ulong pages) => Command(10, frame, pages);

    /// <summary>A region that everybody may read, with eight words of the bundle in it.</summary>
    public Systems Shared(ulong pages) => Command(9, pages, 8, 64);

    public Systems Edge(ulong source, ulong destination, ulong capacity, ulong rights = Right.All) => Command(5, source, destination, capacity, rights, rights);

    public Systems Cap(ulong partition, ulong kind, ulong what, ulong rights) => Command(6, partition, kind, what, rights);

    /// <summary>Starts these partitions and ends the boot.</summary>
    public IReadOnlyList<Happening> Start(params ulong[] partitions)
    {
        foreach (var p in partitions) Command(7, p);
        Command(8);
        return _boot;
    }
}
