namespace Rvm.Verified.Tests;

/// <summary>What is tested is what boots.</summary>
public class AssemblyTests
{
    [Fact]
    public void The_bytes_under_test_are_those_that_the_image_is_compiled_from()
    {
        var directory = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(directory!.FullName, "docs", "abi.md"))) directory = directory.Parent;
        var ofImage = Path.Combine(directory.FullName, "src/Rvm.Verified/bin/Release/net10.0/Rvm.Verified.dll");
        Assert.Equal(File.ReadAllBytes(ofImage), File.ReadAllBytes(typeof(RvmKernel.__default).Assembly.Location));
    }

    [Fact]
    public void Nothing_of_the_specification_and_no_runtime_library_of_dafny_is_in_it()
    {
        var assembly = typeof(RvmKernel.__default).Assembly;
        Assert.DoesNotContain(assembly.GetTypes(), t => t.Namespace is "Dafny" or "Valid" or "Apply" or "State");
        Assert.All(assembly.GetReferencedAssemblies(), r => Assert.Contains(r.Name, new[] { "Rvm.Heap", "System.Runtime" }));
    }
}
