namespace Rvm.Verified.Tests;

/// <summary>witness_read, witness_ack, console_write.</summary>
public class WitnessCallTests
{
    private readonly Rig _rig = Trio.Boot();

    private static ulong H(uint slot) => Trio.H(slot);

    [Fact]
    public void Read_gives_the_eight_words_of_every_record()
    {
        for (ulong n = 0; n < _rig.Core.log.head; n++)
        {
            Assert.Equal(Code.Ok, _rig.Call(Fn.WitnessRead, H(Trio.Log), n));
            for (var w = 0; w < 8; w++) Assert.Equal(_rig.Core.log.ring[(int)n * 8 + w], _rig.X(1, w + 1));
            Assert.Equal((_rig.Core.log.head, 0UL), (_rig.X(1, 9), _rig.X(1, 10)));
        }
    }

    [Fact]
    public void Read_beyond_the_log_tells_its_bounds_only()
    {
        var head = _rig.Core.log.head;
        foreach (var number in new[] { head, head + 1, ~0UL })
        {
            for (var i = 3; i <= 10; i++) _rig.SetX(1, i, 77);
            Assert.Equal(Code.ResourceLimitExceeded, _rig.Call(Fn.WitnessRead, H(Trio.Log), number));
            Assert.Equal([H(Trio.Log), number, 77, 77, 77, 77, 77, 77, head, 0], Enumerable.Range(1, 10).Select(i => _rig.X(1, i)));
        }

        Assert.Equal(head, _rig.Core.log.head);
    }

    [Fact]
    [Trait("Theorem", "Nothing_happens_without_a_capability")]
    public void Read_and_acknowledge_are_refused_without_the_capability()
    {
        foreach (var call in new[] { Fn.WitnessRead, Fn.WitnessAck })
        {
            _rig.Refused(Code.CapabilityTypeMismatch, call, H(Trio.Console), 0);
            _rig.Refused(Code.StaleCapability, call, 0x2_0000_0002, 0);
            _rig.Refused(Code.InsufficientCapability, call, 77, 0);
        }
    }

    [Fact]
    public void Acknowledging_everything_frees_everybodys_quota_and_hides_what_was_read()
    {
        var head = _rig.Core.log.head;
        Assert.Equal(Code.Ok, _rig.Call(Fn.WitnessAck, H(Trio.Log), head));
        var record = _rig.Log.Read(head);
        Assert.Equal((Rec.Drain, 1UL, head), (record.Kind, record.Subject, record.Object));
        Assert.Equal((head, 1UL, 1UL), (_rig.Core.log.drained, _rig.Core.log.used[1], _rig.Core.log.used.Aggregate(0UL, (a, b) => a + b)));
        Assert.Equal(Code.ResourceLimitExceeded, _rig.Call(Fn.WitnessRead, H(Trio.Log), head - 1));
        Assert.Equal(head, _rig.X(1, 10));
        Assert.Equal(Code.Ok, _rig.Call(Fn.WitnessRead, H(Trio.Log), head));
    }

    [Fact]
    public void A_wrong_number_acknowledges_nothing()
    {
        foreach (var number in new[] { 0UL, _rig.Core.log.head - 1, _rig.Core.log.head + 1, ~0UL })
            _rig.Silent(Code.ResourceLimitExceeded, Fn.WitnessAck, H(Trio.Log), number);
    }

    [Fact]
    [Trait("Theorem", "Appending_never_overwrites")]
    [Trait("Theorem", "The_log_only_grows")]
    public void The_ring_goes_round_three_times_without_losing_a_record()
    {
        var rig = Rig.Boot(new BootScript().Image().Partition(quota: 30_000).Partition(quota: 100).Cap(2, Kind.WitnessLog, 0, Right.Witness).Edge(1, 2, 1).Start(1, 2));
        var (chain, next) = (Witness.Basis, 0UL);
        while (rig.Core.log.head < 3 * Witness.Capacity)
        {
            rig.As(1);
            while (rig.Call(Fn.NotifySignal, H(0), 1) == Code.Ok) { }
            Assert.Equal(rig.Core.log.quota[1] - 1, rig.Core.log.used[1]);         // all but the one in reserve
            chain = rig.Log.Check(next, chain);
            next = rig.Core.log.head;
            Assert.Equal(Code.Ok, rig.As(2).Call(Fn.WitnessAck, H(0), next));
        }
    }

    [Fact]
    public void Console_write_asks_for_one_line_and_is_not_witnessed()
    {
        foreach (var length in new ulong[] { 0, 1, 104 })
        {
            var head = _rig.Core.log.head;
            Assert.Equal(Code.Ok, _rig.Call(Fn.ConsoleWrite, H(Trio.Console), length, 0x6f6c_6c65_68));
            Assert.Equal([new Effect(Fx.Console, 1, length, 0)], _rig.Effects);
            Assert.Equal(head, _rig.Core.log.head);
        }
    }

    [Fact]
    public void Console_write_is_refused()
    {
        _rig.Refused(Code.ResourceLimitExceeded, Fn.ConsoleWrite, H(Trio.Console), 105);
        _rig.Refused(Code.ResourceLimitExceeded, Fn.ConsoleWrite, H(Trio.Console), ~0UL);
        _rig.Refused(Code.InsufficientCapability, Fn.ConsoleWrite, H(Trio.MuteConsole), 1);
        _rig.Refused(Code.CapabilityTypeMismatch, Fn.ConsoleWrite, H(Trio.Slab), 1);
        _rig.Refused(Code.StaleCapability, Fn.ConsoleWrite, H(31), 1);
    }
}
