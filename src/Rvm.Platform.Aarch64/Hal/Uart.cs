namespace Rvm.Platform.Aarch64;

/// <summary>The PL011, as far as a console that only writes needs it.</summary>
internal static unsafe class Uart
{
    private const ulong Data = 0x00, Flags = 0x18;
    private const uint TransmitFull = 1 << 5;

    /// <summary>Where the board has it, until the device tree has been read.</summary>
    private static ulong address = 0x0900_0000;

    public static ulong Address { get => address; set => address = value; }

    public static void Put(byte c)
    {
        while ((Cpu.Read32(address + Flags) & TransmitFull) != 0) { }
        Cpu.Write32(address + Data, c);
    }

    public static void Text(string s)
    {
        for (int i = 0; i < s.Length; i++)
            Put((byte)s[i]);
    }

    /// <summary>Text of a guest: whatever is not printable ASCII or a tab becomes a dot.</summary>
    public static void Foreign(byte* text, ulong bytes)
    {
        for (ulong i = 0; i < bytes; i++)
            Put(text[i] is (>= 0x20 and < 0x7f) or (byte)'\t' ? text[i] : (byte)'.');
    }

    public static void Decimal(ulong value)
    {
        ulong unit = 1;
        while (value / unit >= 10)
            unit *= 10;
        for (; unit != 0; unit /= 10)
            Put((byte)('0' + value / unit % 10));
    }

    public static void Signed(ulong value)
    {
        if ((long)value < 0)
            Put((byte)'-');
        Decimal((long)value < 0 ? 0 - value : value);
    }

    public static void Hex(ulong value)
    {
        Text("0x");
        int shift = 60;
        while (shift > 0 && value >> shift == 0)
            shift -= 4;
        for (; shift >= 0; shift -= 4)
        {
            ulong digit = (value >> shift) & 15;
            Put((byte)(digit < 10 ? '0' + digit : 'a' - 10 + digit));
        }
    }
}
