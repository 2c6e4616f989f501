using System.Diagnostics;
using System.Text.RegularExpressions;

namespace Rvm.ImageTests;

/// <summary>The test image has the shipped image's code: every function that the shipped one has, instruction for instruction.</summary>
public partial class SameCodeTests
{
    private const string Shipped = "src/Rvm.Platform.Aarch64/obj/image/", Tested = "tests/Rvm.Image.Tests/Driver/obj/image/";

    [Fact]
    public void Every_function_of_the_shipped_image_is_in_the_test_image_unchanged()
    {
        var (shipped, tested) = (Functions(Shipped + "managed.o"), Functions(Tested + "managed.o"));
        Assert.True(shipped.Count > 200, $"only {shipped.Count} functions");
        Assert.Contains(shipped.Keys, k => k.Contains("RvmKernel", StringComparison.Ordinal));
        var different = shipped.Where(f => !tested.TryGetValue(f.Key, out var other) || other != f.Value).Select(f => f.Key).ToList();
        Assert.True(different.Count == 0, $"differ or are missing in the test image: {string.Join(", ", different)}");
        foreach (var part in new[] { "start", "vectors", "cpu", "runtime" })
            Assert.Equal(File.ReadAllBytes(Checkout.Path_($"{Shipped}{part}.o")), File.ReadAllBytes(Checkout.Path_($"{Tested}{part}.o")));
    }

    [Fact]
    public void A_changed_instruction_is_seen()
    {
        const string function = "0000 <f>:\n  10:\tmov\tw0, #0x33\n  14:\tret\n";
        Assert.NotEqual(Parse(function)["f"], Parse(function.Replace("0x33", "0x32", StringComparison.Ordinal))["f"]);
        Assert.Equal(Parse(function)["f"], Parse(function.Replace("  1", "  4", StringComparison.Ordinal))["f"]);
    }

    private static Dictionary<string, string> Functions(string file)
    {
        var info = new ProcessStartInfo("aarch64-linux-gnu-objdump", ["-d", "-r", "--no-show-raw-insn", Checkout.Path_(file)]) { RedirectStandardOutput = true };
        using var process = Process.Start(info)!;
        var text = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        Assert.Equal(0, process.ExitCode);
        return Parse(text);
    }

    /// <summary>Function by function, without addresses; what a relocation fills in is said by the relocation. Zeros behind a function, which align the
    /// next one, are none of its instructions: objdump writes one word of them as <c>udf #0</c> and more as <c>...</c>.</summary>
    private static Dictionary<string, string> Parse(string text)
    {
        Dictionary<string, string> functions = [];
        var (name, body) = ("", new System.Text.StringBuilder());
        foreach (var line in text.Split('\n'))
        {
            if (Head().Match(line) is { Success: true } head)
            {
                if (name != "") functions[name] = Padding().Replace(body.ToString(), "");
                (name, body) = (head.Groups[1].Value, new());
            }
            else if (name != "" && line.Trim() is not ("" or "...")) body.AppendLine(Adrp().Replace(Address().Replace(line, ""), "$1").Replace("\t", " ", StringComparison.Ordinal));
        }

        functions[name] = Padding().Replace(body.ToString(), "");
        return functions;
    }

    [GeneratedRegex(@"(^.*\budf #0\r?\n)+\z", RegexOptions.Multiline)]
    private static partial Regex Padding();

    [GeneratedRegex(@"^[0-9a-f]+ <(.+)>:$")]
    private static partial Regex Head();

    /// <summary>The line's own address, and the number of a branch's target, whose name and offset follow.</summary>
    [GeneratedRegex(@"^\s*[0-9a-f]+:|\b[0-9a-f]+(?= <)")]
    private static partial Regex Address();

    [GeneratedRegex(@"(adrp\s+x\d+), .*")]
    private static partial Regex Adrp();
}
