using System.Linq.Expressions;
using System.Reflection;

namespace Rvm.Closure;

/// <summary>
/// The instance fields of Dafny's syntax tree that may hold more of the tree, private and inherited ones included. Reading all of them, and not the lists of
/// children that the tree's classes offer to editors, is what makes a reference impossible to overlook.
/// </summary>
internal static class FieldTable
{
    internal sealed record Field(string Name, Func<object, object?> Value);

    private static readonly Dictionary<Type, Field[]> Known = [];

    public static Field[] Of(Type type)
    {
        if (Known.TryGetValue(type, out var known)) return known;
        var fields = new List<Field>();
        for (var at = type; at != null && at != typeof(object); at = at.BaseType)
            fields.AddRange(at.GetFields(BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly)
                .Where(field => MayHold(field.FieldType)).Select(Read));
        return Known[type] = [.. fields];
    }

    private static Field Read(FieldInfo field)
    {
        var parameter = Expression.Parameter(typeof(object));
        var value = Expression.Convert(Expression.Field(Expression.Convert(parameter, field.DeclaringType!), field), typeof(object));
        return new Field(Plain(field.Name), Expression.Lambda<Func<object, object?>>(value, parameter).Compile());
    }

    /// <summary>A property's field is called after the property.</summary>
    private static string Plain(string name) => name is ['<', .. var rest] ? rest[..rest.IndexOf('>')] : name;

    private static bool MayHold(Type type) => !type.IsPrimitive && !type.IsEnum && !type.IsPointer && type != typeof(string) && !typeof(Delegate).IsAssignableFrom(type);
}
