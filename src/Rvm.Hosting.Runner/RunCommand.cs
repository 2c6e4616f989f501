using System.Runtime.InteropServices;
using System.Text;
using Rvm.Platform.Hvf;
using Rvm.Platform.Hvf.Seam;

namespace Rvm.Hosting.Runner;

/// <summary>Runs a bundle with the console lines that the EL2 kernel prints.</summary>
public static class RunCommand
{
    /// <summary>Is the 16 KiB granule asked for even where 4 KiB can be had?</summary>
    public static bool Coarse => Environment.GetEnvironmentVariable("RVM_HYPERVISOR_GRANULE") == "16384";

    public static int Run(string bundle, Options options)
    {
        var words = MemoryMarshal.Cast<byte, ulong>(File.ReadAllBytes(bundle)).ToArray();
        var memory = options.Number("memory", 1UL << 30);
        using var console = new StreamWriter(Console.OpenStandardOutput(), new UTF8Encoding(false)) { AutoFlush = true, NewLine = "\n" };
        var machine = new Machine(words, memory, (name, bytes) => console.WriteLine($"{Printable(Encoding.ASCII.GetBytes(name))}| {Printable(bytes)}"),
            Coarse)
        {
            Booted = m => console.WriteLine($"RVM 0.1 on Hypervisor.framework, memory {memory >> 20} MiB at 0x40000000, granule {m.Granule >> 10} KiB, 1 cpus, {new Clock().Hertz} Hz"),
        };
        using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGTERM, c => { c.Cancel = true; machine.Stop(); });
        var outcome = machine.Run();
        if (options.Text("witness") is { } file) File.WriteAllBytes(file, machine.Kernel.Log());
        console.WriteLine(Last(outcome, machine.Kernel));
        return outcome is { End: MachineEnd.Halted, Status: 0 } ? 0 : 1;
    }

    private static string Last(MachineOutcome outcome, Kernel kernel) => outcome.End switch
    {
        MachineEnd.Halted => $"RVM HALT status={outcome.Status} records={kernel.Records} ring=0x0 first={(kernel.Records > Kernel.RingRecords ? kernel.Records - Kernel.RingRecords : 0)} capacity={Kernel.RingRecords}",
        MachineEnd.BootRefused => $"RVM BOOT REFUSED {(outcome.Command < 0 ? "header" : $"command {outcome.Command}")} status {outcome.Status}",
        MachineEnd.Deadlock => "RVM DEADLOCK every partition waits for another one",
        _ => "RVM STOPPED",
    };

    /// <summary>As the EL2 kernel prints text of guests: what is not printable ASCII or a tab becomes a dot.</summary>
    private static string Printable(byte[] text) => string.Create(text.Length, text, (span, bytes) =>
    {
        for (var i = 0; i < span.Length; i++) span[i] = bytes[i] is (>= 0x20 and < 0x7f) or (byte)'\t' ? (char)bytes[i] : '.';
    });
}
