namespace Rvm.Verified.Tests;

/// <summary>yield, timer_wait, exit, the tick, traps, and the calls of other standards.</summary>
public class TaskCallTests
{
    private const ulong Slice = 1000;
    private readonly Rig _rig = Trio.Boot();

    private static ulong H(uint slot) => Trio.H(slot);

    private static ulong Esr(ulong exceptionClass) => exceptionClass << 26 | 1 << 25;

    [Fact]
    [Trait("Theorem", "Everybody_is_served")]
    public void Yield_lets_everybody_run_in_turn()
    {
        List<uint> order = [];
        for (var i = 0; i < 9; i++)
        {
            order.Add(_rig.Current);
            Assert.Equal(Code.Ok, _rig.Call(Fn.Yield));
        }

        Assert.Equal([1u, 2, 3, 1, 2, 3, 1, 2, 3], order);
    }

    [Fact]
    public void Timer_wait_sleeps_until_its_time_and_not_longer()
    {
        Assert.Equal(Code.Ok, _rig.Call(Fn.TimerWait, _rig.Now));
        Assert.Equal(1u, _rig.Current);
        _rig.Call(Fn.TimerWait, _rig.Now + 50);
        Assert.Equal((Code.Ok, PartRow.Sleeping), ((long)_rig.X(1, 0), PartRow.Read(_rig.Core, 1).Run));
        Assert.True(RvmKernel.__default.Timer(_rig.Core) <= _rig.Now + 50);
        _rig.Tick(_rig.Now + 49);
        Assert.Equal(PartRow.Sleeping, PartRow.Read(_rig.Core, 1).Run);
        _rig.Tick(_rig.Now + 1);
        Assert.NotEqual(PartRow.Sleeping, PartRow.Read(_rig.Core, 1).Run);
    }

    [Fact]
    public void A_slice_ends_at_the_tick_and_not_before()
    {
        _rig.Tick(_rig.Now + Slice - 1);
        Assert.Equal(1u, _rig.Current);
        _rig.Tick(_rig.Now + 1);
        Assert.Equal(2u, _rig.Current);
    }

    [Theory]
    [InlineData(0UL)]
    [InlineData(Slice - 1)]
    [InlineData(Slice)]
    public void Nothing_is_due_after_the_end_of_time(ulong before)
    {
        _rig.Now = ulong.MaxValue - before;
        Assert.Equal(Code.Ok, _rig.Call(Fn.Yield));
        Assert.Equal(2u, _rig.Current);
        Assert.Equal(ulong.MaxValue, _rig.Core.sched.sliceEnd);
        Assert.Equal(ulong.MaxValue, PartRow.Read(_rig.Core, 1).Due);
        new Invariants(_rig.Core).Thorough();
    }

    [Fact]
    public void A_used_up_budget_ends_the_partition()
    {
        var rig = Trio.Boot(budget: 2);
        var head = rig.Core.log.head;
        for (var i = 0; i < 20 && PartRow.Read(rig.Core, 1).Life != PartRow.Free; i++) rig.Tick(rig.Now + Slice);
        Assert.Equal(PartRow.Free, PartRow.Read(rig.Core, 1).Life);
        var record = Assert.Single(rig.Log.From(head));
        Assert.Equal((Rec.Terminate, 1UL, 1UL, 2UL << 56), (record.Kind, record.Subject, record.Object, record.Aux));
        Assert.False(rig.Core.failed);
    }

    [Theory]
    [InlineData(0UL, 0UL)]
    [InlineData(7UL, 7UL)]
    [InlineData(ulong.MaxValue, 0xFF_FFFF_FFFF_FFFFUL)]
    public void Exit_is_witnessed_with_its_status(ulong status, ulong aux)
    {
        var head = _rig.Core.log.head;
        _rig.Call(Fn.Exit, status);
        Assert.Equal((Rec.Terminate, 1UL, 1UL, aux), (_rig.Log.Read(head).Kind, _rig.Log.Read(head).Subject, _rig.Log.Read(head).Object, _rig.Log.Read(head).Aux));
        Assert.Equal([new Effect(Fx.TlbiVmid, 1, 0, 0)], _rig.Effects);
        Assert.Equal((2u, status != 0), (_rig.Current, _rig.Core.failed));
    }

    [Theory]
    [InlineData(0UL, 0UL)]
    [InlineData(3UL, 1UL)]
    public void The_last_exit_ends_the_system_once(ulong status, ulong halt)
    {
        _rig.Call(Fn.Exit, 0);
        _rig.Call(Fn.Exit, status);
        _rig.Smccc(Fn.SystemOff);
        Assert.Equal([new Effect(Fx.TlbiVmid, 3, 0, 0), new Effect(Fx.Halt, halt, 0, 0)], _rig.Effects);
        Assert.Equal((0u, true, ulong.MaxValue), (_rig.Current, _rig.Core.halted, RvmKernel.__default.Timer(_rig.Core)));
        Assert.Equal((Rec.SystemEnd, Rec.Terminate), (_rig.Log.Read(_rig.Core.log.head - 1).Kind, _rig.Log.Read(_rig.Core.log.head - 2).Kind));
        _rig.Log.Check(0, Witness.Basis);
        var before = Frozen.Of(_rig.Core);
        _rig.Tick(_rig.Now + 1_000_000);
        RvmKernel.__default.Hypercall(_rig.Core, _rig.Now);
        _rig.Trap(Esr(0x24));
        before.AssertSame(_rig.Core);
        before.AssertSameLog(_rig.Core);
        Assert.Empty(_rig.Effects);
    }

