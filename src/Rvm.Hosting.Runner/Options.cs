using System.Globalization;

namespace Rvm.Hosting.Runner;

/// <summary>A mistake on the command line.</summary>
public sealed class UsageException(string what) : Exception(what);

/// <summary>Options of the form <c>--name value</c>.</summary>
public sealed class Options
{
    private readonly Dictionary<string, string> _values = [];

    public static Options Of(ReadOnlySpan<string> args)
    {
        var options = new Options();
        for (var i = 0; i < args.Length; i += 2)
        {
            if (!args[i].StartsWith("--", StringComparison.Ordinal) || i + 1 == args.Length) throw new UsageException($"`{args[i]}` is not an option with a value");
            options._values[args[i][2..]] = args[i + 1];
        }

        return options;
    }

    public string? Text(string name) => _values.GetValueOrDefault(name);

    public ulong Number(string name, ulong otherwise) =>
        Text(name) is not { } text ? otherwise
        : ulong.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var value) ? value : throw new UsageException($"--{name} {text} is not a number");
}
