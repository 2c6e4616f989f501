using System.Globalization;

namespace Rvm.Tool.Replay;

/// <summary>What a record can be about.</summary>
public enum ObjectSort { Partition, Slot, Region, Edge, Image, Device, Pool, Console, Log, Policy }

/// <summary>Names an object of a log: <c>partition:2</c>, <c>slot:2.5</c> (slot 5 of partition 2), <c>region:7</c>, <c>edge:0</c>, <c>image:1</c>, <c>device:0</c>, <c>pool</c>, <c>console</c>, <c>log</c>, <c>policy</c>.</summary>
/// <param name="Number">Its number; a slot's partition.</param>
/// <param name="Slot">A slot's number in its partition; otherwise 0.</param>
public readonly record struct ObjectName(ObjectSort Sort, ulong Number, ulong Slot = 0)
{
    /// <summary>How users write names.</summary>
    public const string Forms = "partition:2, slot:2.5 (slot 5 of partition 2), region:7, edge:0, image:1, device:0, pool, console, log or policy";

    /// <summary>The object that the text names; null when it names none.</summary>
    public static ObjectName? Parse(string text)
    {
        var parts = text.Split(':', '.');
        if (!Enum.TryParse<ObjectSort>(parts[0], ignoreCase: true, out var sort) || !char.IsLetter(parts[0][0])) return null;
        List<ulong> numbers = [];
        foreach (var part in parts[1..])
            if (ulong.TryParse(part, NumberStyles.None, CultureInfo.InvariantCulture, out var number)) numbers.Add(number);
            else return null;
        return (sort, numbers.Count, text.Contains('.', StringComparison.Ordinal)) switch
        {
            (ObjectSort.Slot, 2, true) => new(sort, numbers[0], numbers[1]),
            (ObjectSort.Pool or ObjectSort.Console or ObjectSort.Log or ObjectSort.Policy, 0, false) => new(sort, 0),
            (ObjectSort.Partition or ObjectSort.Region or ObjectSort.Edge or ObjectSort.Image or ObjectSort.Device, 1, false) => new(sort, numbers[0]),
            _ => null,
        };
    }

    /// <summary>The name of a capability's object; null for kinds that a log never tells of.</summary>
    public static ObjectName? Of(ulong kind, ulong number) => (ObjectKind)kind switch
    {
        ObjectKind.Partition => new(ObjectSort.Partition, number),
        ObjectKind.Region => new(ObjectSort.Region, number),
        ObjectKind.CommEdge => new(ObjectSort.Edge, number),
        ObjectKind.DeviceLease => new(ObjectSort.Device, number),
        ObjectKind.WitnessLog => new(ObjectSort.Log, 0),
        ObjectKind.PhysMemPool => new(ObjectSort.Pool, 0),
        ObjectKind.Console => new(ObjectSort.Console, 0),
        ObjectKind.Policy => new(ObjectSort.Policy, 0),
        _ => null,
    };

    public override string ToString() => Sort switch
    {
        ObjectSort.Slot => $"slot:{Number}.{Slot}",
        ObjectSort.Pool or ObjectSort.Console or ObjectSort.Log or ObjectSort.Policy => $"{Sort}".ToLowerInvariant(),
        _ => $"{Sort}:{Number}".ToLowerInvariant(),
    };
}
