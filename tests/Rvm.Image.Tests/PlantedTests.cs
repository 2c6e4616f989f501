using System.Diagnostics;

namespace Rvm.ImageTests;

/// <summary>A test image whose generated C# has one constant changed is found out, and the first record that differs is named.</summary>
public sealed class PlantedTests : IDisposable
{
    private const string Call = "(k).Record(_0_me, 51UL, 1UL, _0_me, ", Instead = "(k).Record(_0_me, 50UL, 1UL, _0_me, ";

    private readonly string _folder = Directory.CreateTempSubdirectory("rvm-planted-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    /// <summary>notify_signal writes a record of kind 0x32 instead of 0x33.</summary>
    [Fact]
    public void A_wrong_kind_of_record_is_found_and_the_first_such_record_named()
    {
        Build();
        var script = Script.Random(4, 2000);
        var image = Machine.Run(script.Bundle, script.Words, image: Path.Combine(_folder, "kernel.elf"));
        var first = Enumerable.Range(0, script.Model.Log.Length / 8).First(i => (script.Model.Log[8 * i + 2] & 0xff) == Rec.Signal);
        var difference = Comparison.First(script.Model, image, script.AfterBoot, recorded: false);
        Assert.StartsWith($"record {first} differs (kind):", difference, StringComparison.Ordinal);
        Assert.Contains("Kind = 50", difference, StringComparison.Ordinal);
        Assert.Contains("Kind = 51", difference, StringComparison.Ordinal);
        Assert.Contains("Hypercall at ", difference, StringComparison.Ordinal);
    }

    /// <summary>A copy of the core with the mistake, and the test image with that core.</summary>
    private void Build()
    {
        var generated = Checkout.Path_("src/Rvm.Verified/obj/generated");
        var core = Directory.CreateDirectory(Path.Combine(_folder, "core")).FullName;
        var kernel = File.ReadAllText(Path.Combine(generated, "Kernel.cs"));
        Assert.True(kernel.Split(Call).Length == 2, $"the generated C# has changed: `{Call}` does not stand in it exactly once; plant another mistake");
        File.WriteAllText(Path.Combine(core, "Kernel.cs"), kernel.Replace(Call, Instead, StringComparison.Ordinal));
        foreach (var file in new[] { Path.Combine(generated, "Machine.cs"), Checkout.Path_("src/Rvm.Verified/Module.cs"), Checkout.Path_("Directory.Build.props") })
            File.Copy(file, Path.Combine(file.EndsWith(".props", StringComparison.Ordinal) ? _folder : core, Path.GetFileName(file)));
        File.WriteAllText(Path.Combine(core, "Rvm.Verified.csproj"), $"""
            <Project Sdk="Microsoft.NET.Sdk">
              <PropertyGroup>
                <ImplicitUsings>disable</ImplicitUsings><Nullable>disable</Nullable><AllowUnsafeBlocks>true</AllowUnsafeBlocks><Optimize>true</Optimize>
                <GenerateAssemblyInfo>false</GenerateAssemblyInfo><GenerateTargetFrameworkAttribute>false</GenerateTargetFrameworkAttribute><DebugType>none</DebugType>
                <TreatWarningsAsErrors>false</TreatWarningsAsErrors><NoWarn>$(NoWarn);162;164;168;183;219;436;1717;1718;8981;CS0105</NoWarn>
              </PropertyGroup>
              <ItemGroup><ProjectReference Include="{Checkout.Path_("src/Rvm.Heap/Rvm.Heap.csproj")}" /></ItemGroup>
            </Project>
            """);
        var image = Directory.CreateDirectory(Path.Combine(_folder, "image")).FullName;
        File.WriteAllText(Path.Combine(image, "Planted.csproj"), $"""
            <Project>
              <PropertyGroup><VerifiedProject>{core}/Rvm.Verified.csproj</VerifiedProject><KernelOut>{_folder}/</KernelOut></PropertyGroup>
              <Import Project="{Checkout.Path_("tests/Rvm.Image.Tests/Driver/TestImage.csproj")}" />
            </Project>
            """);
        var start = new ProcessStartInfo("dotnet", ["build", image, "-c", "Release", "-t:Image", "-nologo", "-v", "quiet"]) { RedirectStandardOutput = true, WorkingDirectory = _folder };
        using var build = Process.Start(start)!;
        var said = build.StandardOutput.ReadToEnd();
        build.WaitForExit();
        Assert.True(build.ExitCode == 0, said);
    }
}
