using Rvm.Policy.Table;
using Rvm.Tool.Replay;

namespace Rvm.Tool.Witness;

/// <summary>Whom a record is charged to, and what it does to the quotas besides.</summary>
public enum Charge
{
    /// <summary>The acting partition's quota.</summary>
    Actor,

    /// <summary>The quota of the partition that ends, which goes back to the hypervisor.</summary>
    Ending,

    /// <summary>The acting partition's quota, of which a part goes to a new partition.</summary>
    Giving,

    /// <summary>The acting partition's quota, after everything before the record has been drained.</summary>
    Draining,
}

/// <summary>Everything that the tool knows of one kind of record: the one place where a new kind is added.</summary>
/// <param name="Number">Byte 16 of the record.</param>
/// <param name="Name">As docs/abi.md names it.</param>
/// <param name="Fields">How object and aux are laid out; the bits that no field has are zero.</param>
/// <param name="Explain">Object and aux in words; rules by name if the policy that was active is at hand.</param>
/// <param name="Apply">What the record does to the structure: why it cannot be applied there, null when it was. Null: it changes no structure.</param>
/// <param name="Charge">Whose quota of undrained records it counts against.</param>
/// <param name="Refused">It says that a call was refused.</param>
/// <param name="EndsDerived">What was derived from the capability in the actor's slot dies with it.</param>
public sealed record RecordKind(
    byte Number, string Name, RecordField[] Fields, Func<WitnessRecord, PolicyTable?, string> Explain, Func<Structure, WitnessRecord, string?>? Apply = null,
    Charge Charge = Charge.Actor, bool Refused = false, bool EndsDerived = false)
{
    private readonly ulong _object = Mask(Fields, RecordWord.Object), _aux = Mask(Fields, RecordWord.Aux);

    /// <summary>What is in a record besides its fields; null when nothing is.</summary>
    public string? Surplus(WitnessRecord r)
    {
        if ((r.Object & ~_object) != 0) return $"object 0x{r.Object:x} has bits that belong to no field of {Name}";
        if ((r.Aux & ~_aux) != 0) return $"aux 0x{r.Aux:x} has bits that belong to no field of {Name}";
        return r.Subject > uint.MaxValue ? $"subject 0x{r.Subject:x} is no partition" : null;
    }

    private static ulong Mask(RecordField[] fields, RecordWord word) => fields.Where(f => f.Word == word).Aggregate(0UL, (mask, f) => mask | f.Mask);
}
