using Rvm.Tool.Audit;
using Rvm.Tool.Audit.Digests;
using Rvm.Tool.Closure;
using Rvm.Tool.Proof;
using Rvm.Tool.Tests.Support;

namespace Rvm.Release.Tests.Support;

/// <summary>A clean audit of the kernel that was built for these tests, with one theorem.</summary>
public static class SmallAudit
{
    public static readonly byte[] Kernel = File.ReadAllBytes(Repository.File(ImageDigest.Kernel));

    private static readonly Obligation Proved = new("Theorem.Safe_means_shut", "spec/Theorem.dfy", 7, "correctness", 1, "proved", 3, 1000);

    public static readonly AuditReport Report = new(
        [], [new Theorem("Theorem.Safe_means_shut", "A safe door is shut.", "spec/Theorem.dfy", 7, "proved", 1000)], [Proved],
        [new Trusted("extern", "Heap.New", "src/Rvm.Verified/platform/Heap.dfy", 3, 0, "Dafny cannot.", "method New ( n : nat ) ensures fresh ( a )")],
        [new PartSize("spec", 1, 10, 12)], [new Budget("externs with a contract", 1, 25)], [new ToolVersion("Dafny", "4.11.0")])
    {
        Closures = [new TheoremClosure("Theorem.Safe_means_shut", "A safe door is shut.", "1. Doors", "spec/Theorem.dfy", 7,
            "lemma Safe_means_shut ( d : Door ) requires Safe ( d ) ensures d . Shut?", "d1", "d2", [1, 2], [], [], 0, 1, 0, 1000, "Theorem.Safe_means_shut")],
        Symbols =
        [
            new ClosureSymbol("Theorem.Safe_means_shut", "lemma", "spec/Theorem.dfy", 7, true, "d1", null, null),
            new ClosureSymbol("State.Door", "datatype", "spec/State.dfy", 2, false, "d3", "datatype Door = Open | Shut ( key : int )", null),
            new ClosureSymbol("State.Safe", "predicate", "spec/State.dfy", 3, false, "d4", "predicate Safe ( d : Door ) { d . Shut? }", null),
        ],
        Kernel = ImageDigest.Of(ImageDigest.Kernel, Kernel),
    };

    public static readonly string Json = AuditWriter.Json(Report);

    public static AuditDocument Document => AuditDocument.Parse(Json, "audit.json");

    public static string JsonOf(AuditReport report) => AuditWriter.Json(report);

    public static Finding Finding => new("stale", new Place("spec/State.dfy", 0, 0), "no proof of the present text");
}
