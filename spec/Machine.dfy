/** The numbers of the machine: word sizes, limits, status codes, record kinds, rights and the few bit operations.
    The only file of spec/ that is also compiled into the kernel. */

module {:compile false} Types {
  newtype u8  = x: int | 0 <= x < 0x100
  newtype u32 = x: int | 0 <= x < 0x1_0000_0000
  newtype u64 = x: int | 0 <= x < 0x1_0000_0000_0000_0000
}

module Limits {
  import opened Types
  const NPART:   u32 := 128                // partition slots; id 0 is the hypervisor
  const EVERYBODY: u32 := 128              // who owns a shared region: no partition's id
  const CSLOTS:  u32 := 32                 // capability slots of one partition
  const NCAP:    u32 := 4096               // NPART * CSLOTS
  const NREGION: u32 := 512
  const NEDGE:   u32 := 256
  const QDEPTH:  u32 := 16                 // most messages in one queue
  const NTAB:    u32 := 16                 // stage-2 tables of one partition, root included
  const NIMAGE:  u32 := 64
  const NPOLICY: u32 := 2                  // policies of one bundle
  const NDEVICE: u32 := 32                 // devices that can be leased
  const RING:    u64 := 65536              // records in the witness ring
  const MAXMAP:  u64 := 4096               // most pages in one mapping call
  const IPAPAGES: u64 := 0x800_0000        // 2^27 pages of 4 KiB: 39 address bits
  const MAXDEPTH: u32 := 8                 // longest derivation path
  const GENMAX:  u32 := 0xFFFF_FFFE        // the last generation a used slot may have
  const CTXW:    u32 := 64                 // words of a context block
  const NCTX:    u32 := 8192               // NPART * CTXW
  const MAXLINE: u64 := 104                // bytes of one console line
  const BOOTQUOTA: u64 := 8192             // records the hypervisor itself may hold undrained
  const TIMEMAX: u64 := 0xFFFF_FFFF_FFFF_FFFF
  const LO32:    u64 := 0x1_0000_0000
  const MINSLICE: u64 := 625               // counts: 10 µs at 62.5 MHz; with less a guest might never get to an instruction
  const FRAMES:  u64 := 0x10_0000_0000     // 2^36 frames: 48 bits of physical address
  const NOGEN:   u32 := 0xFFFF_FFFF        // a generation that no capability carries
  const MAGIC:   u64 := 0x314C_444E_424D_5652   // "RVMBNDL1": how a boot bundle begins
  const MAXCMDS: u64 := 4096               // most commands of a bundle
}

/** Function ids of SMCCC and PSCI that RVM answers. */
module Standard {
  import opened Types
  const SMCCC_VERSION: u64 := 0x8000_0000
  const PSCI_VERSION:  u64 := 0x8400_0000
  const SYSTEM_OFF:    u64 := 0x8400_0008
  const SYSTEM_RESET:  u64 := 0x8400_0009
  const PSCI_FEATURES: u64 := 0x8400_000A
  const VENDOR_UID:    u64 := 0x8600_FF01
}

/** The states of ADR-148, as the 64-bit two's complement values that guests see in x0. */
module Status {
  import opened Types
  const OK:                     u64 := 0
  const Unsupported:            u64 := 0xFFFF_FFFF_FFFF_FFFF
  const PartitionNotFound:      u64 := 0xFFFF_FFFF_FFFF_FFFE
  const InvalidPartitionState:  u64 := 0xFFFF_FFFF_FFFF_FFFD
  const PartitionLimitExceeded: u64 := 0xFFFF_FFFF_FFFF_FFFC
  const InsufficientCapability: u64 := 0xFFFF_FFFF_FFFF_FFF6
  const StaleCapability:        u64 := 0xFFFF_FFFF_FFFF_FFF5
  const CapabilityTypeMismatch: u64 := 0xFFFF_FFFF_FFFF_FFF4
  const DelegationDepthExceeded: u64 := 0xFFFF_FFFF_FFFF_FFF3
  const CapabilityConsumed:     u64 := 0xFFFF_FFFF_FFFF_FFF2
  const WitnessLogFull:         u64 := 0xFFFF_FFFF_FFFF_FFEF
  const ProofInvalid:           u64 := 0xFFFF_FFFF_FFFF_FFEE
  const MemoryOverlap:          u64 := 0xFFFF_FFFF_FFFF_FFE9
  const AlignmentError:         u64 := 0xFFFF_FFFF_FFFF_FFE8
  const OutOfMemory:            u64 := 0xFFFF_FFFF_FFFF_FFE6
  const DeviceLeaseNotFound:    u64 := 0xFFFF_FFFF_FFFF_FFE5
  const DeviceLeaseExpired:     u64 := 0xFFFF_FFFF_FFFF_FFE4
  const DeviceLeaseConflict:    u64 := 0xFFFF_FFFF_FFFF_FFE3
  const ResourceLimitExceeded:  u64 := 0xFFFF_FFFF_FFFF_FFDF
}

