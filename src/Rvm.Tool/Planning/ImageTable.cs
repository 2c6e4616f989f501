using Rvm.Diagnostics;
using Rvm.Tool.Image;
using Rvm.Tool.SystemDescription;

namespace Rvm.Tool.Planning;

/// <summary>The images of a bundle, each stored once: first those of <c>images:</c>, then the partitions' in order of first use.</summary>
public sealed class ImageTable
{
    private const int MaxFileBytes = 64 << 20;
    private readonly string _directory;
    private readonly DiagnosticBag _bag;
    private readonly List<PlannedImage> _images = [];
    private readonly Dictionary<(string, RawLayout), PlannedImage?> _loaded = [];

    private ImageTable(string directory, DiagnosticBag bag) => (_directory, _bag) = (directory, bag);

    /// <summary>The images in order of their numbers.</summary>
    public IReadOnlyList<PlannedImage> Images => _images;

    /// <summary>Loads every image that <paramref name="system"/> names; files are relative to <paramref name="directory"/>.</summary>
    public static ImageTable Of(SystemEntry system, string directory, DiagnosticBag bag)
    {
        var table = new ImageTable(directory, bag);
        foreach (var image in system.Images)
        {
            if (system.Images.First(i => i.Name.Value == image.Name.Value) is var first && first != image)
                bag.Error(image.Name.Place, $"a second image `{image.Name.Value}`", $"rename it; the first is in line {first.Name.Place.Line}");
            table.Add(image.Source, image.Name.Value, unique: true);
        }

        foreach (var partition in system.Partitions) table.Find(partition.Image);
        if (table._images.Count > Abi.MaxImages)
            bag.Error(table._images[Abi.MaxImages].Place, $"{table._images.Count} different images are too many", $"a bundle holds {Abi.MaxImages}");
        return table;
    }

    /// <summary>The image of a source; null when it could not be loaded, which is reported.</summary>
    public PlannedImage? Find(ImageSource source) => Add(source, Path.GetFileName(source.Path.Value), unique: false);

    private PlannedImage? Add(ImageSource source, string name, bool unique)
    {
        if (source.Path.Value == "") return null;
        var path = Path.GetFullPath(Path.Combine(_directory, source.Path.Value));
        var raw = new RawLayout(source.Load?.Value, source.Entry?.Value, source.Code?.Value, source.Data?.Value);
        if (_loaded.TryGetValue((path, raw), out var known) && !(unique && known is not null)) return known;
        var flat = Load(source, path, raw);
        var image = flat is null ? null : (unique ? null : _images.Find(i => i.Image.SameAs(flat))) ?? New(flat, name, path, source.Path.Place);
        _loaded.TryAdd((path, raw), image);
        return image;
    }

    private PlannedImage New(FlatImage flat, string name, string path, Place place)
    {
        var image = new PlannedImage(_images.Count, name, path, flat, place);
        _images.Add(image);
        return image;
    }

    private FlatImage? Load(ImageSource source, string path, RawLayout raw)
    {
        try
        {
            if (!File.Exists(path))
                _bag.Error(source.Path.Place, $"the guest image `{source.Path.Value}` does not exist", $"{Mend(path)}; looked for {path}");
            else if (new FileInfo(path).Length > MaxFileBytes)
                _bag.Error(source.Path.Place, $"`{source.Path.Value}` has more than {MaxFileBytes >> 20} MiB", "guest images must fit into the bundle");
            else
                return GuestImage.Load(File.ReadAllBytes(path), raw);
        }
        catch (ImageException e)
        {
            _bag.Error(source.Path.Place, $"`{source.Path.Value}`: {e.Message}", e.Mend);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            _bag.Error(source.Path.Place, $"`{source.Path.Value}` cannot be read: {e.Message}", "mend the path or the file's permissions");
        }

        return null;
    }

    private static string Mend(string path)
    {
        var directory = Path.GetDirectoryName(path);
        if (!Directory.Exists(directory)) return "build the guests first (make build), or mend the path, which is relative to the description";
        var siblings = Directory.EnumerateFiles(directory).Select(f => Path.GetFileName(f)!).ToList();
        return Suggest.Nearest(Path.GetFileName(path), siblings) is { } near ? $"did you mean `{near}`?" : "build it, or mend the path, which is relative to the description";
    }
}
