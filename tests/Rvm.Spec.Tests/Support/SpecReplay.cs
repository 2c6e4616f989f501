using Dafny;
using Rvm.Spec.Apply;
using Rvm.Spec.State;
using Rvm.Tool.Replay;
using Rvm.Tool.Witness;
using Structure = Rvm.Tool.Replay.Structure;
using A = Rvm.Spec.Apply.__default;
using Action = Rvm.Spec.Apply.Action;

namespace Rvm.Spec.Tests;

/// <summary>
/// The specification's own replay: each record is read back into the action that it witnesses (as proofs/log/Records.dfy's Decode does; that the action's record
/// is this one, bit for bit, the specification's Encode says), and Apply and Note are folded over the actions.
/// </summary>
public sealed class SpecReplay
{
    private const ulong Lost = 1UL << 63;

    /// <param name="structure">The structure before the first record.</param>
    public SpecReplay(_IStructure structure) => (Structure, Log) = (structure, Witness.__default.Start);

    public _IStructure Structure { get; private set; }

    public _ILog Log { get; private set; }

    /// <summary>The structure of a machine to which nothing has happened.</summary>
    public static _IStructure Empty(ulong next, ulong limit) => States.First(Machine.create(0x40000, next, 0x9000, 0x8000, 0x80A0, 0xF60), next, limit).dtor_st;

    /// <summary>The next record of a log. The specification's log must have the same record.</summary>
    /// <exception cref="InvalidDataException">The record is none that the specification writes.</exception>
    public void Apply(WitnessRecord r)
    {
        var action = Read(r);
        Structure = A.Apply(Structure, action);
        var before = Log.dtor_records.Count;
        Log = A.Note(Log, action, r.Timestamp);
        if (Log.dtor_records.Count != before + 1) throw new InvalidDataException($"record {r.Sequence}: the specification does not write {action}");
        var written = Log.dtor_records.Select(before);
        if (!written.Equals(State.Record.create(r.Sequence, r.Timestamp, r.Kind, r.Tier, r.Subject, r.Object, r.Aux, r.Before, r.Hash)))
            throw new InvalidDataException($"record {r.Sequence} is {r}, the specification's {written}");
    }

    /// <summary>The action that a record tells of.</summary>
    public static _IAction Read(WitnessRecord r)
    {
        var action = Decode(r.Kind, r.Tier, (uint)r.Subject, r.Object, r.Aux);
        var fields = A.Encode(action);
        if (!fields.Equals(Fields.create(r.Kind, r.Tier, (uint)r.Subject, r.Object, r.Aux))) throw new InvalidDataException($"{r} was read as {action}, whose record is {fields}");
        return action;
    }

    /// <summary>The record of an action, without its chain.</summary>
    public static WitnessRecord Write(_IAction action, ulong sequence, ulong time)
    {
        var f = A.Encode(action);
        return new(sequence, time, (byte)f.dtor_kind, (byte)f.dtor_tier, 0, f.dtor_subject, f.dtor_obj, f.dtor_aux, 0, 0, 0);
    }

    private static _IAction Decode(byte kind, byte tier, uint who, ulong o, ulong x)
    {
        static uint Hi(ulong w) => (uint)(w >> 32);
        static uint Lo(ulong w) => (uint)w;
        return kind switch
        {
            0x01 => Action.create_PartitionCreate(who, Lo(o), x),
            0x07 => Action.create_PartitionStart(who, Lo(o)),
            0x08 => Action.create_PartitionSuspend(who, Lo(o)),
            0x09 => Action.create_PartitionQuota(who, Lo(o), x >> 32, Lo(x)),
            0x10 => Action.create_CapGrant(who, Hi(o), Lo(o), (uint)(x >> 56), (uint)(x >> 32 & 0xFF_FFFF), Lo(x)),
            0x11 => x == Lost ? Action.create_CapDrop(who, Lo(o)) : Action.create_CapRevoke(who, Lo(o), Lo(x)),
            0x12 => Action.create_CapDelegate(who, Hi(o), Lo(o), Hi(x), Lo(x)),
            0x20 => Action.create_RegionCreate(who, Lo(o), Hi(o), (uint)(x >> 60), x >> 40 & 0xF_FFFF, x & 0xFF_FFFF_FFFF),
            0x25 => Action.create_RegionMap(who, (uint)(x >> 52 & 0xFF), Hi(o), Lo(o), x >> 32 & 0xF_FFFF, Lo(x), (uint)(x >> 60)),
            0x26 => Action.create_RegionUnmap(who, Hi(o), Lo(o), Lo(x)),
            0x30 => Action.create_EdgeCreate(who, Lo(o), Hi(x), (uint)(x >> 16 & 0xFFFF), (uint)(x & 0xFFFF)),
            0x31 => Action.create_EdgeDestroy(who, Lo(o)),
            0x33 => Action.create_Signal(who, Lo(o), x),
            0x34 => Action.create_Send(who, Lo(o), x),
            0x40 => Action.create_Proved(who, o, Hi(x), Lo(x), tier == 3),
            0x41 => Action.create_Reject(who, o, x),
            0x42 => Action.create_Fault(who, o, x),
            0x50 => Action.create_LeaseGrant(who, Hi(o), Lo(o), x),
            0x51 => Action.create_LeaseEnd(who, Lo(o), x),
            0x70 => Action.create_TaskSpawn(who, Lo(o), x >> 32, Lo(x)),
            0x71 => Action.create_PartitionEnd(who, Lo(o), x),
            0x80 => Action.create_Attest(o, x),
            0x82 => Action.create_BootComplete(o),
            0x85 => Action.create_Drain(who, o),
            0x86 => Action.create_PolicyActivate(who, Lo(o), x),
            0x8F => Action.create_SystemEnd(),
            _ => throw new InvalidDataException($"the specification has no action with the kind 0x{kind:x}"),
        };
    }

