using System.Reflection;

namespace Rvm.ImageTests;

/// <summary>Driver/Live.cs names every word of the core's state.</summary>
public class LiveTests
{
    private const BindingFlags Fields = BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic;

    private readonly CoreState.Core _core = new Model().Core;

    /// <summary>The fields of the core and of the objects that it is made of.</summary>
    private static IEnumerable<(object Owner, FieldInfo Field)> All(object o) => o.GetType().GetFields(Fields).SelectMany(f =>
        f.FieldType.IsClass && !f.FieldType.IsArray ? All(f.GetValue(o)!) : [(o, f)]);

    [Fact]
    public void Every_array_of_the_core_is_in_the_list()
    {
        var known = Enumerable.Range(0, Live.Arrays).Select(i => Live.IsShort(i) ? (Array)Live.Short(_core, i)! : Live.Long(_core, i)!).ToList();
        Assert.Equal(known.Count, known.Distinct().Count());
        var missing = All(_core).Where(f => f.Field.FieldType.IsArray && !known.Any(k => ReferenceEquals(k, f.Field.GetValue(f.Owner)))).Select(f => $"{f.Owner.GetType()}.{f.Field.Name}").ToList();
        Assert.True(missing.Count == 0, $"Driver/Live.cs lacks {string.Join(", ", missing)}: add them to Long or Short");
        Assert.Equal(known.Count, All(_core).Count(f => f.Field.FieldType.IsArray));
    }

    [Fact]
    public void Every_other_field_of_the_core_is_a_scalar_of_the_list()
    {
        List<string> missing = [];
        var seen = 0;
        foreach (var (owner, field) in All(_core).Where(f => !f.Field.FieldType.IsArray))
        {
            var (before, was) = (Scalars(), field.GetValue(owner));
            field.SetValue(owner, was switch { bool b => !b, uint w => w ^ 1, ulong w => w ^ 1, _ => throw new InvalidOperationException($"{field}: a type that Live.cs cannot hold") });
            if (Scalars().SequenceEqual(before)) missing.Add($"{owner.GetType()}.{field.Name}");
            field.SetValue(owner, was);
            seen++;
        }

        Assert.True(missing.Count == 0, $"Driver/Live.cs lacks {string.Join(", ", missing)}: add them to Scalar");
        Assert.Equal(Live.Scalars, seen);
    }

    private ulong[] Scalars() => [.. Enumerable.Range(0, Live.Scalars).Select(i => Live.Scalar(_core, i))];
}
