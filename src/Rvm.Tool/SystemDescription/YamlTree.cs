using Rvm.Diagnostics;
using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace Rvm.Tool.SystemDescription;

/// <summary>A YAML node that remembers where it stands.</summary>
public abstract record Node(Place Place)
{
    /// <summary>What kind of node it is, for error messages.</summary>
    public abstract string Describe { get; }
}

/// <summary>Text; <paramref name="Quoted"/> tells <c>"1"</c> from <c>1</c>.</summary>
public sealed record ScalarNode(string Text, bool Quoted, Place Place) : Node(Place)
{
    /// <summary>True for an absent value (<c>key:</c>, <c>~</c> or <c>null</c>).</summary>
    public bool IsNull => !Quoted && Text is "" or "~" or "null";

    /// <inheritdoc/>
    public override string Describe => IsNull ? "nothing" : $"`{Text}`";
}

/// <summary>A list of nodes.</summary>
public sealed record SequenceNode(IReadOnlyList<Node> Items, Place Place) : Node(Place)
{
    /// <inheritdoc/>
    public override string Describe => "a list";
}

/// <summary>Keys with values, in the order of the file, duplicates included.</summary>
public sealed record MappingNode(IReadOnlyList<(ScalarNode Key, Node Value)> Entries, Place Place) : Node(Place)
{
    /// <inheritdoc/>
    public override string Describe => "a mapping";
}

/// <summary>Reads YAML text into nodes. Anchors and aliases work; several documents, tags and complex keys do not.</summary>
public sealed class YamlTree
{
    private const int MaxDepth = 32;
    private readonly string _file;
    private readonly DiagnosticBag _bag;
    private readonly IParser _parser;
    private readonly Dictionary<string, Node> _anchors = [];

    private YamlTree(string file, string text, DiagnosticBag bag)
    {
        _file = file;
        _bag = bag;
        _parser = new Parser(new Scanner(new StringReader(text)));
    }

    /// <summary>The document's root, or null after a syntax error, which is reported.</summary>
    public static Node? Read(string file, string text, DiagnosticBag bag)
    {
        var tree = new YamlTree(file, text, bag);
        try
        {
            return tree.Document();
        }
        catch (YamlException e)
        {
            bag.Error(tree.At(e.Start), "YAML syntax: " + e.Message.Split('\n')[0].TrimEnd('.', ' '),
                "mend the syntax at this place; indent with spaces, and quote texts that hold `: ` or `#`");
            return null;
        }
        catch (Exception e) when (e is InvalidOperationException or ArgumentException or IndexOutOfRangeException or FormatException)
        {
            // The scanner of YamlDotNet 16.3 throws these on some malformed flow sequences.
            bag.Error(tree._parser.Current is { } last ? tree.At(last.End) : Place.Whole(file), "YAML syntax: unreadable after this place",
                "mend the syntax here: look for an open bracket or quote");
            return null;
        }
    }

    private Node? Document()
    {
        _parser.Consume<StreamStart>();
        if (_parser.TryConsume<StreamEnd>(out _))
        {
            _bag.Error(Place.Whole(_file), "the file is empty", "write at least `name:` and `partitions:`; see docs/system.md");
            return null;
        }

        _parser.Consume<DocumentStart>();
        var root = Next(0);
        _parser.Consume<DocumentEnd>();
        if (_parser.TryConsume<DocumentStart>(out var second))
            _bag.Error(At(second.Start), "a second YAML document begins here", "keep one system per file");
        return root;
    }

    private Node Next(int depth)
    {
        var here = _parser.Current!;
        if (depth > MaxDepth) throw new YamlException(here.Start, here.End, $"more than {MaxDepth} levels of nesting");
        if (_parser.TryConsume<AnchorAlias>(out var alias))
            return _anchors.TryGetValue(alias.Value.Value, out var known)
                ? known
                : throw new YamlException(alias.Start, alias.End, $"unknown alias *{alias.Value}");
        var anchor = (here as NodeEvent)?.Anchor ?? AnchorName.Empty;
        Node node = here switch
        {
            Scalar => Text(),
            SequenceStart => List(depth),
            MappingStart => Mapping(depth),
            _ => throw new YamlException(here.Start, here.End, "expected a value"),
        };
        if (!anchor.IsEmpty) _anchors[anchor.Value] = node;
        return node;
    }

    private ScalarNode Text()
    {
        var scalar = _parser.Consume<Scalar>();
        return new(scalar.Value, scalar.Style is not (ScalarStyle.Plain or ScalarStyle.Any), At(scalar.Start));
    }

    private SequenceNode List(int depth)
    {
        var start = _parser.Consume<SequenceStart>();
        List<Node> items = [];
        while (!_parser.TryConsume<SequenceEnd>(out _)) items.Add(Next(depth + 1));
        return new(items, At(start.Start));
    }

    private MappingNode Mapping(int depth)
    {
        var start = _parser.Consume<MappingStart>();
        List<(ScalarNode, Node)> entries = [];
        while (!_parser.TryConsume<MappingEnd>(out _))
        {
            var key = Next(depth + 1);
            var value = Next(depth + 1);
            if (key is ScalarNode name) entries.Add((name, value));
            else _bag.Error(key.Place, $"{key.Describe} stands where a key is expected", "write `key: value`");
        }

        return new(entries, At(start.Start));
    }

    private Place At(Mark mark) => new(_file, (int)mark.Line, (int)mark.Column);
}