    /// <summary>Fails with the place unless the tool's structure is the specification's.</summary>
    public static void Same(_IStructure spec, Structure tool)
    {
        Rows("partition", spec.dtor_parts, tool.Parts, p => Part.create(p.Generation, (uint)p.Life, p.Slice, p.Deadline));
        Rows("capability", spec.dtor_caps, tool.Capabilities,
            c => Cap.create(c.Generation, c.Kind, c.Object, c.ObjectGeneration, c.Rights, c.Depth, c.Parent, c.ParentGeneration));
        Rows("region", spec.dtor_memory.dtor_regions, tool.Regions, r => Region.create(r.Generation, r.Owner, r.Policy, r.Pages, r.Frame));
        Rows("map", spec.dtor_maps, tool.Maps, m => State.Map.create(States.Seq(m.Keys), Dafny.Map<uint, _IPte>.FromCollection([.. m.Runs.SelectMany(Pages)])));
        Rows("edge", spec.dtor_edges, tool.Edges, e => Edge.create(e.Generation, e.Source, e.Destination, e.Capacity));
        if ((spec.dtor_memory.dtor_next, spec.dtor_memory.dtor_limit) != (tool.Next, tool.Limit))
            throw new InvalidDataException($"frames to give out: the specification has {spec.dtor_memory.dtor_next} to {spec.dtor_memory.dtor_limit}, the tool {tool.Next} to {tool.Limit}");
        Rows("nonce", spec.dtor_nonces, tool.Nonces, n => n);
        Rows("lease", spec.dtor_leases, tool.Leases, l => Lease.create(l.Region, l.Page, l.Until));
        if (spec.dtor_policy != tool.Policy) throw new InvalidDataException($"active policy: the specification has {spec.dtor_policy}, the tool {tool.Policy}");
    }

    /// <summary>Fails with the place unless the tool's quotas are the specification's.</summary>
    public static void Same(_ILog spec, Accounts tool)
    {
        Rows("quota", spec.dtor_quota, tool.Quota, q => q);
        Rows("count of records", spec.dtor_used, tool.Used, u => u);
        if (spec.dtor_drained != tool.Drained) throw new InvalidDataException($"drained: the specification has {spec.dtor_drained}, the tool {tool.Drained}");
    }

    private static IEnumerable<IPair<uint, _IPte>> Pages(MapRun run)
    {
        for (ulong i = 0; i < run.Pages; i++) yield return new Pair<uint, _IPte>((uint)(run.Page + i), Pte.create(run.Frame + i, run.Permission, run.Region));
    }

    private static void Rows<TSpec, TTool>(string what, ISequence<TSpec> spec, TTool[] tool, Func<TTool, TSpec> read)
    {
        for (var i = 0; i < tool.Length; i++)
            if (!EqualityComparer<TSpec>.Default.Equals(spec.Select(i), read(tool[i])))
                throw new InvalidDataException($"{what} {i}: the specification has {spec.Select(i)}, the tool {read(tool[i])}");
        if (spec.Count != tool.Length) throw new InvalidDataException($"the specification has {spec.Count} of {what}, the tool {tool.Length}");
    }
}
