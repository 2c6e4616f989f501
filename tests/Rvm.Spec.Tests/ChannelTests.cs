using Rvm.Spec.State;
using Rvm.Tool.Bundle;
using Rvm.Tool.Inspect;
using O = Rvm.Spec.Observation.__default;

namespace Rvm.Spec.Tests;

/// <summary>`rvm inspect` says between whom there is a channel. The specification says the same of the state that it boots from the same bundle.</summary>
public class ChannelTests
{
    private const int Bundles = 60, Partitions = 128, Slots = 32;
    private const ulong Now = 1000, Witness = 0x800, All = 0xFFF;

    [Fact]
    [Trait("Theorem", "Nobody_disturbs_another_without_a_channel")]
    public void Inspect_finds_the_channels_of_the_specification()
    {
        var (pairs, open) = (0, 0);
        Dictionary<string, int> seen = [];
        for (var seed = 0; seed < Bundles; seed++)
        {
            var content = Random(new Random(seed));
            var (state, k) = (InitialState.Of(content), Booted(content));
            var channels = new ChannelTable(state);
            Assert.Equal(state.Partitions.Count, Enumerable.Range(1, Partitions - 1).Count(p => k.dtor_st.dtor_parts.Select(p).dtor_life != 0));
            foreach (var q in state.Partitions)
                foreach (var p in state.Partitions.Where(p => p != q))
                {
                    var said = channels.Reaches(q.Id, p.Id);
                    Assert.True(O.Channel(k, (uint)q.Id, (uint)p.Id) == said, $"seed {seed}: from {q.Id} to {p.Id} inspect says {said}: {string.Join("; ", channels.Between(q.Id, p.Id))}");
                    foreach (var (clause, specified, reasons) in Clauses(k, channels, q.Id, p.Id))
                    {
                        Assert.True(specified == reasons.Any(), $"seed {seed}: {clause} from {q.Id} to {p.Id}: the specification says {specified}, inspect: {string.Join("; ", reasons)}");
                        if (specified) seen[clause] = seen.GetValueOrDefault(clause) + 1;
                    }
                    (pairs, open) = (pairs + 1, open + (said ? 1 : 0));
                }
        }
        Assert.InRange(open, pairs / 5, pairs * 4 / 5);
        Assert.Equal(["control", "destruction", "drain", "ending", "tie"], seen.Where(c => c.Value >= 10).Select(c => c.Key).Order(StringComparer.Ordinal));
    }

    /// <summary>The disjuncts of <c>Channel</c>, and what inspect says of each: a wrong one may hide behind another. To end p itself is control.</summary>
    private static (string Clause, bool Specified, IEnumerable<string> Reasons)[] Clauses(_IKernel k, ChannelTable channels, int from, int to)
    {
        var (q, p) = ((uint)from, (uint)to);
        var slots = Enumerable.Range(0, Slots).Select(s => (uint)s).ToList();
        return
        [
            ("control", O.Controls(k, q, p), channels.Controls(from, to)),
            ("tie", O.Tied(k, q, p), channels.Ties(from, to)),
            ("ending", Enumerable.Range(1, Partitions - 1).Any(r => r != to && O.MayEnd(k, q, (uint)r) && O.Tied(k, (uint)r, p)), channels.Endings(from, to)),
            ("destruction", slots.Any(s => O.Wields(k, q, s, (uint)Tool.ObjectKind.CommEdge, (uint)Tool.Rights.Revoke) && O.Concerns(k, k.dtor_st.dtor_caps.Select(q * Slots + s).dtor_obj, p)), channels.Destructions(from, to)),
            ("drain", slots.Any(s => O.Wields(k, q, s, (uint)Tool.ObjectKind.WitnessLog, (uint)Tool.Rights.Witness)), channels.Drains(from)),
        ];
    }

    /// <summary>The state after the bundle's commands, none of which is refused.</summary>
    private static _IKernel Booted(BundleContent content)
    {
        var words = BundleCodec.Encode(content);
        var k = Happening.Begin(words, Now).Step(RichState.First).dtor_k;
        foreach (var command in content.Commands)
        {
            var result = Happening.Command(command.ToWords(), words.Length, Now).Step(k);
            Assert.True(result.dtor_status == 0, $"{command}: {(long)result.dtor_status}");
            k = result.dtor_k;
        }
        return k;
    }

    private static BundleContent Random(Random random)
    {
        var n = random.Next(2, 7);
        List<BootCommand> commands = [new((ulong)Operation.Image, 8, 64, 0x40000, 2, 2, 0x4000_0000)];
        for (var p = 1; p <= n; p++) commands.Add(new((ulong)Operation.Partition, 0, 100_000, 10_000, 0, 50));
        commands.Add(new((ulong)Operation.Shared, 1, 8, 64));        // after the images' regions: number 2n
        commands.Add(new((ulong)Operation.Device, 0x9010, 1));
        for (var i = random.Next(0, n); i > 0; i--) commands.Add(Capability(random, n));
        for (var i = random.Next(0, 3); i > 0; i--) commands.Add(new((ulong)Operation.Region, One(random, n), 2, 4, 0, Rights(random)));
        for (var i = random.Next(0, n / 2 + 1); i > 0; i--)
        {
            var from = One(random, n);
            commands.Add(new((ulong)Operation.Edge, from, from % (ulong)n + 1, 3, Rights(random), Rights(random)));
        }
        commands.Add(new((ulong)Operation.Start, 1));
        commands.Add(new((ulong)Operation.End));
        return new(commands, new ulong[64]);
    }

    private static BootCommand Capability(Random random, int n) => random.Next(10) switch
    {
        0 => new((ulong)Operation.Cap, One(random, n), 9, 0, random.Next(3) == 0 ? Witness : All ^ Witness),
        1 => new((ulong)Operation.Cap, One(random, n), 11, 0, Rights(random)),
        2 => new((ulong)Operation.Cap, One(random, n), 1, 2 * (ulong)n, Rights(random)),      // the shared region: no channel
        3 => new((ulong)Operation.Cap, One(random, n), 8, 0, Rights(random) | 0x400),          // a device to be leased: no channel of the specification
        _ => new((ulong)Operation.Cap, One(random, n), 6, One(random, n), Rights(random)),
    };

    private static ulong One(Random random, int n) => (ulong)random.Next(1, n + 1);

    /// <summary>Of the rights that matter, some.</summary>
    private static ulong Rights(Random random) => (ulong)(random.Next(2) | random.Next(2) * 2 | random.Next(2) * 4 | random.Next(2) * 0x20);
}
