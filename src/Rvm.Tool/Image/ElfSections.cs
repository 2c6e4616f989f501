using System.Buffers.Binary;
using System.Text;

namespace Rvm.Tool.Image;

/// <summary>A section of an ELF64 file. Address and sizes in bytes.</summary>
/// <param name="Bytes">its bytes in the file; none for a section that only takes up memory</param>
public sealed record Section(string Name, ulong Address, ulong Size, ulong Offset, ReadOnlyMemory<byte> Bytes, bool Loaded)
{
    public bool HasBytes => Bytes.Length > 0;
}

/// <summary>A symbol: a name for an address.</summary>
/// <param name="Section">the section that it lies in</param>
public sealed record ElfSymbol(string Name, ulong Address, ulong Size, string Section);

/// <summary>Sections and symbols of an ELF64 file; where a table is missing or leads out of the file, there are none.</summary>
public sealed class ElfSections
{
    private const int HeaderBytes = 64, SymbolBytes = 24, SymbolTable = 2, NoBits = 8, MaximumCount = 4096;
    private const ulong Allocated = 2;

    private readonly byte[] file;
    private readonly List<(uint Name, uint Type, Section Section, uint Link)> headers = [];

    private ElfSections(byte[] file) => this.file = file;

    public IReadOnlyList<Section> All { get; private set; } = [];

    /// <summary>Named addresses in loaded sections, in the order of their addresses; mapping symbols ($x, $d) are left out.</summary>
    public IReadOnlyList<ElfSymbol> Symbols { get; private set; } = [];

    /// <summary>Where the table of section headers ends, which is where this project's linker ends the file; 0 without one.</summary>
    public ulong End { get; private set; }

    /// <param name="file">a file that <see cref="ElfFile.Parse"/> accepts</param>
    public static ElfSections Of(byte[] file)
    {
        var sections = new ElfSections(file);
        if (sections.ReadHeaders()) sections.ReadNames();
        return sections;
    }

    public Section? Find(string name) => All.FirstOrDefault(s => s.Name == name);

    private bool ReadHeaders()
    {
        var (table, size, count) = (Word(40), Half(58), Half(60));
        if (size != HeaderBytes || count == 0 || count > MaximumCount || !Inside(table, (ulong)count * HeaderBytes)) return false;
        for (var i = 0; i < count; i++)
        {
            var at = (int)table + i * HeaderBytes;
            var (type, offset, bytes) = (Single(at + 4), Word(at + 24), Word(at + 32));
            var content = type is 0 or NoBits || !Inside(offset, bytes) ? default : file.AsMemory((int)offset, (int)bytes);
            headers.Add((Single(at), type, new Section("", Word(at + 16), bytes, offset, content, (Word(at + 8) & Allocated) != 0), Single(at + 40)));
        }
        End = table + (ulong)count * HeaderBytes;
        return true;
    }

    private void ReadNames()
    {
        var names = Half(62) < headers.Count ? headers[Half(62)].Section.Bytes : default;
        List<Section> named = [.. headers.Select(h => h.Section with { Name = Text(names.Span, h.Name) })];
        All = [.. named.Skip(1)];
        foreach (var table in headers.Where(h => h.Type == SymbolTable && h.Link < headers.Count))
            Symbols = [.. Read(table.Section.Bytes, headers[(int)table.Link].Section.Bytes, named).OrderBy(s => s.Address).ThenBy(s => s.Name, StringComparer.Ordinal)];
    }

    private static IEnumerable<ElfSymbol> Read(ReadOnlyMemory<byte> table, ReadOnlyMemory<byte> names, List<Section> sections)
    {
        for (var at = 0; at + SymbolBytes <= table.Length; at += SymbolBytes)
        {
            var entry = table.Span.Slice(at, SymbolBytes);
            int type = entry[4] & 15, section = BinaryPrimitives.ReadUInt16LittleEndian(entry[6..]);
            var name = Text(names.Span, BinaryPrimitives.ReadUInt32LittleEndian(entry));
            if (type > 2 || section == 0 || section >= sections.Count || name.Length == 0 || name[0] == '$') continue;
            yield return new ElfSymbol(name, BinaryPrimitives.ReadUInt64LittleEndian(entry[8..]), BinaryPrimitives.ReadUInt64LittleEndian(entry[16..]), sections[section].Name);
        }
    }

    private static string Text(ReadOnlySpan<byte> names, uint at)
    {
        if (at >= names.Length) return "";
        var rest = names[(int)at..];
        var end = rest.IndexOf((byte)0);
        return Encoding.UTF8.GetString(end < 0 ? rest : rest[..end]);
    }

    private bool Inside(ulong offset, ulong size) => offset <= (ulong)file.Length && size <= (ulong)file.Length - offset;

    private ushort Half(int at) => BinaryPrimitives.ReadUInt16LittleEndian(file.AsSpan(at));

    private uint Single(int at) => BinaryPrimitives.ReadUInt32LittleEndian(file.AsSpan(at));

    private ulong Word(int at) => BinaryPrimitives.ReadUInt64LittleEndian(file.AsSpan(at));
}
