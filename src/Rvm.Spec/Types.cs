using System.Collections.Generic;
using System.Numerics;

namespace Rvm.Spec.Types;

/// <summary>What generated code needs of module Types, which Dafny does not compile: the values of a range of u32.</summary>
public static class u32
{
    public static IEnumerable<uint> IntegerRange(BigInteger from, BigInteger to)
    {
        for (var i = (ulong)from; i < (ulong)to; i++) yield return (uint)i;
    }
}
