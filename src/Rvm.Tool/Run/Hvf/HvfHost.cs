using System.Diagnostics;
using System.Text.Json;
using Rvm.Diagnostics;
using Rvm.Tool.Commands;

namespace Rvm.Tool.Run.Hvf;

/// <summary>What a machine with Hypervisor.framework offers.</summary>
/// <param name="Hertz">Counts per second of the guests' timer.</param>
/// <param name="Granule">Bytes: maps begin and end on multiples of it.</param>
/// <param name="IpaBits">Width of an intermediate physical address.</param>
/// <param name="Vcpus">Most vCPUs of a VM.</param>
public sealed record HvfFacts(ulong Hertz, ulong Granule, int IpaBits, int Vcpus);

/// <summary>The program <c>rvm-hvf</c>, which holds the core and talks to the framework.</summary>
/// <param name="Library">A library with the framework's calls instead of Apple's; null: Apple's.</param>
/// <param name="Coarse">True: the 16 KiB granule even where 4 KiB can be had.</param>
public sealed record HvfHost(string? Library, bool Coarse)
{
    private static readonly HostProgram Program = new("src/Rvm.Hosting.Runner", "hvf", "rvm-hvf.dll",
        ["src/Rvm.Hosting.Runner", "src/Rvm.Hosting", "src/Rvm.Platform.Hvf", "src/Rvm.Verified", "src/Rvm.Heap", "spec"]);

    /// <summary>How to start it with these arguments. On a Mac the signed program is started, elsewhere its assembly.</summary>
    public ProcessStartInfo Command(params string[] arguments)
    {
        var dll = Program.Built("the hosted kernel");
        var native = Path.ChangeExtension(dll, null);
        var info = OperatingSystem.IsMacOS() && File.Exists(native) ? new ProcessStartInfo(native, arguments) : new ProcessStartInfo("dotnet", [dll, .. arguments]);
        (info.RedirectStandardInput, info.RedirectStandardOutput, info.RedirectStandardError, info.UseShellExecute) = (true, true, true, false);
        if (Library is not null) info.Environment["RVM_HYPERVISOR"] = Path.GetFullPath(Library);
        if (Coarse) info.Environment["RVM_HYPERVISOR_GRANULE"] = "16384";
        return info;
    }

    /// <summary>Asks it what the machine offers.</summary>
    /// <exception cref="UserErrorException">There is no such machine, or it refuses.</exception>
    public HvfFacts Facts()
    {
        using var process = Process.Start(Command("facts"))!;
        process.StandardInput.Close();
        var said = process.StandardOutput.ReadToEndAsync();
        var complained = process.StandardError.ReadToEnd().Trim();
        process.WaitForExit();
        if (process.ExitCode != 0)
            throw new UserErrorException(complained.Replace("rvm-hvf: ", "", StringComparison.Ordinal),
                "docs/platforms.md says what this platform needs; --library names another library with the framework's calls", ExitCodes.Finding);
        return JsonSerializer.Deserialize<HvfFacts>(said.Result)!;
    }
}
