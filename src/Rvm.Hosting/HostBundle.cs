using System.Runtime.InteropServices;

namespace Rvm.Hosting;

/// <summary>The boot bundle of a host: its own partition with its capabilities, its policy, and an image for each size of VM, whose bytes are filled in before it is used.</summary>
internal sealed class HostBundle
{
    /// <summary>The host's capabilities in the order of the bundle.</summary>
    public const ulong MemoryPool = 0x1_0000_0000, WitnessLog = 0x1_0000_0001;

    private const ulong Magic = 0x314C_444E_424D_5652, Write = 2, Witness = 0x800, Revoke = 0x20, Prove = 0x10;
    private const ulong Entry = 0x800;
    private const int Header = 8, CodeWords = (int)VmLayout.CodePages * 512;
    private readonly int _payload;

    /// <param name="hertz">Counts per second.</param>
    /// <param name="quota">Witness records that the host may cause between two drains.</param>
    /// <param name="vmQuota">Records that a VM gets.</param>
    public HostBundle(ulong hertz, ulong quota, ulong vmQuota)
    {
        List<ulong[]> commands = [[1, 0, 16, 0, 4, 0, 0, 0]];                       // image 0: code of the host, which never runs; four pages, so that VMs begin on 16 KiB
        foreach (var pages in VmLayout.DataPages) commands.Add([1, 0, CodeWords * 8, 0, VmLayout.CodePages, pages, Entry, 0]);
        commands.Add([2, 0, hertz / 1000, hertz / 100, 0, quota, 0x74736f68, 0]);   // "host": slice 1 ms, deadline 10 ms
        commands.Add([6, 1, 10, 0, Write | Revoke | Prove, 0, 0, 0]);
        commands.Add([6, 1, 9, 0, Witness, 0, 0, 0]);
        commands.Add([7, 1, 0, 0, 0, 0, 0, 0]);
        commands.Add([8, 0, 0, 0, 0, 0, 0, 0]);
        _payload = Header + 8 * commands.Count;
        for (var i = 0; i <= VmLayout.DataPages.Length; i++) commands[i][1] = (ulong)_payload;
        var policy = HostPolicy.Table((ulong)VmLayout.DataPages.Length, vmQuota);
        Words = [.. new ulong[_payload + CodeWords], .. policy];
        (Words[0], Words[1], Words[2], Words[3]) = (Magic, 1, (ulong)commands.Count, (ulong)Words.Length);
        (Words[4], Words[5]) = ((ulong)(_payload + CodeWords), (ulong)policy.Length);
        for (var i = 0; i < commands.Count; i++) commands[i].CopyTo(Words, Header + 8 * i);
    }

    public ulong[] Words { get; }

    /// <summary>The image for this much memory; null: there is none so large.</summary>
    public static ulong? Image(ulong memory)
    {
        var i = Array.FindIndex(VmLayout.DataPages, pages => (pages + VmLayout.CodePages) * 4096 >= memory);
        return i < 0 ? null : (ulong)i + 1;
    }

    /// <summary>
    /// Makes this the program of the next VM: from 0 on vectors, for a program that sets none of its own, each of which touches what is not there, so
    /// that the kernel ends the VM by a fault; behind them a jump to the entry; then the program's bytes.
    /// </summary>
    public void Fill(ReadOnlySpan<byte> program, ulong entry)
    {
        var bytes = MemoryMarshal.AsBytes(Words.AsSpan(_payload, CodeWords));
        var code = MemoryMarshal.Cast<byte, uint>(bytes);
        bytes.Clear();
        for (var slot = 0; slot < 16; slot++) (code[slot * 32], code[slot * 32 + 1]) = (0xd2af_fff0, 0xf940_0210);      // movz x16, #0x7fff, lsl #16; ldr x16, [x16]
        uint[] jump = [0xd280_0010 | (uint)(entry & 0xffff) << 5, 0xf2a0_0010 | (uint)(entry >> 16 & 0xffff) << 5, 0xd61f_0200];      // movz x16; movk x16; br x16
        jump.CopyTo(code[(int)(Entry / 4)..]);
        program.CopyTo(bytes[(int)VmLayout.Code..]);
    }
}
