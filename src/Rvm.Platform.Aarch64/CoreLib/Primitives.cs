// The core library of the EL2 image. Its assembly is named System.Runtime, so that assemblies compiled against the ordinary net10.0
// reference assemblies bind to it unchanged. Every type is here because the ahead-of-time compiler or the kernel needs it; what is absent
// stops the build. The primitives' field is what their layout is made of.
#pragma warning disable CS0169, CS0649

namespace System
{
    public struct Void { }
    public struct Boolean { private bool _value; }
    public struct Char { private char _value; }
    public struct SByte { private sbyte _value; }
    public struct Byte { private byte _value; }
    public struct Int16 { private short _value; }
    public struct UInt16 { private ushort _value; }
    public struct Int32 { private int _value; }
    public struct UInt32 { private uint _value; }
    public struct Int64 { private long _value; }
    public struct UInt64 { private ulong _value; }
    public struct IntPtr { private nint _value; }
    public struct UIntPtr { private nuint _value; }

    public abstract class ValueType { }
    public abstract class Enum : ValueType { }
    public struct Nullable<T> where T : struct { private bool _hasValue; private T _value; }
    public abstract class Delegate { }

    public struct RuntimeTypeHandle { private nint _value; }

    /// <summary>Every object begins with the pointer to its method table, which the compiler emits.</summary>
    public unsafe class Object
    {
        private void* _methodTable;

        public Object() { }
        public virtual bool Equals(object? other) => (object?)this == other;
        public virtual int GetHashCode() => 0;
        public virtual string? ToString() => null;
    }

    /// <summary>Vectors only: method table, length, elements from byte 16 on.</summary>
    public abstract class Array
    {
        private int _length;
        private int _padding;

        public int Length => _length;
        public long LongLength => (uint)_length;
    }

    public class Array<T> : Array { }

    /// <summary>A literal: length and UTF-16 units, laid out by the compiler.</summary>
    public sealed class String
    {
        private int _stringLength;
        private char _firstChar;

        public static readonly string Empty = "";
        public int Length => _stringLength;
        [Runtime.CompilerServices.IndexerName("Chars")]
        public char this[int index] => Runtime.CompilerServices.Unsafe.Add(ref _firstChar, index);
    }

    public abstract class Attribute { }
    public enum AttributeTargets { Method = 0x40, All = 0x7fff }
    public sealed class AttributeUsageAttribute : Attribute
    {
        public AttributeUsageAttribute(AttributeTargets validOn) { }
        public bool AllowMultiple { get; set; }
        public bool Inherited { get; set; }
    }
}
