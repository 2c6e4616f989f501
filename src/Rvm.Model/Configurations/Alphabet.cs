namespace Rvm.Model.Configurations;

/// <summary>
/// What may happen in a state: for every call of <see cref="Calls"/> all combinations of the listed arguments, and handles of the caller's slots.
/// Which handles: those of slots with the kind that the call needs, dead ones too; with <see cref="Wild"/> also one of another kind, an old one, an
/// empty slot's and one beyond the table, and for each call that needs a proof one token of each kind that is wrong. The other tokens are good.
/// </summary>
public sealed record Alphabet
{
    public required IReadOnlyList<uint> Calls { get; init; }

    public bool Wild { get; init; }

    /// <summary>Rights that are asked for in a grant.</summary>
    public IReadOnlyList<ulong> Rights { get; init; } = [];

    /// <summary>Pages of the address space that are mapped and unmapped, and the permissions asked for.</summary>
    public IReadOnlyList<ulong> Pages { get; init; } = [];

    public IReadOnlyList<ulong> Permissions { get; init; } = [];

    /// <summary>How long a partition sleeps; 0: the time has come already.</summary>
    public IReadOnlyList<ulong> Sleeps { get; init; } = [];

    /// <summary>For how long devices are leased.</summary>
    public IReadOnlyList<ulong> Leases { get; init; } = [];

    /// <summary>Quota and budget of partitions made at run time.</summary>
    public IReadOnlyList<(ulong Quota, ulong Budget)> Makes { get; init; } = [];

    /// <summary>Messages, by their first word, and notification bits.</summary>
    public IReadOnlyList<ulong> Messages { get; init; } = [1];

    /// <summary>Exit statuses.</summary>
    public IReadOnlyList<ulong> Exits { get; init; } = [0];

    /// <summary>The timer's tick when it is due, and one before.</summary>
    public bool Ticks { get; init; } = true;

    /// <summary>Traps: a data abort, one within the guest's own vectors, an SMC, a WFI, an HVC with a number.</summary>
    public bool Traps { get; init; }

    /// <summary>Every event that may happen now. In states that differ in what does not matter, the same number means the same event.</summary>
    public List<Happening> Of(CoreState.Core core, ulong now, int slots)
    {
        List<Happening> all = [];
        if (Ticks && RvmKernel.__default.Timer(core) is var due && due > now && due != ulong.MaxValue) all.Add(Happening.Tick(due));
        if (Ticks) all.Add(Happening.Tick(now));
        if (core.sched.cur == 0)
        {
            if (Wild) all.AddRange([Happening.Call(now, Fn.Base + Fn.Yield), Happening.Trap(now, 0x24UL << 26, 0, 0, 0, 0)]);
            return all;
        }

        foreach (var number in Calls)
            foreach (var (n, arguments) in (new Handles(core, slots, Wild) is var h ? Arguments(number, h, core, now) : []).Index())
                foreach (var token in Fn.Sealed.Contains(number) ? Tokens(core, number, arguments, now, wrong: Wild && n == 0) : [[]])
                    all.Add(Happening.Call(now, [.. Registers(number, arguments, token.Length == 0 ? 6 : 8), .. token]));
        if (Wild) all.AddRange([Happening.Call(now, Fn.Base + 81, 0, 0, 0, 0, 0), Happening.Call(now, Fn.PsciVersion, 0, 0, 0, 0, 0), Happening.Call(now, Fn.SystemOff, 0, 0, 0, 0, 0)]);
        if (Traps) all.AddRange(AllTraps(now));
        return all;
    }

    private static ulong[] Registers(uint number, ulong[] arguments, int count) => [Fn.Base + number, .. arguments, .. new ulong[count - 1 - arguments.Length]];

    /// <summary>A good proof for a call, if x1 names a capability at all; with <paramref name="wrong"/> those that fail by one test each, too.</summary>
    private static IEnumerable<ulong[]> Tokens(CoreState.Core core, uint number, ulong[] arguments, ulong now, bool wrong)
    {
        var good = Token.Good(core, Registers(number, arguments, 8), now);
        Token[] others =
        [
            good with { Digest = good.Digest ^ 1 }, good with { Claim = good.Claim - 1 }, good with { Claim = good.Claim + 256 }, good with { Until = now - 1 },
            good with { Until = now + Token.Window + 1 }, good with { Nonce = good.Nonce - 1 }, good with { Nonce = good.Until + 1 }, good with { Object = good.Object + 1 },
        ];
        return (wrong ? others.Prepend(good) : [good]).Select(t => t.Words);
    }