/** Object kinds of seed 004 §3.2 (0 marks an empty capability slot), region policies, permissions, partition states. */
module Kinds {
  import opened Types
  const None: u32 := 0
  const Region: u32 := 1
  const Partition: u32 := 6
  const CommEdge: u32 := 7
  const DeviceLease: u32 := 8
  const WitnessLog: u32 := 9
  const PhysMemPool: u32 := 10
  const Console: u32 := 11
  const Policy: u32 := 12

  const Immutable: u32 := 0                // R, RX
  const AppendOnly: u32 := 1               // R
  const Slab: u32 := 2                     // R, RW
  const Device: u32 := 3                   // device RW
  const Shared: u32 := 4                   // R, for whoever holds a capability for it

  const PermR: u32 := 0
  const PermRW: u32 := 1
  const PermRX: u32 := 2
  const PermDev: u32 := 3

  const Free: u32 := 0                     // lifecycle of a partition slot
  const Created: u32 := 1
  const Started: u32 := 2
  const Suspended: u32 := 3

  const Stopped: u32 := 0                  // what a started partition is doing
  const Ready: u32 := 1
  const Running: u32 := 2
  const Sleeping: u32 := 3                 // until a time
  const Waiting: u32 := 4                  // for a notification on an edge
}

/** Capability rights of seed 004 §3.2 and the operations on right masks. Opaque: proofs use the lemmas, never the bits. */
module Rights {
  import opened Types
  const READ: u32 := 1
  const WRITE: u32 := 2
  const GRANT: u32 := 4
  const GRANT_ONCE: u32 := 8
  const PROVE: u32 := 0x10
  const REVOKE: u32 := 0x20
  const LEASE: u32 := 0x400
  const WITNESS: u32 := 0x800
  const ALL: u32 := 0xFFF

  /** The four low bits, which can be taken away, and the others. (Apart, because no solver gets a mask through an integer of 32 bits.) */
  function Low(a: u32): bv8 { (a % 16) as bv8 }
  function High(a: u32): bv32 { (a / 16) as bv32 }
  opaque predicate Subset(a: u32, b: u32) { Low(a) & Low(b) == Low(a) && High(a) & High(b) == High(a) }
  /** a without those of the low four rights that m has. */
  opaque function Without(a: u32, m: u32): u32 { a / 16 * 16 + (Low(a) & (15 - Low(m))) as u32 }
  lemma SubsetOfItself(a: u32) ensures Subset(a, a) { reveal Subset(); }
  lemma SubsetIsTransitive(a: u32, b: u32, c: u32) requires Subset(a, b) && Subset(b, c) ensures Subset(a, c) { reveal Subset(); }
  lemma LowMask(x: bv8) requires x < 16 ensures x as u32 < 16 && (x as u32) as bv8 == x {}
  lemma WithoutParts(a: u32, m: u32)
    ensures Low(Without(a, m)) == Low(a) & (15 - Low(m)) && High(Without(a, m)) == High(a)
  {
    reveal Without();
    var x := Low(a) & (15 - Low(m));
    assert x < 16;
    LowMask(x);
    assert Without(a, m) / 16 == a / 16 && Without(a, m) % 16 == x as u32;
  }
}

