using System.Text;
using Rvm.Tool.Audit.Digests;

namespace Rvm.Tool.Release;

/// <summary>The names of the image's addresses, a line each: address, size in bytes, section, name. For debuggers and crash reports; no path of a machine is in it.</summary>
public static class SymbolMap
{
    public static string Of(ImageDigest image)
    {
        var text = new StringBuilder("# address    bytes section  symbol\n");
        foreach (var s in image.Symbols) text.Append($"{s.Address} {s.Size,7} {s.Section,-8} {s.Name}\n");
        return text.ToString();
    }
}
