using System.Text.Json;
using Rvm.Tool.Bundle;
using Rvm.Diagnostics;
using Rvm.Tool.Image;
using Rvm.Tool.Planning;

namespace Rvm.Tool.Commands;

/// <summary>A built system: its plan, its bundle and the files that were written.</summary>
public sealed record BuiltSystem(SystemPlan Plan, BuiltBundle Bundle, string ImagePath, string BundlePath, string OriginsPath);

/// <summary>What lies beside an image, so that a refusal of the kernel leads back to the description.</summary>
public sealed record ImageCompanion(string System, ulong Memory, IReadOnlyList<CommandOrigin> Commands);

/// <summary>Checks a description and writes image, bundle and companion.</summary>
public static class BuildService
{
    private const ulong BundleLimit = Abi.FirstFreeFrame - Abi.BundleBase;

    /// <summary>Builds the system in <paramref name="description"/>; null when errors were reported.</summary>
    /// <param name="output">The image's file; null: <c>artifacts/systems/NAME/NAME.elf</c>.</param>
    /// <param name="kernel">The kernel; null: <c>artifacts/kernel/kernel.elf</c>.</param>
    public static BuiltSystem? Build(string description, string? output, string? kernel, DiagnosticBag bag)
    {
        var plan = Planner.FromFile(description, bag);
        kernel ??= Workspace.Kernel;
        if (!File.Exists(kernel)) bag.Error(Place.Whole(Workspace.Show(kernel)), "the kernel does not exist", "build it with `make build`, or name another with --kernel");
        if (plan is null || bag.HasErrors) return null;
        var bundle = BundleBuilder.Build(plan);
        var bytes = (ulong)bundle.Words.Length * 8 + Abi.BundleHeaderBytes;
        if (bytes > BundleLimit)
        {
            bag.Error(Place.Whole(description), $"the bundle has {bytes >> 20} MiB", $"the images of a system may have {BundleLimit >> 20} MiB in all");
            return null;
        }

        return Write(plan, bundle, output, kernel, bag);
    }

    /// <summary>The companion of an image; null when there is none.</summary>
    public static ImageCompanion? Companion(string image)
    {
        var path = Path.ChangeExtension(image, ".origins.json");
        try
        {
            return File.Exists(path) ? JsonSerializer.Deserialize<ImageCompanion>(File.ReadAllText(path)) : null;
        }
        catch (Exception e) when (e is JsonException or IOException)
        {
            return null;
        }
    }

    private static BuiltSystem? Write(SystemPlan plan, BuiltBundle bundle, string? output, string kernel, DiagnosticBag bag)
    {
        var image = Path.GetFullPath(output ?? Path.Combine(Workspace.SystemDirectory(plan.Name), plan.Name + ".elf"));
        var built = new BuiltSystem(plan, bundle, image, Path.ChangeExtension(image, ".bundle"), Path.ChangeExtension(image, ".origins.json"));
        try
        {
            var joined = KernelImage.Attach(File.ReadAllBytes(kernel), bundle.Words);
            Directory.CreateDirectory(Path.GetDirectoryName(image)!);
            File.WriteAllBytes(image, joined);
            File.WriteAllBytes(built.BundlePath, BundleCodec.ToBytes(bundle.Words));
            File.WriteAllText(built.OriginsPath, JsonSerializer.Serialize(new ImageCompanion(plan.Name, plan.Memory, bundle.Origins)));
            return built;
        }
        catch (ImageException e)
        {
            bag.Error(Place.Whole(Workspace.Show(kernel)), e.Message, e.Mend);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            bag.Error(Place.Whole(Workspace.Show(image)), $"cannot be written: {e.Message}", "mend the path or its permissions, or choose another with -o");
        }

        return null;
    }
}
