namespace Rvm.Platform.Hvf.Seam;

/// <summary>
/// What a platform does for the core: tells the time and carries out effects (docs/abi.md, section 4). The EL2 platform has the same
/// functions as static methods of its Cpu and Effects classes; docs/platforms.md sets them side by side.
/// </summary>
public interface IPlatform
{
    /// <summary>The generic timer's count, as guests read it.</summary>
    ulong Now { get; }

    /// <summary>A line of a partition: its bytes begin at x3 of its context block.</summary>
    void Console(uint partition, ReadOnlySpan<byte> bytes);

    void Zero(ulong frame, ulong frames);

    /// <summary>Bytes to the start of a frame.</summary>
    void Copy(ulong frame, ReadOnlySpan<byte> bytes);

    /// <summary>Instructions written there are instructions from now on.</summary>
    void CodeSync(ulong frame, ulong frames);

    /// <summary>No translation of these pages that was made before is used any more.</summary>
    void ForgetRange(uint partition, ulong page, ulong pages);

    /// <inheritdoc cref="ForgetRange"/>
    void ForgetAll(uint partition);

    /// <summary>Takes a synchronous exception to the partition's EL1 (class 0 data abort, 1 instruction abort, 2 undefined).</summary>
    void Inject(uint partition, ulong kind, ulong address);

    void Name(uint partition, ulong first, ulong second);

    /// <summary>The registers that the context block does not hold get their reset values.</summary>
    void Reset(uint partition);

    void Halt(ulong status);

    /// <summary>New translations are there to be used.</summary>
    void MapSync(uint partition);
}

/// <summary>The platform met something that must not happen. The system stops; nothing goes on with it.</summary>
public sealed class PlatformFaultException(string what) : Exception(what);
