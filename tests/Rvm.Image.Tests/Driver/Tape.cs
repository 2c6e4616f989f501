namespace Rvm.Tests.Image;

/// <summary>
/// Where the driver's words lie in the machine's memory and what they mean; the image and the tests on the host compile this same file.
///
///     0x8000_0000  the tape: header, then events                  written by the tests (play) or by the image (record)
///     0xA000_0000  the report: what the image says when it stops
///     0xA001_0000  the shadow: what the partition that runs next had in its context block when the kernel left it
///     0xA010_0000  the trace: eight words for each event
///     0xC000_0000  the log: every witness record, in order        copied out of the ring after the event that appended it
///
/// An event is its head (kind | mask &lt;&lt; 8), its time, for a trap ESR, FAR, IPA and VBAR, then the values that the running partition has left in
/// those words of its context block whose bits are set in the mask. Frames from 0x8_0000 on are thus the driver's: no system of these tests comes so far.
/// </summary>
internal static class Tape
{
    public const ulong Address = 0x8000_0000, Report = 0xA000_0000, Shadow = 0xA001_0000, Trace = 0xA010_0000, Log = 0xC000_0000, End = 0x1_0000_0000;

    /// <summary>Words of the tape's header: mark, words in all.</summary>
    public const int HeaderWords = 8;

    public const ulong Mark = 0x4550_4154_4d56_5200;

    /// <summary>Kinds of events. Time: what the counter says when the boot reads it.</summary>
    public const ulong Hypercall = 1, Trap = 2, Tick = 3, Time = 4;

    /// <summary>x0–x30, PC and PSTATE: what a recorded event holds.</summary>
    public const int Registers = 33, RecordWords = 8, TraceWords = 8;

    /// <summary>Words of the report: mark, events, records, words of the tape used, then <see cref="Live"/>'s scalars, then address and length of each of its arrays.</summary>
    public const int Events = 1, Records = 2, Used = 3, FirstScalar = 8, FirstArray = 64;

    public const ulong Finished = 0x4853_494e_4946_5652;

    public const int RingRecords = 65536;
}
