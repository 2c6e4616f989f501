using System.CommandLine;
using Rvm.Diagnostics;
using Rvm.Tool.Run.Hvf;

namespace Rvm.Tool.Commands;

/// <summary>The options that choose a platform.</summary>
public sealed class HvfOptions
{
    /// <summary><c>--platform qemu|hvf</c>.</summary>
    public Option<string> Platform { get; } = new("--platform") { Description = "qemu: boot at EL2 in QEMU; hvf: Apple's Hypervisor.framework (docs/platforms.md)", DefaultValueFactory = _ => "qemu" };

    /// <summary><c>--library FILE</c>.</summary>
    public Option<string?> Library { get; } = new("--library") { Description = "With --platform hvf: a library with the framework's calls instead of Apple's (default: RVM_HYPERVISOR)", HelpName = "FILE" };

    /// <summary><c>--granule auto|16KiB</c>.</summary>
    public Option<string> Granule { get; } = new("--granule") { Description = "With --platform hvf: 16KiB even where macOS offers 4KiB", DefaultValueFactory = _ => "auto" };

    /// <summary>The options, with the values that they may have.</summary>
    public HvfOptions()
    {
        Platform.AcceptOnlyFromAmong("qemu", "hvf");
        Granule.AcceptOnlyFromAmong("auto", "16KiB");
    }

    /// <summary>The host program to use; null: QEMU was asked for.</summary>
    public HvfHost? Host(ParseResult result)
    {
        var library = result.GetValue(Library);
        if (result.GetValue(Platform) != "hvf")
            return library is null && result.GetValue(Granule) == "auto" ? null : throw new UserErrorException("--library and --granule go with --platform hvf", "add --platform hvf, or leave them out");
        if (library is not null && !File.Exists(library)) throw new UserErrorException($"--library {library} does not exist", "build the stand-in with `make hypervisor`, or leave the option out on a Mac");
        return new(library, result.GetValue(Granule) == "16KiB");
    }
}
