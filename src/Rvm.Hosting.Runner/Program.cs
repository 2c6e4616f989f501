using Rvm.Platform.Hvf;
using Rvm.Platform.Hvf.Framework;
using Rvm.Platform.Hvf.Seam;

namespace Rvm.Hosting.Runner;

/// <summary>Runs a boot bundle: <c>rvm-hvf run BUNDLE --memory BYTES [--witness FILE] </c>. RVM_HYPERVISOR names another library than Apple's, RVM_HYPERVISOR_GRANULE=16384 asks for the coarse granule.</summary>
public static class Program
{
    private const int Good = 0, Finding = 1, Usage = 2;

    public static int Main(string[] args)
    {
        try
        {
            return args switch
            {
                ["facts"] => FactsCommand.Run(),
                ["selftest"] => SelfTest.Run(),
                ["bench"] => Figures.Run(),
                ["serve"] => Server.Run(Console.In, Console.Out).GetAwaiter().GetResult(),
                ["run", var bundle, .. var options] => RunCommand.Run(bundle, Options.Of(options)),
                _ => Say("usage: rvm-hvf run BUNDLE --memory BYTES [--witness FILE] | facts | selftest | bench | serve; people use `rvm run --platform hvf`"),
            };
        }
        catch (Exception e) when (e is UsageException or IOException or PlatformNotSupportedException)
        {
            return Say(e.Message);
        }
        catch (Exception e) when (e is HypervisorException or PlatformFaultException)
        {
            if (args[0] == "run") Console.Out.WriteLine($"RVM KERNEL FAULT {e.Message}");
            else Console.Error.WriteLine("rvm-hvf: " + e.Message);
            return Finding;
        }
    }

    private static int Say(string text)
    {
        Console.Error.WriteLine("rvm-hvf: " + text);
        return Usage;
    }
}
