using Rvm.Model.Checks;
using Rvm.Model.Subject;
using Rvm.Spec.State;

namespace Rvm.Model.Search;

/// <summary>One core with everything that judges it: first <see cref="Enter"/> a state, then <see cref="Deliver"/> an event to it, then ask about <see cref="Arrived"/>.</summary>
public sealed class Judge
{
    private readonly SpecState _spec;
    private readonly SpecChecks _specification;
    private readonly Agreement _agreement;
    private readonly Before _before;
    private readonly TransitionChecks _transition;
    private readonly StateChecks _state;
    private byte[] _entered = [];
    private UInt128 _structure;
    private _IKernel? _kernel;
    private _IStructure? _was;

    public Judge(Testbed testbed, Judgements judgements)
    {
        Testbed = testbed;
        _spec = new SpecState(testbed);
        _specification = new SpecChecks(testbed, _spec, judgements);
        _agreement = new Agreement(testbed, _spec);
        _before = new Before(testbed);
        _transition = new TransitionChecks(testbed, _before);
        _state = new StateChecks(testbed);
    }

    public Testbed Testbed { get; }

    /// <summary>The state that was read last.</summary>
    public StateVector Vector { get; } = new();

    /// <summary>The calls that have succeeded somewhere, a bit each.</summary>
    public UInt128 Succeeded { get; private set; }

    /// <summary>What is wrong with the state after the boot.</summary>
    public string? First()
    {
        Testbed.Read(Vector);
        return _state.Check() ?? _specification.Valid(Vector, whole: true);
    }

    /// <summary>The core is in this state, and it is the one that the next events begin in.</summary>
    public void Enter(byte[] state)
    {
        (_entered, _kernel, _was) = (state, null, null);
        Testbed.Put(state);
        Testbed.Read(Vector);
        _structure = Vector.Hash(Parts.Structure);
        _before.Look();
    }

    /// <summary>Delivers an event to the entered state, in which the core is, and judges the transition. What is wrong.</summary>
    /// <param name="compare">With the specification's Step, too.</param>
    public string? Deliver(Happening e, bool compare)
    {
        if (compare) _kernel ??= _spec.Kernel(chained: false);
        try
        {
            Testbed.Deliver(e);
        }
        catch (Exception x) when (IsFailure(x))
        {
            return $"Every_event_has_one_outcome: the core fails with {x.GetType().Name}: {x.Message}";
        }

        if ((_transition.Check(e) ?? (compare ? _agreement.Check(_kernel!, e) : null)) is { } wrong) return wrong;
        Testbed.Read(Vector);
        Note(e);
        return null;
    }

    /// <summary>A call has succeeded that answers OK, or after which the caller sleeps, waits or is no more.</summary>
    private void Note(Happening e)
    {
        if (e.Number is not { } n || _before.Current is not (> 0 and var caller)) return;
        if (Testbed.Core.ctx[caller * States.Registers] == 0 || Testbed.Core.sched.tab[8 * caller + 4] is 0 or > 2) Succeeded |= UInt128.One << (int)n;
    }

    /// <summary>Is it a failure of the core?</summary>
    public static bool IsFailure(Exception x) => x is IndexOutOfRangeException or OverflowException or DivideByZeroException or NullReferenceException or InvalidOperationException;

    /// <summary>Judges the state that the event has led to, and its structure by the log. May leave the core in another state. What is wrong.</summary>
    public string? Arrived(bool isNew) =>
        (isNew ? _state.Check() ?? _specification.Valid(Vector) : null) ?? _specification.Fold(_structure, Vector.Hash(Parts.Structure), _before.Head, StructureBefore);

    private _IStructure StructureBefore()
    {
        if (_was is not null) return _was;
        Testbed.Put(_entered);
        return _was = _spec.Structure;
    }
}
