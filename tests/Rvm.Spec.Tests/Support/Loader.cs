using Rvm.Spec.State;

namespace Rvm.Spec.Tests;

/// <summary>What kind of system a sequence of events runs on.</summary>
public enum Profile
{
    /// <summary>A few partitions with everything.</summary>
    Plain,

    /// <summary>RAM for a handful of pages, or none.</summary>
    Poor,

    /// <summary>Small quotas of witness records.</summary>
    Thrifty,

    /// <summary>The hypervisor's quota is given away.</summary>
    Spent,

    /// <summary>Slots that have been used nearly as often as a generation can count.</summary>
    Aged,

    /// <summary>Every partition slot is taken, and as many edges as there are.</summary>
    Crowd,
}

/// <summary>Plays the boot: makes the commands of a bundle for a state of the specification, most of them good.</summary>
public sealed class Loader
{
    private const ulong Image = 1, Partition = 2, Region = 3, Map = 4, Edge = 5, Cap = 6, Start = 7, End = 8, Shared = 9, Device = 10;

    private readonly Random _random;
    private readonly Profile _profile;
    private readonly int _size;
    private readonly bool _scatter;         // maps need so many tables that they run out
    private readonly Queue<Func<_IKernel, Happening>> _plan = [];

    public Loader(Random random, Profile profile)
    {
        (_random, _profile, _size, _scatter) = (random, profile, random.Next(60, 400), random.Next(4) == 0);
        if (Chance(4)) Add(Any());
        if (Chance(3)) _plan.Enqueue(_ => Begin(good: false));
        _plan.Enqueue(_ => Begin(good: true));
        if (Chance(4)) _plan.Enqueue(_ => Begin(good: true));
        var (images, partitions, more) = profile switch { Profile.Crowd => (2, 128, 500), Profile.Poor => (3, 3, 30), _ => (random.Next(1, 5), random.Next(3, 7), random.Next(20, 60)) };
        if (profile == Profile.Plain && Chance(4)) images = 66;
        Add(Enumerable.Repeat(Image, images));
        for (var i = 0; i < partitions; i++) Add(Partition, Chance(8) ? Any() : Partition);
        if (!Chance(3)) Add(Shared);
        if (!Chance(6)) Add(Enumerable.Repeat(Device, profile == Profile.Plain && Chance(4) ? 34 : random.Next(1, 5)));
        if (profile == Profile.Crowd) Add(Enumerable.Repeat(Cap, 120));
        else Add([.. Enumerable.Repeat(Cap, 6 * partitions), .. Enumerable.Repeat(Edge, 3 * partitions), .. Enumerable.Repeat(Region, 2 * partitions)]);
        for (var i = 0; i < more; i++) Add(profile == Profile.Crowd && !Chance(6) ? Edge : Any());
        for (var i = 0; i < Math.Min(partitions + 3, 20); i++) Add(Start);
        Add(End, Start, End);
        if (profile == Profile.Spent) Add(Partition, Region, Map, Edge, Cap, Start, End);
        if (Chance(2)) Add(Any(), Image, Partition, End);
        if (Chance(3)) _plan.Enqueue(_ => Begin(good: true));
    }

    /// <summary>The next event of the boot; null when the bundle is at its end.</summary>
    public Happening? Next(_IKernel k) => _plan.TryDequeue(out var next) ? next(k) : null;

    /// <summary>A machine for this profile; the core as it stands before the first event.</summary>
    public static CoreState.Core Core(Random random, Profile profile)
    {
        var (free, end) = profile == Profile.Poor ? (0x46000UL, 0x46000 + (ulong)random.Next(60)) : (0x46000UL, 0x80000UL);
        if (profile == Profile.Poor && random.Next(6) == 0) free = 0x30000;      // below RAM: a machine that makes no sense
        var core = RvmKernel.__default.New(0x40000, 0x9000, 0x8000, 0x80A0, 0xF60, free, end);
        for (var i = 0; i < core.ctx.Length; i += random.Next(1, 50)) core.ctx[i] = (ulong)random.NextInt64();
        if (profile == Profile.Aged) Age(core, random);
        return core;
    }