/** 64-bit FNV-1a over the bytes of words, and the bitwise or of notification masks. Opaque everywhere. */
module Hash {
  import opened Types
  const BASIS: u64 := 0xcbf2_9ce4_8422_2325
  const SEED: bv64 := 0xcbf2_9ce4_8422_2325

  opaque function Or(a: u64, b: u64): u64 { ((a as bv64) | (b as bv64)) as u64 }

  /** FNV-1a's step: exclusive or with a byte, then times the prime p. */
  opaque function Stir(h: bv64, b: bv64, p: bv64): bv64 { (h ^ b) * p }
  /** The low byte of w mixed into h. */
  opaque function Mix1(h: bv64, w: bv64): bv64 { Stir(h, w & 0xff, 0x100_0000_01b3) }
  /** The four low bytes of w, low byte first. */
  opaque function Mix4(h: bv64, w: bv64): bv64 { Mix1(Mix1(Mix1(Mix1(h, w), w / 0x100), w / 0x1_0000), w / 0x100_0000) }
  opaque function Mix8(h: bv64, w: bv64): bv64 { Mix4(Mix4(h, w), w / 0x1_0000_0000) }
  opaque function Bits(x: u64): bv64 { x as bv64 }
  opaque function Number(b: bv64): u64 { b as u64 }
  opaque function Fnv4(h: u64, w: u64): u64 { Number(Mix4(Bits(h), Bits(w))) }
  opaque function Fnv8(h: u64, w: u64): u64 { Number(Mix8(Bits(h), Bits(w))) }

  /** The 20 bytes before the subject: seqno, time, kind, tier and two zero bytes. */
  function MixHead(seqno: bv64, time: bv64, kind: bv64, tier: bv64): bv64 {
    Mix1(Mix1(Mix1(Mix1(Mix8(Mix8(SEED, seqno), time), kind), tier), 0), 0)
  }
  /** The other 36 bytes: subject, object, aux, the hash before and the flags, which are zero. */
  function MixTail(h: bv64, subject: bv64, obj: bv64, aux: bv64, before: bv64): bv64 {
    Mix4(Mix8(Mix8(Mix8(Mix8(h, subject), obj), aux), before), 0)
  }
  /** FNV-1a over bytes 0–51 and 60–63 of the record layout in docs/abi.md §6; of kind and tier the low byte. */
  opaque function Record(seqno: u64, time: u64, kind: u64, tier: u64, subject: u64, obj: u64, aux: u64, before: u64): u64 {
    Number(MixTail(MixHead(Bits(seqno), Bits(time), Bits(kind), Bits(tier)), Bits(subject), Bits(obj), Bits(aux), Bits(before)))
  }
}

/** The sizes of a policy table and of a request (spec/Policy.dfy draws them). */
module PolicyLimits {
  import opened Types
  const MAXPOLICY: u32 := 16384            // words: header, index and rules
  const CALLS: u32 := 128                  // call numbers that a policy can speak of
  const HEADER: u32 := 8                   // words before the index
  const BODY: u32 := 136                   // HEADER + CALLS: where rules may begin
  const FIELDS: u32 := 18                  // of a request
  const MAXRULES: u32 := 1024              // of one call
  const MAXCONDS: u32 := 32                // of one rule
  const NORULE: u32 := 4095                // no rule has this number
  const POLICY: u64 := 0x3159_4C4F_504D_5652    // "RVMPOLY1": how a table begins
  const VERSION: u64 := 1
}

/** What a condition of a policy asks of the value x of its field; a and b are numbers in the condition, y is the value of a second field. */
module Operators {
  import opened Types
  const Range:     u32 := 0                // a <= x <= b
  const Outside:   u32 := 1                // x < a or b < x
  const Member:    u32 := 2                // bit x of the 128-bit set b:a
  const NotMember: u32 := 3
  const Bits:      u32 := 4                // x & a = b
  const NotBits:   u32 := 5                // x & a != b
  const AtMost:    u32 := 6                // x <= y + a
  const Above:     u32 := 7                // x > y + a
}

/** The bits that two words have in common. Opaque everywhere: no solver gets a mask through an integer. */
module Masks {
  import opened Types
  opaque function And(a: u64, b: u64): u64 { ((a as bv64) & (b as bv64)) as u64 }
}
