using System.Collections;
using System.Numerics;
using Dafny;

namespace Rvm.Spec.Tests;

/// <summary>The core's pool of stage-2 tables as a sequence of the specification, without a copy: what the hardware's walk reads is what the core wrote.</summary>
public sealed class LivePool(ulong[] pool) : ISequence<ulong>
{
    public int Count => pool.Length;

    public long LongCount => pool.Length;

    public ulong[] Elements => CloneAsArray();

    public IEnumerable<ulong> UniqueElements => pool.Distinct();

    public ulong[] CloneAsArray() => (ulong[])pool.Clone();

    public ulong Select(ulong index) => pool[index];

    public ulong Select(long index) => pool[index];

    public ulong Select(uint index) => pool[index];

    public ulong Select(int index) => pool[index];

    public ulong Select(BigInteger index) => pool[(int)index];

    public bool Contains<G>(G g) => g is ulong word && Array.IndexOf(pool, word) >= 0;

    public ISequence<ulong> Take(long m) => Subsequence(0, m);

    public ISequence<ulong> Take(ulong n) => Subsequence(0, (long)n);

    public ISequence<ulong> Take(BigInteger n) => Subsequence(0, (long)n);

    public ISequence<ulong> Drop(long m) => Subsequence(m, LongCount);

    public ISequence<ulong> Drop(ulong n) => Subsequence((long)n, LongCount);

    public ISequence<ulong> Drop(BigInteger n) => Subsequence((long)n, LongCount);

    public ISequence<ulong> Subsequence(long lo, long hi) => Sequence<ulong>.FromArray(pool[(int)lo..(int)hi]);

    public ISequence<ulong> Subsequence(long lo, ulong hi) => Subsequence(lo, (long)hi);

    public ISequence<ulong> Subsequence(long lo, BigInteger hi) => Subsequence(lo, (long)hi);

    public ISequence<ulong> Subsequence(ulong lo, long hi) => Subsequence((long)lo, hi);

    public ISequence<ulong> Subsequence(ulong lo, ulong hi) => Subsequence((long)lo, (long)hi);

    public ISequence<ulong> Subsequence(ulong lo, BigInteger hi) => Subsequence((long)lo, (long)hi);

    public ISequence<ulong> Subsequence(BigInteger lo, long hi) => Subsequence((long)lo, hi);

    public ISequence<ulong> Subsequence(BigInteger lo, ulong hi) => Subsequence((long)lo, (long)hi);

    public ISequence<ulong> Subsequence(BigInteger lo, BigInteger hi) => Subsequence((long)lo, (long)hi);

    public ISequence<U> DowncastClone<U>(Func<ulong, U> converter) => Sequence<U>.FromArray(Array.ConvertAll(pool, w => converter(w)));

    public string ToVerbatimString(bool asLiteral) => ToString()!;

    public bool EqualsAux(ISequence<object> other) => false;

    public IEnumerator<ulong> GetEnumerator() => ((IEnumerable<ulong>)pool).GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
}
