using System.Linq.Expressions;

namespace Rvm.Model.Subject;

/// <summary>An array of the core. <paramref name="Path"/>: the objects and fields that lead to it, such as <c>caps.tab</c>. Exactly one of the two is set.</summary>
public sealed record CoreArray(string Path, uint[]? Narrow, ulong[]? Wide)
{
    public int Length => Narrow?.Length ?? Wide!.Length;

    public ReadOnlySpan<byte> Bytes =>
        Narrow is null ? System.Runtime.InteropServices.MemoryMarshal.AsBytes(Wide.AsSpan()) : System.Runtime.InteropServices.MemoryMarshal.AsBytes(Narrow.AsSpan());
}

/// <summary>
/// Everything that a core can change, found by reflection, so that a field that the core gets one day cannot be forgotten: its arrays, and its
/// numbers and flags as 64-bit words.
/// </summary>
public sealed class CoreFields
{
    private readonly Action<ulong[]> _read, _write;

    public CoreFields(CoreState.Core core)
    {
        List<CoreArray> arrays = [];
        List<(string Path, Expression Access)> numbers = [];
        Collect(core, "", Expression.Constant(core), arrays, numbers);
        (Arrays, Numbers) = (arrays, [.. numbers.Select(n => n.Path)]);
        var words = Expression.Parameter(typeof(ulong[]));
        _read = Compile(numbers.Select((n, i) => Expression.Assign(Expression.ArrayAccess(words, Expression.Constant(i)), ToWord(n.Access))));
        _write = Compile(numbers.Select((n, i) => Expression.Assign(n.Access, FromWord(Expression.ArrayIndex(words, Expression.Constant(i)), n.Access.Type))));

        Action<ulong[]> Compile(IEnumerable<Expression> all) => Expression.Lambda<Action<ulong[]>>(Expression.Block([.. all, Expression.Empty()]), words).Compile();
    }

    public IReadOnlyList<CoreArray> Arrays { get; }

    /// <summary>The paths of the numbers and flags, in the order of <see cref="Read"/>.</summary>
    public IReadOnlyList<string> Numbers { get; }

    public void Read(ulong[] words) => _read(words);

    public void Write(ulong[] words) => _write(words);

    private static void Collect(object part, string path, Expression access, List<CoreArray> arrays, List<(string, Expression)> numbers)
    {
        foreach (var p in part.GetType().GetProperties().Where(p => p.SetMethod is { IsPublic: true } && p.GetIndexParameters().Length == 0))
        {
            var name = path + p.Name.TrimStart('_');
            switch (p.GetValue(part))
            {
                case uint[] narrow: arrays.Add(new(name, narrow, null)); break;
                case ulong[] wide: arrays.Add(new(name, null, wide)); break;
                case uint or ulong or bool: numbers.Add((name, Expression.Property(access, p))); break;
                case { } inner when p.PropertyType.IsClass && p.PropertyType.Assembly == part.GetType().Assembly:
                    Collect(inner, name + ".", Expression.Constant(inner), arrays, numbers);
                    break;
                default: throw new NotSupportedException($"the core's {name} is of type {p.PropertyType}: teach src/Rvm.Model/Subject/CoreFields.cs to keep it");
            }
        }
    }

    private static Expression ToWord(Expression number) =>
        number.Type == typeof(bool) ? Expression.Condition(number, Expression.Constant(1UL), Expression.Constant(0UL)) : Expression.Convert(number, typeof(ulong));

    private static Expression FromWord(Expression word, Type type) =>
        type == typeof(bool) ? Expression.NotEqual(word, Expression.Constant(0UL)) : Expression.Convert(word, type);
}
