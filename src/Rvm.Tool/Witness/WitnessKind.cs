using System.Globalization;

namespace Rvm.Tool.Witness;

/// <summary>Names of record kinds; what they mean is in <see cref="RecordKinds"/>.</summary>
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

    /// <summary>All names, in the order of their numbers.</summary>
    public static IReadOnlyCollection<string> All => [.. RecordKinds.All.Select(k => k.Name)];

    /// <summary>The name of a kind; «Kind0xNN» for one that this version does not know.</summary>
    public static string Name(byte kind) => RecordKinds.Find(kind)?.Name ?? $"Kind0x{kind:X2}";

    /// <summary>A kind by its name (any case) or number (decimal or 0x…); null when there is none.</summary>
    public static byte? Parse(string text)
    {
        if (RecordKinds.All.FirstOrDefault(k => k.Name.Equals(text, StringComparison.OrdinalIgnoreCase)) is { } kind) return kind.Number;
        var hexadecimal = text.StartsWith("0x", StringComparison.OrdinalIgnoreCase);
        return byte.TryParse(hexadecimal ? text[2..] : text, hexadecimal ? NumberStyles.AllowHexSpecifier : NumberStyles.None,
            CultureInfo.InvariantCulture, out var value) ? value : null;
    }
}
