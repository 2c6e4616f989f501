using System.Diagnostics;
using System.Text.RegularExpressions;

namespace Rvm.Audit.Tests.Page;

/// <summary>Headless Chromium (Debian package), started anew for each question: nothing is kept between them.</summary>
internal static class Browser
{
    private const string Program = "chromium";
    private const int Milliseconds = 120_000;

    private static readonly string[] Quiet =
        ["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync", "--hide-scrollbars", "--enable-logging=stderr"];

    /// <summary>The document after scripts have run, and what the page printed on its console.</summary>
    public static (string Dom, IReadOnlyList<string> Console) Load(string file, int width = 1280, params string[] more) => Run(file, width, [.. more, "--virtual-time-budget=5000", "--dump-dom"]);

    public static void Screenshot(string file, string png, int width, int height, params string[] more) => Run(file, width, [.. more, $"--screenshot={png}"], height);

    private static (string, IReadOnlyList<string>) Run(string file, int width, string[] what, int height = 1600)
    {
        var profile = Directory.CreateTempSubdirectory("rvm-browser-");
        try
        {
            using var process = Process.Start(new ProcessStartInfo(Program, [.. Quiet, $"--user-data-dir={profile.FullName}", $"--window-size={width},{height}", .. what, $"file://{file}"])
            {
                RedirectStandardOutput = true, RedirectStandardError = true, RedirectStandardInput = true,
            })!;
            process.StandardInput.Close();
            var (output, errors) = (process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
            if (!process.WaitForExit(Milliseconds))
            {
                process.Kill(entireProcessTree: true);
                Assert.Fail($"{Program} did not end");
            }
            Assert.True(process.ExitCode == 0, errors.Result);
            return (output.Result, [.. Regex.Matches(errors.Result, """:CONSOLE[:(].*""").Select(m => m.Value)]);
        }
        catch (System.ComponentModel.Win32Exception)
        {
            Assert.Fail($"{Program} is missing: `make setup` installs it");
            throw;
        }
        finally
        {
            profile.Delete(recursive: true);
        }
    }
}
