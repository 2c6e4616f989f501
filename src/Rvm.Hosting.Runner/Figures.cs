using System.Diagnostics;
using System.Text.Json;
using Rvm.Platform.Hvf.Framework;

namespace Rvm.Hosting.Runner;

/// <summary>Measures operations in µs, as JSON: name, what the documents ask for, median and 99th percentile.</summary>
public static class Figures
{
    private sealed record Row(string What, double Asked, double Median, double P99, int Count);

    public static int Run()
    {
        List<Row> rows = [];
        Measure(rows).GetAwaiter().GetResult();
        Maps(rows);
        Console.Out.WriteLine(JsonSerializer.Serialize(rows));
        return 0;
    }

    private static async Task Measure(List<Row> rows)
    {
        List<double> create = [], initialise = [], run = [], destroy = [];
        await using var host = await VirtualMachineHost.StartAsync();
        for (var i = 0; i < 200; i++)
        {
            Vm vm = null!;
            await Time(create, () => { vm = host.CreateVm(new(1 << 20, 1, "figure")); return Task.CompletedTask; });
            await Time(initialise, () => vm.InitializeAsync(SelfTest.Exits(0)));
            await Time(run, () => vm.RunAsync());
            await Time(destroy, () => vm.DisposeAsync().AsTask());
        }

        rows.Add(Of("creation of a VM (1 MiB)", 100_000, create.Zip(initialise, (a, b) => a + b)));
        rows.Add(Of("initialisation (part of it: memory zeroed, program copied)", 50_000, initialise));
        rows.Add(Of("start, run to its exit, and the exit known", 0, run));
        rows.Add(Of("destruction", 0, destroy));
        rows.Add(Of("exit handling in the core (partition_start, witnessed)", 10, host.CoreTimes()));
    }

    private static unsafe void Maps(List<Row> rows)
    {
        const int Pages = 256;
        using var vm = VirtualMachine.Create(Rvm.Platform.Hvf.Machine.IpaBits);
        using var memory = new HostPages(Pages * vm.Granule);
        List<double> map = [], unmap = [];
        for (var i = 0; i < 200; i++)
        {
            var at = Stopwatch.GetTimestamp();
            vm.Map(memory.Start, 0x4000_0000, Pages * vm.Granule, MemoryFlags.Read | MemoryFlags.Write);
            map.Add(Stopwatch.GetElapsedTime(at).TotalMicroseconds / Pages);
            at = Stopwatch.GetTimestamp();
            vm.Unmap(0x4000_0000, Pages * vm.Granule);
            unmap.Add(Stopwatch.GetElapsedTime(at).TotalMicroseconds / Pages);
        }

        rows.Add(Of("mapping, a page (256 at once)", 1, map));
        rows.Add(Of("unmapping, a page (256 at once)", 0, unmap));
    }

    private static async Task Time(List<double> into, Func<Task> what)
    {
        var at = Stopwatch.GetTimestamp();
        await what();
        into.Add(Stopwatch.GetElapsedTime(at).TotalMicroseconds);
    }

    private static Row Of(string what, double asked, IEnumerable<double> times)
    {
        var sorted = times.Skip(10).Order().ToList();
        return new(what, asked, sorted[sorted.Count / 2], sorted[(int)(sorted.Count * 0.99)], sorted.Count);
    }
}
