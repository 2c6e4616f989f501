using System.Runtime.InteropServices;

namespace Rvm.Hvf.Tests;

/// <summary>Small guest programs, placed at 0x1000.</summary>
public static class Guests
{
    private const uint Hvc = 0xd400_0002;

    public static byte[] Code(params uint[] words) => MemoryMarshal.AsBytes(words.AsSpan()).ToArray();

    /// <summary>movz x{register}, #value; movk for the next 16 bits.</summary>
    public static uint[] Set(int register, uint value) =>
        [0xd280_0000 | (value & 0xffff) << 5 | (uint)register, 0xf2a0_0000 | value >> 16 << 5 | (uint)register];

    /// <summary>exit(x1).</summary>
    public static uint[] Exit => [.. Set(0, 0xC600_0042), Hvc];

    public static byte[] Exits(uint status) => Code([.. Set(1, status), .. Exit]);

    /// <summary>Writes its value to an address, then reads it back for ever so often and exits with what it read.</summary>
    public static byte[] WritesAndReads(uint address, uint value) =>
        Code([.. Set(2, address), .. Set(3, value), 0xf900_0043, .. Set(0, 0xC600_0041), Hvc, 0xf940_0041, .. Exit]);           // str x3,[x2]; yield; ldr x1,[x2]

    /// <summary>Exits with the word at an address.</summary>
    public static byte[] Reads(uint address) => Code([.. Set(2, address), 0xf940_0041, .. Exit]);

    public static byte[] Loops => Code(0x1400_0000);
}
