#pragma warning disable CS0169, CS0649
// What the ahead-of-time compiler looks up by name while it sets itself up, whether or not the kernel comes to use it.
// A member is here when compilation fails without it.

using System;
using System.Runtime;
using System.Runtime.CompilerServices;

namespace System
{
    public static class Buffer
    {
        [MethodImpl(MethodImplOptions.InternalCall), RuntimeImport("*", Absent.Symbol)] internal static extern void BulkMoveWithWriteBarrier(ref byte to, ref byte from, nuint bytes);
    }

    internal static class SpanHelpers
    {
        [MethodImpl(MethodImplOptions.InternalCall), RuntimeImport("*", Absent.Symbol)] internal static extern void Memmove(ref byte to, ref byte from, nuint bytes);
        [MethodImpl(MethodImplOptions.InternalCall), RuntimeImport("*", Absent.Symbol)] internal static extern void Fill(ref byte to, byte value, nuint bytes);
        [MethodImpl(MethodImplOptions.InternalCall), RuntimeImport("*", Absent.Symbol)] internal static extern void ClearWithoutReferences(ref byte to, nuint bytes);
    }

    /// <summary>Using one of these makes the link fail at this undefined symbol.</summary>
    internal static class Absent
    {
        public const string Symbol = "not_in_the_core_library";
    }
}

namespace System.Runtime
{
    internal static class TypeCast
    {
        [MethodImpl(MethodImplOptions.InternalCall), RuntimeImport("*", Absent.Symbol)] private static extern void IsInstanceOfException();
        [MethodImpl(MethodImplOptions.InternalCall), RuntimeImport("*", Absent.Symbol)] private static extern void IsInstanceOfClass();
        [MethodImpl(MethodImplOptions.InternalCall), RuntimeImport("*", Absent.Symbol)] private static extern void IsInstanceOfInterface();
        [MethodImpl(MethodImplOptions.InternalCall), RuntimeImport("*", Absent.Symbol)] private static extern void IsInstanceOfAny();
        [MethodImpl(MethodImplOptions.InternalCall), RuntimeImport("*", Absent.Symbol)] private static extern void CheckCastClassSpecial();
        [MethodImpl(MethodImplOptions.InternalCall), RuntimeImport("*", Absent.Symbol)] private static extern void CheckCastClass();
        [MethodImpl(MethodImplOptions.InternalCall), RuntimeImport("*", Absent.Symbol)] private static extern void CheckCastInterface();
        [MethodImpl(MethodImplOptions.InternalCall), RuntimeImport("*", Absent.Symbol)] private static extern void CheckCastAny();
    }
}

namespace Internal.Runtime.CompilerHelpers
{
    /// <summary>What compiled code does instead of throwing: a kernel fault (Hal/Fault.cs numbers the classes).</summary>
    internal static class ThrowHelpers
    {
        [MethodImpl(MethodImplOptions.InternalCall), RuntimeImport("*", Absent.Symbol)] private static extern void ThrowMissingMethodException();
        [MethodImpl(MethodImplOptions.InternalCall), RuntimeImport("*", Absent.Symbol)] private static extern void ThrowFeatureBodyRemoved();
        private static void ThrowIndexOutOfRangeException() => Panic(6, 0);
        private static void ThrowDivideByZeroException() => Panic(7, 0);
        private static void ThrowOverflowException() => Panic(7, 0);
        private static void ThrowNullReferenceException() => Panic(9, 0);

        [MethodImpl(MethodImplOptions.InternalCall), RuntimeImport("*", "rvm_panic")]
        private static extern void Panic(ulong fault, ulong detail);
    }
}
