using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Threading;
using Rvm.Tool.Image;
using Rvm.Tool.Run;

namespace Rvm.ImageTests;

/// <summary>What a run of the test image left in the machine's memory.</summary>
/// <param name="Tape">The tape as it is after the run: the recorded one if none was played.</param>
public sealed record ImageRun(string[] Console, ulong[] Report, ulong[] Tape, ulong[] Trace, ulong[] Log, ulong[][] Arrays, double Seconds)
{
    public int Events => Trace.Length / Rvm.Tests.Image.Tape.TraceWords;
}

/// <summary>Boots a test image in QEMU and fetches what its driver wrote.</summary>
public static class Machine
{
    public static string Image => Checkout.Path_("artifacts/kernel-test/kernel.elf");

    /// <summary>The image joined with a bundle and, if there is one, played with a tape.</summary>
    /// <param name="image">The test image; null: <see cref="Image"/>.</param>
    public static ImageRun Run(ulong[] bundle, ulong[]? tape, int cores = 1, int seconds = 300, string? image = null)
    {
        Assert.True(File.Exists(image ?? Image), $"{image ?? Image} does not exist: run `make build test-image`");
        var folder = Directory.CreateTempSubdirectory("rvm-image-").FullName;
        try
        {
            var elf = Path.Combine(folder, "image.elf");
            File.WriteAllBytes(elf, KernelImage.Attach(File.ReadAllBytes(image ?? Image), bundle));
            List<string> loader = [];
            if (tape is not null)
            {
                File.WriteAllBytes(Path.Combine(folder, "tape"), MemoryMarshal.AsBytes(tape.AsSpan()));
                loader.AddRange(["-device", $"loader,file={Path.Combine(folder, "tape")},addr=0x{Tape.Address:x},force-raw=on"]);
            }

            return Run(folder, new QemuOptions(elf, cores, Frames.Memory, TimeSpan.FromSeconds(seconds), null, false, loader)).GetAwaiter().GetResult();
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static async Task<ImageRun> Run(string folder, QemuOptions options)
    {
        var clock = Stopwatch.StartNew();
        var socket = Path.Combine(folder, "qmp");
        var start = new ProcessStartInfo(QemuOptions.Program, options.Arguments(socket)) { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true };
        using var qemu = Process.Start(start)!;
        using var stop = new CancellationTokenSource(options.Timeout);
        var (console, errors) = (qemu.StandardOutput.ReadToEndAsync(), qemu.StandardError.ReadToEndAsync());
        try
        {
            using var qmp = await QmpClient.Connect(socket, stop.Token);
            await qmp.Send("cont", null, stop.Token);
            await Task.WhenAny(qmp.Shutdown, qemu.WaitForExitAsync(stop.Token));
            stop.Token.ThrowIfCancellationRequested();
            var memory = new Memory(qmp, folder, stop.Token);
            var report = await memory.Longs(Tape.Report, 512);
            var run = report[0] == Tape.Finished ? await Fetch(memory, report) : null;
            qemu.Kill();
            var lines = (await console).Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
            Assert.True(run is not null, $"the image stopped before its driver did:\n{string.Join('\n', lines.TakeLast(20))}\n{await errors}");
            return run! with { Console = lines, Seconds = clock.Elapsed.TotalSeconds };
        }
        catch (OperationCanceledException)
        {
            qemu.Kill();
            throw new Xunit.Sdk.XunitException($"the image did not stop within {options.Timeout.TotalSeconds} s:\n{await console}\n{await errors}");
        }
        finally
        {
            if (!qemu.HasExited) qemu.Kill();
        }
    }

    private static async Task<ImageRun> Fetch(Memory memory, ulong[] report)
    {
        var arrays = new ulong[Live.Arrays][];
        for (var i = 0; i < Live.Arrays; i++)
        {
            var (at, length) = (report[Tape.FirstArray + 2 * i], (int)report[Tape.FirstArray + 2 * i + 1]);
            arrays[i] = Live.IsShort(i) ? await memory.Shorts(at, length) : await memory.Longs(at, length);
        }

        return new([], report, await memory.Longs(Tape.Address, (int)report[Tape.Used]), await memory.Longs(Tape.Trace, (int)report[Tape.Events] * Tape.TraceWords),
            await memory.Longs(Tape.Log, (int)report[Tape.Records] * Tape.RecordWords), arrays, 0);
    }

    /// <summary>The stopped machine's memory.</summary>
    private sealed class Memory(QmpClient qmp, string folder, CancellationToken cancel)
    {
        public async Task<ulong[]> Longs(ulong at, int count) => MemoryMarshal.Cast<byte, ulong>(await Bytes(at, (ulong)count * 8)).ToArray();

        public async Task<ulong[]> Shorts(ulong at, int count) => Array.ConvertAll(MemoryMarshal.Cast<byte, uint>(await Bytes(at, (ulong)count * 4)).ToArray(), w => (ulong)w);

        private async Task<byte[]> Bytes(ulong at, ulong count)
        {
            if (count == 0) return [];
            var file = Path.Combine(folder, "memory");
            await qmp.SaveMemory(at, count, file, cancel);
            return await File.ReadAllBytesAsync(file, cancel);
        }
    }
}