    private static IEnumerable<Happening> AllTraps(ulong now) =>
    [
        Happening.Trap(now, 0x24UL << 26 | 7, 0x5000_0000, 0x5000_0000, 0x7000_0000, 0x4000_0000),
        Happening.Trap(now, 0x24UL << 26 | 7, 0x5000_0000, 0x5000_0000, 0x4000_0000, 0x4000_0200),
        Happening.Trap(now, 0x17UL << 26, 0, 0, 0x7000_0000, 0x4000_0000),
        Happening.Trap(now, 0x01UL << 26, 0, 0, 0x7000_0000, 0x4000_0000),
        Happening.Trap(now, 0x16UL << 26 | 1, 0, 0, 0x7000_0000, 0x4000_0000),
    ];

    private IEnumerable<ulong[]> Arguments(uint number, Handles h, CoreState.Core core, ulong now) => number switch
    {
        Fn.Yield or Fn.ProofStatus => [[]],
        Fn.Exit => Exits.Select(e => new[] { e }),
        Fn.TimerWait => Sleeps.Select(s => new[] { now + s }),
        Fn.CapGrant => from handle in h.Of(0) from to in h.Of(Kind.Partition).Prepend(0UL) from rights in Rights select new[] { handle, to, rights },
        Fn.CapRevoke or Fn.CapDrop => h.Of(0).Select(handle => new[] { handle }),
        Fn.RegionMap => from handle in h.Of(Kind.Region) from page in Pages from permission in Permissions select new ulong[] { handle, page << 12, 0, 1, permission },
        Fn.RegionUnmap => from handle in h.Of(Kind.Region) from page in Pages select new ulong[] { handle, page << 12, 1 },
        Fn.QueueSend or Fn.NotifySignal => from handle in h.Of(Kind.Edge) from message in Messages select new[] { handle, message },
        Fn.QueueRecv or Fn.NotifyWait or Fn.EdgeDestroy => h.Of(Kind.Edge).Select(handle => new[] { handle }),
        Fn.EdgeCreate => h.Of(Kind.Partition).Select(handle => new[] { handle, 1UL }),
        Fn.PartitionCreate => from handle in h.Of(Kind.Pool) from m in Makes select new ulong[] { handle, 0UL, 0x6e65_7700, m.Quota, m.Budget },
        Fn.PartitionStart or Fn.PartitionSuspend or Fn.PartitionTerminate => h.Of(Kind.Partition).Select(handle => new[] { handle }),
        Fn.WitnessRead => h.Of(Kind.WitnessLog).SelectMany(handle => new ulong[][] { [handle, core.log.head - 1], [handle, core.log.head] }),
        Fn.WitnessAck => h.Of(Kind.WitnessLog).SelectMany(handle => new ulong[][] { [handle, core.log.head], [handle, core.log.head - 1] }),
        Fn.ProofSubmit => h.Of(Kind.WitnessLog).SelectMany(handle => new ulong[][] { [handle, core.log.drained, core.log.head, 0, 0], [handle, core.log.head, core.log.head, 0, 0] }),
        Fn.LeaseAcquire => from handle in h.Of(Kind.Lease) from time in Leases from page in Pages select new[] { handle, time, page << 12 },
        Fn.LeaseRenew => from handle in h.Of(Kind.Lease) from time in Leases select new[] { handle, time },
        Fn.LeaseRevoke => h.Of(Kind.Lease).Select(handle => new[] { handle }),
        Fn.PolicyActivate => h.Of(Kind.Policy).SelectMany(handle => new ulong[][] { [handle, 1], [handle, 2], [handle, 3] }),
        Fn.ConsoleWrite => h.Of(Kind.Console).SelectMany(handle => new ulong[][] { [handle, 8], [handle, 105] }),
        _ => throw new NotSupportedException($"Alphabet does not know the arguments of call {number}"),
    };

    /// <summary>The handles that the running partition may try.</summary>
    private readonly struct Handles(CoreState.Core core, int slots, bool wild)
    {
        /// <param name="kind">What the call needs; 0: anything.</param>
        public List<ulong> Of(uint kind)
        {
            var first = core.sched.cur * States.Slots;
            List<ulong> all = [];
            (ulong? other, ulong? old, ulong? empty) = (null, null, null);
            for (uint slot = 0; slot < slots; slot++)
            {
                var (generation, holds) = (core.caps.tab[8 * (first + slot)], core.caps.tab[8 * (first + slot) + 1]);
                var handle = (ulong)generation << 32 | slot;
                if (holds == 0) empty ??= handle;
                else if (kind == 0 || holds == kind)
                {
                    all.Add(handle);
                    old ??= (ulong)(generation - 1) << 32 | slot;
                }
                else other ??= handle;
            }

            if (wild) all.AddRange(new[] { other, old, empty, (ulong)States.Slots }.OfType<ulong>());
            return all;
        }
    }
}