    [Fact]
    public void Standard_calls_answer()
    {
        Assert.Equal(0x1_0002, _rig.Smccc(Fn.SmcccVersion));
        Assert.Equal(0x1_0001, _rig.Smccc(Fn.PsciVersion));
        foreach (var known in new[] { Fn.SmcccVersion, Fn.PsciVersion, Fn.SystemOff, Fn.SystemReset, Fn.PsciFeatures }) Assert.Equal(0, _rig.Smccc(Fn.PsciFeatures, known));
        Assert.Equal(Code.Unsupported, _rig.Smccc(Fn.PsciFeatures, 0x8400_0003));
        _rig.Smccc(Fn.VendorUid);
        var uid = Enumerable.Range(0, 4).SelectMany(i => BitConverter.GetBytes((uint)_rig.X(1, i))).ToArray();
        Assert.All(Enumerable.Range(0, 4), i => Assert.True(_rig.X(1, i) >> 32 == 0));
        Assert.Equal("RVM\0"u8.ToArray(), uid[..4]);
        Assert.Equal((8, 2), (uid[6] >> 4, uid[8] >> 6));              // RFC 9562: version 8, variant 10
    }

    [Fact]
    public void Every_other_function_is_unsupported()
    {
        foreach (var function in new ulong[] { 0, 1, 0xFFFF_FFFF, 0x8400_0003, 0xC400_0003, 0xC5FF_FFFF, Fn.Base + 81, Fn.Base + 200, 0x8600_FF00, 0x8000_0001 })
            _rig.RefusedSmccc(Code.Unsupported, function);
        for (uint n = 0; n <= 100; n++)
            if (!Fn.All.Contains(n))
                _rig.Refused(Code.Unsupported, n, 1, 2, 3);
    }

    [Fact]
    public void Only_the_low_half_of_x0_is_the_function()
    {
        Assert.Equal(0x1_0002, _rig.Smccc(0xDEAD_0000_8000_0000));
    }

    [Theory]
    [InlineData(0x01UL, Rec.Rejected, false)]
    [InlineData(0x17UL, Rec.Rejected, true)]
    public void Waiting_and_smc_skip_the_instruction(ulong exceptionClass, byte kind, bool witnessed)
    {
        var (head, pc) = (_rig.Core.log.head, _rig.X(1, 31));
        _rig.Trap(Esr(exceptionClass));
        Assert.Equal(pc + 4, _rig.X(1, 31));
        Assert.Equal(witnessed ? 1u : 2u, _rig.Current);
        Assert.Equal(head + (witnessed ? 1UL : 0), _rig.Core.log.head);
        if (!witnessed) return;
        Assert.Equal(Code.Unsupported, (long)_rig.X(1, 0));
        Assert.Equal((kind, 0xFFFF_FFFFUL, ulong.MaxValue), (_rig.Log.Read(head).Kind, _rig.Log.Read(head).Object, _rig.Log.Read(head).Aux));
    }

    [Theory]
    [InlineData(0x24UL, 0UL, 0x1234_5000UL)]
    [InlineData(0x20UL, 1UL, 0x1234_5000UL)]
    [InlineData(0x18UL, 2UL, 0x4000_0000UL)]
    [InlineData(0x00UL, 2UL, 0x4000_0000UL)]
    [InlineData(0x3FUL, 2UL, 0x4000_0000UL)]
    public void Faults_are_witnessed_and_injected(ulong exceptionClass, ulong injected, ulong place)
    {
        var head = _rig.Core.log.head;
        var before = Frozen.Of(_rig.Core);
        _rig.Trap(Esr(exceptionClass), far: 0xFA5, ipa: 0x1234_5000);
        Assert.Equal([new Effect(Fx.Inject, 1, injected, 0xFA5)], _rig.Effects);
        var record = Assert.Single(_rig.Log.From(head));
        Assert.Equal((Rec.Fault, 0, 1UL, place, Esr(exceptionClass)), (record.Kind, record.Tier, record.Subject, record.Object, record.Aux));
        before.AssertSame(_rig.Core);
    }

    [Theory]
    [InlineData(0x4000_0000UL)]
    [InlineData(0x3FFF_F804UL)]
    public void A_fault_in_its_own_vectors_ends_the_partition(ulong vectors)
    {
        var head = _rig.Core.log.head;
        _rig.Trap(Esr(0x24), vectors: vectors);
        Assert.Equal((Rec.Terminate, 1UL << 56 | Esr(0x24)), (_rig.Log.Read(head).Kind, _rig.Log.Read(head).Aux));
        Assert.Equal(PartRow.Free, PartRow.Read(_rig.Core, 1).Life);
    }

    [Theory]
    [InlineData(0x4000_0004UL)]
    [InlineData(0x3FFF_F800UL)]
    public void A_fault_beside_its_vectors_does_not(ulong vectors)
    {
        _rig.Trap(Esr(0x24), vectors: vectors);
        Assert.Equal(PartRow.Started, PartRow.Read(_rig.Core, 1).Life);
    }

    [Fact]
    public void A_fault_without_quota_ends_the_partition_and_is_witnessed()
    {
        var rig = Trio.Exhausted();
        var head = rig.Core.log.head;
        rig.Trap(Esr(0x24));
        Assert.Equal((Rec.Terminate, 1UL << 56 | Esr(0x24)), (rig.Log.Read(head).Kind, rig.Log.Read(head).Aux));
    }

    [Fact]
    public void An_earlier_deadline_preempts_when_its_sleep_is_over()
    {
        var rig = Rig.Boot(new BootScript().Image().Partition(deadline: 100_000, slice: 50_000).Partition(deadline: 10).Start(1, 2));
        rig.As(2).Call(Fn.TimerWait, rig.Now + 300);
        Assert.Equal(1u, rig.Current);
        rig.Tick(rig.Now + 300);
        Assert.Equal(2u, rig.Current);
        rig.Call(Fn.Yield);
        Assert.Equal(2u, rig.Current);
    }
}
