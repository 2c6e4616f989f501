include "../../../spec/Machine.dfy"

/** Boot-time memory: the only way the core gets arrays. Every extern here is trusted; Rvm.Heap implements it on the host,
    src/Rvm.Platform.Aarch64 in the image. */
module {:extern "Heap"} Heap {
  import opened Types

  /** Reason: Dafny's own array allocation needs the runtime library; a zeroed array cannot be had deterministically without it. */
  method {:extern} {:axiom} NewU32(n: u32) returns (a: array<u32>)
    ensures fresh(a) && a.Length == n as int && forall i :: 0 <= i < a.Length ==> a[i] == 0

  /** Reason: as NewU32. */
  method {:extern} {:axiom} NewU64(n: u32) returns (a: array<u64>)
    ensures fresh(a) && a.Length == n as int && forall i :: 0 <= i < a.Length ==> a[i] == 0

  /** Contents are arbitrary. Reason: clearing the witness ring (4 MiB) at boot would cost half a million instructions. */
  method {:extern} {:axiom} NewRaw(n: u32) returns (a: array<u64>)
    ensures fresh(a) && a.Length == n as int

  /** n pages of 512 words with arbitrary contents, element 0 on a page boundary of physical memory. Reason: the hardware walks this array. */
  method {:extern} {:axiom} NewTables(n: u32) returns (a: array<u64>)
    requires n <= 4096
    ensures fresh(a) && a.Length == n as int * 512

  /** The physical frame of the table pool's first page. Reason: descriptors hold physical addresses, which Dafny cannot see. */
  method {:extern} {:axiom} TablesFrame() returns (f: u64)
    ensures f <= 0xF_FFFF_F000
}
