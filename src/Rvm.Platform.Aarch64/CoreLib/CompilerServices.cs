#pragma warning disable CS0169, CS0649
// Types that the C# compiler and the ahead-of-time compiler look up by name.

namespace System.Reflection
{
    public sealed class DefaultMemberAttribute : Attribute { public DefaultMemberAttribute(string name) { } }
}

namespace System.Runtime
{
    /// <summary>The body is the symbol of that name in the image.</summary>
    public sealed class RuntimeImportAttribute : Attribute { public RuntimeImportAttribute(string dll, string entry) { } }
}

namespace System.Runtime.CompilerServices
{
    public enum MethodImplOptions { NoInlining = 8, AggressiveInlining = 256, InternalCall = 4096 }
    public sealed class MethodImplAttribute : Attribute { public MethodImplAttribute(MethodImplOptions options) { } }
    public sealed class IntrinsicAttribute : Attribute { }
    public sealed class IndexerNameAttribute : Attribute { public IndexerNameAttribute(string name) { } }
    public static class RuntimeFeature { public const string DefaultImplementationsOfInterfaces = nameof(DefaultImplementationsOfInterfaces); }

    public static unsafe class Unsafe
    {
        [Intrinsic] public static extern ref T Add<T>(ref T source, int elementOffset);
    }
}

namespace System.Runtime.InteropServices
{
    using System.Runtime.CompilerServices;

    public interface IDynamicInterfaceCastable
    {
        [MethodImpl(MethodImplOptions.InternalCall), RuntimeImport("*", Absent.Symbol)]
        public static extern nint GetDynamicInterfaceImplementation(IDynamicInterfaceCastable instance, RuntimeTypeHandle type, ushort slot);
    }
}
