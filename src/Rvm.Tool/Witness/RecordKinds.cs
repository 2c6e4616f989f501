using Rvm.Tool.Replay;
using static Rvm.Tool.Witness.FieldMeaning;
using static Rvm.Tool.Witness.WitnessText;

namespace Rvm.Tool.Witness;

/// <summary>
/// The table of record kinds (docs/abi.md §6): how each is laid out, said in words and applied to the structure. `show`, `replay`, `diff` and `query` all read
/// records through it. What a kind does to the structure is spec/Apply.dfy's Apply; which bits hold what is its Encode.
/// </summary>
public static class RecordKinds
{
    private static RecordField Obj(string name, int shift = 0, int bits = 32, FieldMeaning meaning = Number) => new(name, RecordWord.Object, shift, bits, meaning);

    private static RecordField Aux(string name, int shift = 0, int bits = 32, FieldMeaning meaning = Number) => new(name, RecordWord.Aux, shift, bits, meaning);

    private static readonly RecordField
        Whom = Obj("partition", meaning: Partition), Image = Aux("image", bits: 64, meaning: FieldMeaning.Image),
        Quota = Aux("quota", 32), Budget = Aux("budget"),
        Slice = Aux("slice", 32), Deadline = Aux("deadline"),
        Receiver = Obj("receiver", 32, meaning: Partition), NewSlot = Obj("slot", meaning: ReceiversSlot),
        CapKind = Aux("kind", 56, 8, FieldMeaning.ObjectKind), Target = Aux("object", 32, 24, ObjectOfKind), Allowed = Aux("rights"),
        Source = Aux("source slot", 32, meaning: OwnSlot),
        Slot = Obj("slot", meaning: OwnSlot), Generation = Aux("generation"), Dropped = Aux("dropped", 63, 1),
        Owner = Obj("owner", 32, meaning: Partition), NewRegion = Obj("region", meaning: Region),
        Policy = Aux("policy", 60, 4), Size = Aux("pages", 40, 20), Frame = Aux("frame", 0, 40),
        Mapped = Obj("region", 32, meaning: Region), Page = Obj("IPA page"),
        Permission = Aux("permission", 60, 4), Mapper = Aux("partition", 52, 8, Partition), First = Aux("first page", 32, 20), Count = Aux("pages"),
        Edge = Obj("edge", meaning: FieldMeaning.Edge), From = Aux("source", 32, meaning: Partition), To = Aux("destination", 16, 16, Partition), Capacity = Aux("capacity", 0, 16),
        Bits = Aux("bits", bits: 64), Queued = Aux("queued", bits: 64),
        Nonce = Obj("nonce", bits: 64), Proved = Aux("call", 32), Rule = Aux("rule"),
        Function = Obj("call", meaning: FieldMeaning.Call), Denied = Obj("rule", 32), Status = Aux("status", bits: 64),
        Place = Obj("place", bits: 64), Esr = Aux("ESR", bits: 64),
        Until = Aux("until", bits: 64), Why = Aux("reason", bits: 64),
        Reason = Aux("reason", 56, 8), Detail = Aux("detail", 0, 56),
        Words = Obj("words", bits: 64), BundleHash = Aux("hash", bits: 64), Partitions = Obj("partitions", bits: 64), UpTo = Obj("up to record", bits: 64),
        Active = Obj("policy", meaning: FieldMeaning.Policy), Digest = Aux("digest", bits: 64);

    // Records of proofs have a call's number, not its function id.
    private const ulong FirstCall = 0xC600_0000;

    private static readonly RecordKind?[] Table = new RecordKind?[256];

    static RecordKinds()
    {
        foreach (var kind in Rows) Table[kind.Number] = kind;
    }

