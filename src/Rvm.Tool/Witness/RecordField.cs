namespace Rvm.Tool.Witness;

/// <summary>The two words of a record that each kind lays out in its own way.</summary>
public enum RecordWord { Object, Aux }

/// <summary>What the value of a field names: what a reader may ask for.</summary>
public enum FieldMeaning
{
    /// <summary>A number that names nothing.</summary>
    Number,

    /// <summary>A partition.</summary>
    Partition,

    /// <summary>A capability slot of the partition that the record's first <see cref="Partition"/> field names.</summary>
    ReceiversSlot,

    /// <summary>A capability slot of the acting partition.</summary>
    OwnSlot,

    /// <summary>A policy.</summary>
    Policy,

    /// <summary>A region.</summary>
    Region,

    /// <summary>A communication edge.</summary>
    Edge,

    /// <summary>A guest image of the bundle.</summary>
    Image,

    /// <summary>An <see cref="ObjectKind"/>.</summary>
    ObjectKind,

    /// <summary>An object of the kind that the record's <see cref="ObjectKind"/> field gives.</summary>
    ObjectOfKind,

    /// <summary>A function id.</summary>
    Call,
}

/// <summary>A run of bits of a record's object or aux.</summary>
/// <param name="Name">As users read it.</param>
/// <param name="Shift">The lowest bit.</param>
/// <param name="Bits">How many, 1 to 64.</param>
public sealed record RecordField(string Name, RecordWord Word, int Shift, int Bits, FieldMeaning Meaning = FieldMeaning.Number)
{
    /// <summary>The bits of the word that belong to the field.</summary>
    public ulong Mask => Bits == 64 ? ulong.MaxValue : ((1UL << Bits) - 1) << Shift;

    /// <summary>The field's value in a record.</summary>
    public ulong Of(WitnessRecord r) => ((Word == RecordWord.Object ? r.Object : r.Aux) & Mask) >> Shift;
}
