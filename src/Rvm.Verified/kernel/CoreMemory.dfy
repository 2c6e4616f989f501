include "Common.dfy"

/** More small operations on the kernel: maps, regions, partition slots, images. Each is one change of the abstract state. */
module CoreMemory {
  import opened Types
  import opened Limits
  import opened CoreState
  import Kinds
  import State
  import Apply
  import Common
  import Step
  import Valid
  import M = Memory
  import Sch = Scheduler
  import Edg = Edges

  /** The partition's root table has been cleared: it exists, or is the hypervisor's slot 0. */
  ghost predicate Mappable(k: Core, p: u32) requires k.Inv() reads k.Repr() { p < NPART && (p == 0 || k.Abs().st.parts[p].life != Kinds.Free) }
  ghost function WithMap(s: State.Kernel, p: u32, m: State.Map): State.Kernel requires p as int < |s.st.maps| { s.(st := s.st.(maps := s.st.maps[p as int := m])) }

  // ---- stage-2 maps ---------------------------------------------------------------------------------------------------------

  method Map(k: Core, p: u32, page: u32, n: u32, frame: u64, perm: u32, ghost r: u32)
    requires k.Inv() && k.Rooted() && Mappable(k, p)
    requires 0 < n && page as int + n as int <= IPAPAGES as int && frame as int + n as int <= M.FRAMES as int && perm <= 3
    requires M.Fits(k.Abs().st.maps[p], page, n) && M.Unmapped(k.Abs().st.maps[p], page, n)
    modifies k.Repr()
    ensures k.Inv() && k.Effects() == old(k.Effects()) && k.Rooted()
    ensures k.Abs() == WithMap(old(k.Abs()), p, M.MapRange(old(k.Abs()).st.maps[p], page, n, frame, perm, r))
  {
    hide M.MapRange, M.Fits, M.Unmapped;
    reveal k.Separate();
    k.stage2.Map(p, page, n, frame, perm, r);
  }
  method Unmap(k: Core, p: u32, page: u32, n: u32)
    requires k.Inv() && k.Rooted() && Mappable(k, p) && page as int + n as int <= IPAPAGES as int
    requires forall w: u32 :: M.InRun(w, page, n) ==> w in k.Abs().st.maps[p].pages
    modifies k.Repr()
    ensures k.Inv() && k.Effects() == old(k.Effects()) && k.Rooted()
    ensures k.Abs() == WithMap(old(k.Abs()), p, M.UnmapRange(old(k.Abs()).st.maps[p], page, n))
  {
    hide M.UnmapRange;
    reveal k.Separate();
    k.stage2.Unmap(p, page, n);
  }
}
