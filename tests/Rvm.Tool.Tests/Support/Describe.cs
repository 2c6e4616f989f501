using Rvm.Diagnostics;
using Rvm.Tool.Planning;

namespace Rvm.Tool.Tests.Support;

/// <summary>Plans a description that stands in a test; a marker « in the text says where a diagnostic is expected.</summary>
public sealed class Describe : IDisposable
{
    private readonly TempFolder _folder = new();

    public Describe(string yaml)
    {
        _folder.Write("guest.elf", ElfBuilder.Guest());
        _folder.Write("other.elf", ElfBuilder.Guest(7));
        _folder.Write("raw.bin", new byte[5000]);
        _folder.Write("x86.elf", Machine(62));
        var at = yaml.IndexOf('«', StringComparison.Ordinal);
        if (at >= 0)
        {
            Line = yaml[..at].Count(c => c == '\n') + 1;
            Column = at - yaml.LastIndexOf('\n', at);
            yaml = yaml.Remove(at, 1);
        }

        File = _folder.Write("system.yaml", yaml);
        Plan = Planner.FromFile(File, Bag);
    }

    public string File { get; }

    public int Line { get; }

    public int Column { get; }

    public DiagnosticBag Bag { get; } = new();

    public SystemPlan? Plan { get; }

    public IEnumerable<string> Texts => Bag.All.Select(d => $"{d.Place.Line}:{d.Place.Column} {d.Severity} {d.Message} [{d.Mend}]");

    public void Dispose() => _folder.Dispose();

    private static byte[] Machine(ushort machine)
    {
        var file = ElfBuilder.Guest();
        ElfBuilder.Put16(file, 18, machine);
        return file;
    }
}
