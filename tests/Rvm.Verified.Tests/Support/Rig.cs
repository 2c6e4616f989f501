using Kernel = RvmKernel.__default;

namespace Rvm.Verified.Tests;

/// <summary>One effect that the core asks of the platform.</summary>
public readonly record struct Effect(ulong Kind, ulong A, ulong B, ulong C);

/// <summary>Plays the platform for the verified core: boots a bundle, writes registers, delivers events, reads replies.</summary>
public sealed class Rig
{
    public const ulong RamFrame = 0x40000, FirstFrame = 0x46000, EndFrame = 0x80000, UartFrame = 0x9000, GicdFrame = 0x8000, GicrFrame = 0x80A0, GicrPages = 0xF60;
    private const uint BlockWords = 64;

    public CoreState.Core Core { get; } = Fresh();

    public ulong Now { get; set; } = 1000;

    /// <summary>The running partition; 0: none.</summary>
    public uint Current => Core.sched.cur;

    public Witness Log => new(Core);

    /// <summary>The effects of the last event.</summary>
    public Effect[] Effects => [.. Enumerable.Range(0, (int)Core.neff).Select(i => new Effect(Core.eff[4 * i], Core.eff[4 * i + 1], Core.eff[4 * i + 2], Core.eff[4 * i + 3]))];

    /// <summary>A kernel on a machine like QEMU's <c>virt</c> with 1 GiB.</summary>
    public static CoreState.Core Fresh() => Kernel.New(RamFrame, UartFrame, GicdFrame, GicrFrame, GicrPages, FirstFrame, EndFrame);

    /// <summary>A rig that has booted these words; fails the test when they are refused.</summary>
    public static Rig Boot(BootScript script) => Boot(script.Words());

    /// <inheritdoc cref="Boot(BootScript)"/>
    public static Rig Boot(ulong[] words)
    {
        var rig = new Rig();
        var (status, index) = rig.Load(words);
        Assert.True(status == 0, $"boot command {index} was refused with {status}");
        return rig;
    }

    /// <summary>Executes a bundle as the platform does. The status and the command it belongs to (−1: the header).</summary>
    public (long Status, int Command) Load(ulong[] words) => Load(Core, words, Now);

    /// <inheritdoc cref="Load(ulong[])"/>
    public static (long Status, int Command) Load(CoreState.Core core, ulong[] words, ulong now)
    {
        var status = (long)Kernel.Begin(core, words, now);
        for (var i = 0; status == 0 && core.booting; i++)
        {
            status = (long)Kernel.Command(core, words, (uint)(8 + 8 * i), now);
            if (status != 0) return (status, i);
        }

        return (status, -1);
    }

    public ulong X(uint partition, int register) => Core.ctx[partition * BlockWords + register];

    public void SetX(uint partition, int register, ulong value) => Core.ctx[partition * BlockWords + register] = value;

    /// <summary>The running partition calls one of RVM's own functions; its x0 afterwards.</summary>
    public long Call(uint number, params ulong[] arguments) => Smccc(Fn.Base + number, arguments);

    /// <summary>The running partition makes any call.</summary>
    public long Smccc(ulong function, params ulong[] arguments)
    {
        var me = Arrange(function, arguments);
        Kernel.Hypercall(Core, Now);
        return (long)X(me, 0);
    }

    /// <summary>Do calls that need a proof token get a good one? Otherwise x8–x12 stay as they are.</summary>
    public bool Proves { get; set; } = true;

    /// <summary>Puts a call into the running partition's registers.</summary>
    private uint Arrange(ulong function, ulong[] arguments)
    {
        var me = Current;
        Assert.NotEqual(0u, me);
        SetX(me, 0, function);
        for (var i = 0; i < arguments.Length; i++) SetX(me, i + 1, arguments[i]);
        if (Proves && Fn.Sealed.Contains((uint)(function - Fn.Base)))
            foreach (var (word, i) in Proof().Words.Select((word, i) => (word, i))) SetX(me, 8 + i, word);
        return me;
    }

    /// <summary>A good token for the call that is in the running partition's registers.</summary>
    public Token Proof() => Token.Good(Core, [.. Enumerable.Range(0, 8).Select(i => X(Current, i))], Now);

    public void Trap(ulong esr, ulong far = 0, ulong ipa = 0, ulong vectors = 0x7000_0000) => Kernel.Trap(Core, esr, far, ipa, vectors, Now);

    public void Tick(ulong? now = null)
    {
        if (now is { } time) Now = time;
        Kernel.Tick(Core, Now);
    }

    /// <summary>Lets partitions yield until this one runs.</summary>
    public Rig As(uint partition)
    {
        for (var i = 0; Current != partition; i++)
        {
            Assert.True(i < 300 && Current != 0, $"partition {partition} does not get the processor");
            Assert.Equal(Code.Ok, Call(Fn.Yield));
        }

        return this;
    }

    /// <summary>The handle of a partition's slot as it is now.</summary>
    public ulong Handle(uint partition, uint slot) => (ulong)Caps.Generation(Core, partition, slot) << 32 | slot;

    /// <summary>The running partition's call is refused: this status, one 0x41 record, and nothing else has changed.</summary>
    public void Refused(long status, uint number, params ulong[] arguments) => RefusedSmccc(status, Fn.Base + number, arguments);

    /// <inheritdoc cref="Refused"/>
    public void RefusedSmccc(long status, ulong function, params ulong[] arguments) => Refused(status, null, function, arguments);

    /// <summary>The running partition's call is denied by this rule of the policy, or (4095) because none permits it.</summary>
    public void Denied(uint rule, uint number, params ulong[] arguments) => Refused(Code.ProofInvalid, rule, Fn.Base + number, arguments);

    private void Refused(long status, uint? rule, ulong function, ulong[] arguments)
    {
        var (me, head) = (Current, Core.log.head);
        Unchanged(status, function, arguments);
        var record = Assert.Single(Log.From(head));
        Assert.Equal((Rec.Rejected, (byte)1, (ulong)me, function | (rule + 1UL ?? 0) << 32, (ulong)status), (record.Kind, record.Tier, record.Subject, record.Object, record.Aux));
        Assert.Equal(Now, record.Timestamp);
    }

    /// <summary>The running partition's call gives this status, without a record, and nothing else has changed.</summary>
    public void Silent(long status, uint number, params ulong[] arguments)
    {
        var head = Core.log.head;
        Unchanged(status, Fn.Base + number, arguments);
        Assert.Equal(head, Core.log.head);
    }

    private void Unchanged(long status, ulong function, ulong[] arguments)
    {
        var me = Arrange(function, arguments);
        var before = Frozen.Of(Core);
        Kernel.Hypercall(Core, Now);
        Assert.Equal(status, (long)X(me, 0));
        Assert.Empty(Effects);
        Assert.Equal(me, Current);
        before.AssertSame(Core, exceptRegisters: [(me, 0)]);
    }
}
