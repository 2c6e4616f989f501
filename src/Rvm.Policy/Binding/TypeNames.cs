namespace Rvm.Policy.Binding;

/// <summary>How messages speak of types.</summary>
public static class TypeNames
{
    /// <summary>The type with its article.</summary>
    public static string Describe(FieldType type) => type switch
    {
        FieldType.Number => "a number", FieldType.Size => "a size", FieldType.Address => "an address", FieldType.Time => "a time",
        FieldType.Partition => "a partition", FieldType.Rights => "a set of rights", FieldType.Kind => "a kind",
        FieldType.RegionPolicy => "a region policy",
        FieldType.Tier => "a tier", FieldType.Permission => "a permission", FieldType.Mode => "a mode", _ => "a call",
    };

    /// <summary>Values of the type, for a mend.</summary>
    public static string Example(FieldType type) => type switch
    {
        FieldType.Number => "write a plain number such as 64", FieldType.Size => "write a size such as 4KiB",
        FieldType.Address => "write an address such as 0x0a00_0000",
        FieldType.Time => "write a time such as 10ms", FieldType.Partition => "write a partition's name",
        FieldType.Rights => "write rights such as {read, write}",
        _ => "write one of " + string.Join(", ", Enumerators.Of(type).Keys),
    };

    /// <summary>True for types whose values have an order.</summary>
    public static bool IsOrdered(FieldType type) => type is FieldType.Number or FieldType.Size or FieldType.Address or FieldType.Time;
}
