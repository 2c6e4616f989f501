include "Step.dfy"

/** What an event may cost, in steps of work.

    A *step* is one activation of a method or function of the core that loops, directly or through what it calls, or one round of a loop. What else
    runs has no loop: it belongs to the step that calls it. So each step is a piece of straight code that a reader can see, and touches at most
    ACCESSES elements of arrays; nothing in the core recurses.

    The core counts its own steps in ghost variables, which are erased when it is compiled, and proves Cost. That it counts all of them is read off
    its text: `rvm audit` finds a loop, a call or an access that is not counted. What a step costs in instructions is measured, not proved:
    docs/proofs.md. What the platform does with the effects, such as clearing new pages, is not the core's work; its length stands in each effect. */
module Cost {
  import opened Types
  import opened Limits
  import opened Step

  /** The most elements of arrays that one step reads or writes. */
  const ACCESSES: nat := 75

  /** Beginning checks two policies: for each call that a policy can speak of at most MAXRULES rules, which with their conditions fill at most MAXPOLICY
      words (calls may share rules). Then it hashes the header and the commands of the bundle word by word, 8 words each, and copies and hashes the policies. */
  const BEGIN: nat := 3_016_000
  /** Making a partition, the dearest command: two steps for each page of code and of data, 514 for each of fifteen tables; and searches of the
      region table. */
  const COMMAND: nat := 27_000
  /** Making a partition is the dearest call, too; mapping MAXMAP pages takes 20,049 steps, taking them away 8,211. Before a call that the policy governs
      come at most 7,200 for what the policy says: two steps for each of MAXRULES rules and one for each condition, all of them in MAXPOLICY words. */
  const CALL: nat := 34_201
  /** A fault may end a partition: 127 that wait for it are woken, and each finds its place in the queue. */
  const FAULT: nat := 11_300
  /** The end of a slice may end a partition, and before that every sleeper may wake. A lease that ends with it takes 4,099 at most. A job gets 18
      steps. */
  const TICK: nat := 23_900

  function Cost(e: Event): nat {
    match e
    case Begin(_, _) => BEGIN
    case Boot(_, _, _) => COMMAND
    case Hypercall(_) => CALL
    case Trap(_, _, _, _, _) => FAULT
    case Tick(_) => TICK
    case Ran(_, _) => 0                          // the platform saves the registers: no work of the core's
  }
  /** No event costs more. */
  const K: nat := 3_016_000
}
