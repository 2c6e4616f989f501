using System.Globalization;

namespace Rvm.Tool.Witness;

/// <summary>Names and meanings of record kinds (docs/abi.md §6).</summary>
public static class WitnessKind
{
    /// <summary>The first record of a log.</summary>
    public const byte BootAttestation = 0x80;

    /// <summary>A proof token was accepted.</summary>
    public const byte ProofVerified = 0x40;

    /// <summary>Tells which policy decides from now on.</summary>
    public const byte PolicyActivate = 0x86;

    /// <summary>The last record of a log.</summary>
    public const byte SystemEnd = 0x8F;

    private static readonly SortedDictionary<byte, string> ByNumber = new()
    {
        [0x01] = "PartitionCreate", [0x07] = "PartitionStart", [0x08] = "PartitionSuspend", [0x09] = "PartitionQuota",
        [0x10] = "CapGrant", [0x11] = "CapRevoke", [0x12] = "CapDelegate", [0x20] = "RegionCreate",
        [0x25] = "RegionMap", [0x26] = "RegionUnmap", [0x30] = "CommEdgeCreate", [0x31] = "CommEdgeDestroy",
        [0x33] = "NotificationSignal", [0x34] = "MessageSend", [0x40] = "ProofVerified", [0x41] = "ProofRejected", [0x42] = "FaultInjected",
        [0x70] = "TaskSpawn", [0x71] = "TaskTerminate", [0x80] = "BootAttestation", [0x82] = "BootComplete",
        [0x85] = "WitnessDrain", [0x86] = "PolicyActivate", [0x8F] = "SystemEnd",
    };

    /// <summary>All names, in the order of their numbers.</summary>
    public static IReadOnlyCollection<string> All => ByNumber.Values;

    /// <summary>The name of a kind; «Kind0xNN» for one that this version does not know.</summary>
    public static string Name(byte kind) => ByNumber.TryGetValue(kind, out var name) ? name : $"Kind0x{kind:X2}";

    /// <summary>True for the kinds that this version knows.</summary>
    public static bool IsKnown(byte kind) => ByNumber.ContainsKey(kind);

    /// <summary>A kind by its name (any case) or number (decimal or 0x…); null when there is none.</summary>
    public static byte? Parse(string text)
    {
        foreach (var (number, name) in ByNumber)
            if (name.Equals(text, StringComparison.OrdinalIgnoreCase))
                return number;
        var hexadecimal = text.StartsWith("0x", StringComparison.OrdinalIgnoreCase);
        return byte.TryParse(hexadecimal ? text[2..] : text, hexadecimal ? NumberStyles.AllowHexSpecifier : NumberStyles.None,
            CultureInfo.InvariantCulture, out var value) ? value : null;
    }
}
