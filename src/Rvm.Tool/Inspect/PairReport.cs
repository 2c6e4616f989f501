namespace Rvm.Tool.Inspect;

/// <summary>What holds between two partitions of a system.</summary>
/// <param name="Isolated">whether theorem 3 speaks of them: neither has, or may lease, a device that reaches all memory by itself</param>
/// <param name="Exception">why it does not; null when it does</param>
/// <param name="Forward">the channels from <paramref name="A"/> to <paramref name="B"/></param>
/// <param name="Over">partitions over which one can influence the other although there is no channel between them</param>
public sealed record PairReport(string A, string B, bool Isolated, string? Exception, IReadOnlyList<string> Forward, IReadOnlyList<string> Back, IReadOnlyList<string> Over)
{
    /// <summary>Whether theorem 10 says that neither sees anything of what the other does.</summary>
    public bool Interferes => Forward.Count + Back.Count > 0 || !Isolated;

    /// <summary>The shared regions that both hold capabilities for from the beginning: both can read their frames, and nobody can write them.</summary>
    public IReadOnlyList<int> Shared { get; init; } = [];

    public static IReadOnlyList<PairReport> All(InitialState state)
    {
        var channels = new ChannelTable(state);
        List<PairReport> pairs = [];
        for (var i = 0; i < state.Partitions.Count; i++)
            for (var j = i + 1; j < state.Partitions.Count; j++) pairs.Add(Of(state, channels, state.Partitions[i], state.Partitions[j]));
        return pairs;
    }

    private static IReadOnlyList<string> All(ChannelTable channels, int q, int p) => [.. channels.Between(q, p), .. channels.Devices(q, p)];

    private static PairReport Of(InitialState state, ChannelTable channels, BootedPartition a, BootedPartition b)
    {
        var (forward, back) = (All(channels, a.Id, b.Id), All(channels, b.Id, a.Id));
        var master = state.Masters.FirstOrDefault(m => m.Holder == a.Id || m.Holder == b.Id);
        var over = forward.Count + back.Count > 0 ? null : channels.Detour(a.Id, b.Id) ?? channels.Detour(b.Id, a.Id);
        return new PairReport(a.Name, b.Name, master is null,
            master is null ? null : $"{state.Name(master.Holder)} has, or may lease, the device at 0x{master.FirstFrame * Abi.Page:x} ({master.What}), which can read and write all memory by itself, and no SMMU confines it",
            forward, back, [.. (over ?? []).Select(state.Name)])
        {
            Shared = [.. state.Readers.Where(r => r.Value.Contains(a.Id) && r.Value.Contains(b.Id)).Select(r => r.Key)],
        };
    }
}