    private static void Age(CoreState.Core core, Random random)
    {
        uint Old(uint last) => random.Next(3) == 0 ? 0 : last - (uint)random.Next(5);
        for (var i = 0; i < core.caps.tab.Length; i += 8) core.caps.tab[i] = Old(uint.MaxValue);
        for (var i = 0; i < core.edges.edges.Length; i += 4) core.edges.edges[i] = Old(uint.MaxValue - 1);
        for (var i = 0; i < core.regions.tab.Length; i += 8) core.regions.tab[i] = Old(uint.MaxValue);
        for (var i = 8; i < core.sched.tab.Length; i += 8) core.sched.tab[i] = Old(uint.MaxValue - 1);
    }

    private bool Chance(int in_) => _random.Next(in_) == 0;

    private ulong Up(int to) => (ulong)_random.Next(to);

    private ulong Pick(params ulong[] from) => from[_random.Next(from.Length)];

    private ulong Any() => Pick(Image, Region, Region, Region, Map, Map, Map, Map, Edge, Edge, Edge, Edge, Cap, Cap, Cap, Cap, Cap, Start,
        Chance(3) ? 0 : Map, Chance(3) ? 11 + Up(100) : Region, Chance(3) ? Shared : Map, Chance(3) ? Device : Cap);

    private void Add(params IEnumerable<ulong> operations)
    {
        foreach (var o in operations) _plan.Enqueue(k => Command(k, o));
    }

    private Happening Begin(bool good)
    {
        var words = new ulong[_random.Next(16, 80)];
        for (var i = 8; i < words.Length; i++) words[i] = (ulong)_random.NextInt64();
        (words[0], words[1], words[2], words[3]) = (0x314C_444E_424D_5652, 1, (ulong)(words.Length - 8) / 8, (ulong)words.Length);
        words = Proofs.With(words, [.. Enumerable.Range(0, Chance(10) ? 0 : 1 + _random.Next(2)).Select(_ => APolicy())]);
        if (!good && Chance(8)) words = words[..8];
        else if (!good && words[5] != 0 && Chance(2)) words[words[4 + (words[7] != 0 ? 2 * Up(2) : 0)] + Up(8)] ^= 1UL << _random.Next(64);
        else if (!good) words[_random.Next(8)] ^= 1UL << _random.Next(64);
        return Happening.Begin(words, Up(1000));
    }

    /// <summary>A policy under which much can happen.</summary>
    private ulong[] APolicy()
    {
        var words = Chance(2) ? PolicyWords.Open : PolicyWords.Narrow;
        if (Chance(4)) words.Forbid(Fn.Sealed[_random.Next(3)], 7, PolicyWords.If(0, Ask.Range, 2, 2));
        return words.Text(_random.Next(3)).Build();
    }

    private Happening Command(_IKernel k, ulong operation)
    {
        var w = new ulong[8];
        w[0] = operation;
        Arguments(k, operation).CopyTo(w, 1);
        if (operation != Start && Chance(_profile == Profile.Crowd ? 100 : _scatter ? 40 : 14))
            w[1 + _random.Next(6)] = Pick(0, 1, 2, 3, 7, 16, 17, 127, 128, 512, 4096, 65536, 65537, 0x800_0000, 0xFFFF_FFFF, 0x1_0000_0000, 1UL << 63, ~0UL);
        return Happening.Command(w, _size, 1000 + Up(100));
    }

    /// <summary>A partition that exists; hardly ever one that does not.</summary>
    private ulong Someone(_IKernel k)
    {
        var all = Enumerable.Range(1, 127).Where(p => k.dtor_st.dtor_parts.Select(p).dtor_life != Kinds.__default.Free).ToArray();
        return all.Length == 0 || Chance(30) ? Up(130) : (ulong)all[_random.Next(all.Length)];
    }

    private ulong[] Arguments(_IKernel k, ulong operation) => operation switch
    {
        Image => AnImage(),
        Partition => APartition(k),
        Region => ARegion(k),
        Shared => [1 + Up(4), Up(_size), Up(Chance(3) ? 5000 : 400)],
        Map => AMap(k),
        Device => [Pick(0x9030, 0x9040, 0x9010, 0x9050 + Up(64), Chance(4) ? 0x9000UL : 0x9080, 0x40000 - Up(4)), 1 + Up(Chance(12) ? 5000 : 3)],
        Edge => [Someone(k), Someone(k), 1 + Up(Chance(4) ? 16 : 3), Chance(4) ? Up(0x1000) : Right.All, Chance(4) ? Up(0x1000) : Right.All],
        Cap => ACap(k),
        Start => [Enumerable.Range(1, 127).Where(p => k.dtor_st.dtor_parts.Select(p).dtor_life == Kinds.__default.Created).Select(p => (ulong)p).FirstOrDefault(Up(9))],
        _ => [],
    };

