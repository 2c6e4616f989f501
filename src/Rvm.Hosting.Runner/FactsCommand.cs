using System.Text.Json;
using Rvm.Platform.Hvf;
using Rvm.Platform.Hvf.Framework;

namespace Rvm.Hosting.Runner;

/// <summary>Prints what the machine offers, as JSON.</summary>
public static class FactsCommand
{
    public static int Run()
    {
        using var vm = VirtualMachine.Create(Machine.IpaBits, RunCommand.Coarse);
        Console.Out.WriteLine(JsonSerializer.Serialize(new { new Clock().Hertz, vm.Granule, vm.IpaBits, Vcpus = VirtualMachine.MostVcpus }));
        return 0;
    }
}
