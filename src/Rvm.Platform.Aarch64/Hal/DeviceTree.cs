namespace Rvm.Platform.Aarch64;

using System.Runtime.CompilerServices;

/// <summary>What the machine says about itself: memory, console, interrupt controller, processors.</summary>
internal struct Machine
{
    public ulong RamStart, RamEnd;
    public ulong Uart;
    public ulong Distributor, Redistributors, RedistributorsEnd;
    public ulong Processors;
}

/// <summary>
/// A flattened device tree (Devicetree Specification 0.4, chapter 5): a stream of big-endian 32-bit tokens.
/// A node's properties come before its children, so the properties since the last token BEGIN_NODE are those of one node.
/// Only addresses directly under the root are read, with two cells for addresses and sizes, as on every 64-bit board.
/// </summary>
internal unsafe struct DeviceTree
{
    private const uint Magic = 0xd00d_feed, BeginNode = 1, EndNode = 2, Property = 3, Nop = 4;

    private byte* tree;
    private byte* strings;
    private byte* end;
    private byte* reg;
    private uint regBytes;
    private byte* compatible;
    private uint compatibleBytes;
    private bool isMemory, isProcessor;

    public static bool IsAt(ulong address) => address != 0 && address % 8 == 0 && Word((byte*)address) == Magic;

    /// <summary>False: the tree lacks memory, console or interrupt controller.</summary>
    public static bool Read(ulong address, ref Machine machine)
    {
        DeviceTree t = default;
        t.tree = (byte*)address;
        t.end = t.tree + Word(t.tree + 4);
        t.strings = t.tree + Word(t.tree + 12);
        t.Walk(t.tree + (Word(t.tree + 8) & ~3u), ref machine);
        return machine.RamEnd != 0 && machine.Uart != 0 && machine.Distributor != 0;
    }

    private void Walk(byte* at, ref Machine machine)
    {
        while (at + 12 <= end)
        {
            uint token = Word(at);
            at += 4;
            if (token == BeginNode || token == EndNode)
            {
                Finish(ref machine);
                if (token == BeginNode)
                    at = Skip(at);
            }
            else if (token == Property)
            {
                uint bytes = Word(at);
                byte* value = at + 8;
                if (bytes > (ulong)(end - value))
                    return;
                Note(strings + Word(at + 4), value, bytes);
                at = value + ((bytes + 3) & ~3u);
            }
            else if (token != Nop)
                return;
        }
    }

    /// <summary>Takes down the properties that Finish looks at. Names are told apart by their first letters where that suffices.</summary>
    private void Note(byte* name, byte* value, uint bytes)
    {
        if (name >= end)
            return;
        if (*name == 'r' && Is(name, "reg", 4))
        {
            reg = value;
            regBytes = bytes;
        }
        else if (*name == 'c' && Is(name, "compatible", 11))
        {
            compatible = value;
            compatibleBytes = bytes;
        }
        else if (*name == 'd' && Is(name, "device_type", 12))
        {
            isMemory = Is(value, "memory", bytes);
            isProcessor = Is(value, "cpu", bytes);
        }
    }

    /// <summary>The properties of a node are complete.</summary>
    private void Finish(ref Machine machine)
    {
        if (isProcessor)
            machine.Processors++;
        else if (isMemory && regBytes >= 16 && machine.RamEnd == 0)
        {
            machine.RamStart = Double(reg);
            machine.RamEnd = machine.RamStart + Double(reg + 8);
        }
        else if (compatible != null && regBytes >= 16 && machine.Uart == 0 && Lists("arm,pl011"))
            machine.Uart = Double(reg);
        else if (compatible != null && regBytes >= 32 && machine.Distributor == 0 && Lists("arm,gic-v3"))
        {
            machine.Distributor = Double(reg);
            machine.Redistributors = Double(reg + 16);
            machine.RedistributorsEnd = machine.Redistributors + Double(reg + 24);
        }
        reg = compatible = null;
        regBytes = compatibleBytes = 0;
        isMemory = isProcessor = false;
    }

    /// <summary>Is <paramref name="name"/> among the strings of the property compatible?</summary>
    private bool Lists(string name)
    {
        byte* last = compatible + compatibleBytes;
        for (byte* s = compatible; s < last; s++)
        {
            if (*s == name[0] && Is(s, name, (uint)(last - s)))
                return true;
            while (s < last && *s != 0)
                s++;
        }
        return false;
    }

    /// <summary>Does the text of at most <paramref name="most"/> bytes, ending in NUL, equal <paramref name="name"/>?</summary>
    private static bool Is(byte* text, string name, uint most)
    {
        if (most < name.Length + 1)
            return false;
        for (int i = 0; i < name.Length; i++)
            if (text[i] != name[i])
                return false;
        return text[name.Length] == 0;
    }

    /// <summary>The token after a name, which is padded to whole words: one of its words has a zero byte.</summary>
    private byte* Skip(byte* name)
    {
        for (; name + 4 <= end; name += 4)
        {
            uint word = *(uint*)name;
            if (((word - 0x0101_0101) & ~word & 0x8080_8080) != 0)
                return name + 4;
        }
        return end;
    }

    /// <summary>A big-endian word; the tree and everything read this way lie on word boundaries.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static uint Word(byte* p)
    {
        uint little = *(uint*)p;
        return ((little << 8 | little >> 24) & 0x00ff_00ff) | ((little << 24 | little >> 8) & 0xff00_ff00);
    }

    private static ulong Double(byte* p) => (ulong)Word(p) << 32 | Word(p + 4);
}