    private ulong[] AnImage()
    {
        var (code, data) = (1 + Up(3), Up(4));
        var offset = Up(_size);
        var page = Pick(0x40000, 0x40000, 0x3FFFE, 0x3FFFF, 0x7FF_FFF0, 0x800_0000 - code - data, 0);
        return [offset, Math.Min(8 * Up(_size - (int)offset + 1), (code + data) * 4096), page, code, data, page * 4096];
    }

    private ulong[] APartition(_IKernel k)
    {
        var third = k.dtor_st.dtor_parts.Select(2).dtor_life != 0 && k.dtor_st.dtor_parts.Select(3).dtor_life == 0;
        var quota = _profile switch
        {
            Profile.Thrifty => 1 + Up(60),
            Profile.Crowd => 100 + Up(100),
            Profile.Spent when third => k.dtor_log.dtor_quota.Select(0) - k.dtor_log.dtor_used.Select(0) - 10 - Up(80),
            _ => 100 + Up(2000),
        };
        var image = Up(k.dtor_images.Count + (Chance(12) ? 1 : 0));
        return [image, Chance(20) ? Up(626) : 625 + Up(20_000), Up(20_000), Chance(3) ? 1 + Up(3) : 0, quota, 0x6c61_6974_7261_7000, Up(200)];
    }

    private ulong[] ARegion(_IKernel k)
    {
        var (policy, device) = (Up(Chance(20) ? 5 : 4), Pick(0x9010, 0x9020, 0x9011 + Up(64), 0x9000, 0x8000 + Up(20), 0x80A0 + Up(0x1000), 0x40000 - Up(4)));
        return [Someone(k), policy, 1 + Up(6), device, Chance(4) ? Up(0x1001) : Right.All];
    }

    private ulong[] AMap(_IKernel k)
    {
        var regions = k.dtor_st.dtor_memory.dtor_regions;
        var owned = Enumerable.Range(0, States.Regions).Where(r => regions.Select(r).dtor_owner != 0).ToArray();
        if (owned.Length == 0) return [Someone(k), Up(9), 0x50000, 0, 1, 0];
        var r = owned[_scatter && !Chance(4) ? owned.Length / 2 : _random.Next(owned.Length)];
        var page = _scatter ? Up(1 << 27) : Pick(0x50000 + Up(30), 0x50000 + Up(30), Up(1 << 27), Up(1 << 27), 0x800_0000 - 1 - Up(2));
        var permission = regions.Select(r).dtor_policy switch { 0 => Pick(Kind.R, Kind.Rx), 1 or 4 => Kind.R, 2 => Pick(Kind.R, Kind.Rw), _ => Kind.Dev };
        var owner = regions.Select(r).dtor_owner;
        return [owner == Kind.Everybody || Chance(20) ? Someone(k) : owner, (ulong)r, page, Up((int)Math.Min(regions.Select(r).dtor_pages, 8)), 1 + Up(2), Chance(20) ? Up(5) : permission];
    }

    private ulong[] ACap(_IKernel k) => Pick(Kind.Partition, Kind.Partition, Kind.WitnessLog, Kind.Pool, Kind.Console, Kind.Policy, Kind.Region, Kind.Lease, Kind.Lease, Chance(6) ? Up(20) : Kind.Pool) is var kind
        ? [Someone(k), kind, kind == Kind.Partition ? Someone(k) : kind == Kind.Region ? AShared(k) : kind == Kind.Lease ? Up(k.dtor_devices.Count + (Chance(12) ? 1 : 0)) : 0, Chance(4) ? Up(0x1000) : Right.All] : [];

    /// <summary>A region that is shared; sometimes any.</summary>
    private ulong AShared(_IKernel k) => Enumerable.Range(0, States.Regions).FirstOrDefault(r => k.dtor_st.dtor_memory.dtor_regions.Select(r).dtor_owner == Kind.Everybody, -1) is >= 0 and var shared && !Chance(12)
        ? (ulong)shared : Up(600);
}