    private static RecordKind[] Rows =>
    [
        new(0x01, "PartitionCreate", [Whom, Image], (r, _) => $"partition {Whom.Of(r)} from image {Image.Of(r)}", (s, r) => s.Create(Whom.Of(r), Image.Of(r), r)),
        new(0x07, "PartitionStart", [Whom], (r, _) => $"partition {Whom.Of(r)}", (s, r) => s.Live(Whom.Of(r), Life.Started)),
        new(0x08, "PartitionSuspend", [Whom], (r, _) => $"partition {Whom.Of(r)}", (s, r) => s.Live(Whom.Of(r), Life.Suspended)),
        new(0x09, "PartitionQuota", [Whom, Quota, Budget], (r, _) => $"partition {Whom.Of(r)}: {Quota.Of(r)} records, {Slices(Budget.Of(r))}",
            (s, r) => s.Budget(Whom.Of(r), Budget.Of(r)), Charge.Giving),
        new(0x10, "CapGrant", [Receiver, NewSlot, CapKind, Target, Allowed],
            (r, _) => $"partition {Receiver.Of(r)} slot {NewSlot.Of(r)}: {KindOf(CapKind.Of(r))} {Target.Of(r)} [{RightsOf(Allowed.Of(r))}]",
            (s, r) => s.Grant(Receiver.Of(r), NewSlot.Of(r), CapKind.Of(r), Target.Of(r), Allowed.Of(r), r)),
        new(0x11, "CapRevoke", [Slot, Generation, Dropped],
            (r, _) => Dropped.Of(r) != 0 ? $"slot {Slot.Of(r)} dropped" : $"slot {Slot.Of(r)}: generation {Generation.Of(r)}",
            (s, r) => Dropped.Of(r) != 0 && Generation.Of(r) == 0 ? s.Drop(r.Subject, Slot.Of(r)) : s.Revoke(r.Subject, Slot.Of(r)), EndsDerived: true),
        new(0x12, "CapDelegate", [Receiver, NewSlot, Source, Allowed],
            (r, _) => $"partition {Receiver.Of(r)} slot {NewSlot.Of(r)} from slot {Source.Of(r)} [{RightsOf(Allowed.Of(r))}]",
            (s, r) => s.Delegate(r.Subject, Source.Of(r), Receiver.Of(r), NewSlot.Of(r), Allowed.Of(r), r)),
        new(0x20, "RegionCreate", [Owner, NewRegion, Policy, Size, Frame],
            (r, _) => $"region {NewRegion.Of(r)} of {(Owner.Of(r) == Abi.Everybody ? "everybody" : $"partition {Owner.Of(r)}")}: {PolicyOf(Policy.Of(r))}, {Size.Of(r)} pages from frame 0x{Frame.Of(r):x}",
            (s, r) => s.CreateRegion(NewRegion.Of(r), Owner.Of(r), Policy.Of(r), Size.Of(r), Frame.Of(r), r)),
        new(0x25, "RegionMap", [Mapped, Page, Permission, Mapper, First, Count],
            (r, _) => $"region {Mapped.Of(r)} at IPA 0x{Page.Of(r) << 12:x} of partition {Mapper.Of(r)}: {PermissionOf(Permission.Of(r))}, {Count.Of(r)} pages from page {First.Of(r)}",
            (s, r) => s.Map(Mapper.Of(r), Mapped.Of(r), Page.Of(r), First.Of(r), Count.Of(r), Permission.Of(r))),
        new(0x26, "RegionUnmap", [Mapped, Page, Count], (r, _) => $"region {Mapped.Of(r)} at IPA 0x{Page.Of(r) << 12:x}: {Count.Of(r)} pages",
            (s, r) => s.Unmap(r.Subject, Page.Of(r), Count.Of(r))),
        new(0x30, "CommEdgeCreate", [Edge, From, To, Capacity], (r, _) => $"edge {Edge.Of(r)}: {From.Of(r)} to {To.Of(r)}, capacity {Capacity.Of(r)}",
            (s, r) => s.CreateEdge(Edge.Of(r), From.Of(r), To.Of(r), Capacity.Of(r), r)),
        new(0x31, "CommEdgeDestroy", [Edge], (r, _) => $"edge {Edge.Of(r)}", (s, r) => s.DestroyEdge(Edge.Of(r))),
        new(0x33, "NotificationSignal", [Edge, Bits], (r, _) => $"edge {Edge.Of(r)}: bits 0x{Bits.Of(r):x}"),
        new(0x34, "MessageSend", [Edge, Queued], (r, _) => $"edge {Edge.Of(r)}: {Queued.Of(r)} in the queue"),
        new(0x40, "ProofVerified", [Nonce, Proved, Rule],
            (r, policy) => $"{Call(FirstCall + Proved.Of(r))} with nonce {Nonce.Of(r)}: {RuleOf(Rule.Of(r), policy)} permits{(r.Tier == 3 ? ", by a deep proof" : "")}", (s, r) => s.Prove(r.Subject, Nonce.Of(r))),
        new(0x41, "ProofRejected", [Function, Denied, Status],
            (r, policy) => $"{Call(Function.Of(r))}: {Names.Status((long)Status.Of(r))}{Denial(Denied.Of(r), policy)}", Refused: true),
        new(0x42, "FaultInjected", [Place, Esr], (r, _) => $"at 0x{Place.Of(r):x}, ESR 0x{Esr.Of(r):x} ({ExceptionClass(Esr.Of(r))})"),
        new(0x50, "LeaseGrant", [Mapped, Page, Until],
            (r, _) => $"region {Mapped.Of(r)} at IPA 0x{Page.Of(r) << 12:x} until {Commands.RecordTable.Microseconds(Until.Of(r))}", (s, r) => s.Lease(r.Subject, Mapped.Of(r), Page.Of(r), Until.Of(r), r)),
        new(0x51, "LeaseEnd", [NewRegion, Why], (r, _) => $"region {NewRegion.Of(r)}: {LeaseEnd(Why.Of(r))}", (s, r) => s.EndLease(r.Subject, NewRegion.Of(r))),
        new(0x70, "TaskSpawn", [Whom, Slice, Deadline],
            (r, _) => $"partition {Whom.Of(r)}: slice {SystemDescription.Units.ShowCounts(Slice.Of(r))}, deadline {SystemDescription.Units.ShowCounts(Deadline.Of(r))}",
            (s, r) => s.Spawn(Whom.Of(r), Slice.Of(r), Deadline.Of(r))),
        new(0x71, "TaskTerminate", [Whom, Reason, Detail], (r, _) => $"partition {Whom.Of(r)}: {End(Reason.Of(r), Detail.Of(r))}", (s, r) => s.End(Whom.Of(r)), Charge.Ending),
        new(0x80, "BootAttestation", [Words, BundleHash], (r, _) => $"bundle of {Words.Of(r)} words, FNV 0x{BundleHash.Of(r):x16}"),
        new(0x82, "BootComplete", [Partitions], (r, _) => $"{Partitions.Of(r)} partitions"),
        new(0x85, "WitnessDrain", [UpTo], (r, _) => $"up to record {UpTo.Of(r)}", Charge: Charge.Draining),
        new(0x86, "PolicyActivate", [Active, Digest], (r, _) => $"policy {Active.Of(r)}, FNV 0x{Digest.Of(r):x16}", (s, r) => s.Activate(Active.Of(r), Digest.Of(r), r)),
        new(0x8F, "SystemEnd", [], (_, _) => "all partitions have ended"),
    ];

    /// <summary>All kinds that this version knows, in the order of their numbers.</summary>
    public static IEnumerable<RecordKind> All => Table.OfType<RecordKind>();

    /// <summary>The kind with this number; null when this version does not know it.</summary>
    public static RecordKind? Find(byte number) => Table[number];
}
