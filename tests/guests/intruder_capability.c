// Attempts on capabilities: forged, dead, too weak, too deep, of the wrong kind.
#include "intruder.h"

// Every call that takes a handle, with arguments that would do harm if the handle were good.
static void try_all(handle h, const u64 *fns, u64 n)
{
    for (u64 i = 0; i < n; i++) probe_status(call(fns[i], h, fns[i] == FN_CAP_GRANT ? 0 : WINDOW, 0, 1, PERM_R), fns[i] << 32 | SLOT_OF(h));
}
static const u64 WITH_HANDLE[] = {
    FN_CAP_GRANT, FN_REGION_MAP, FN_QUEUE_SEND, FN_QUEUE_RECV, FN_PARTITION_CREATE, FN_COMMEDGE_CREATE, FN_COMMEDGE_DESTROY, FN_WITNESS_READ,
    FN_NOTIFY_SIGNAL, FN_NOTIFY_WAIT, FN_CAP_REVOKE, FN_CONSOLE_WRITE, FN_WITNESS_ACK, FN_PARTITION_START, FN_PARTITION_SUSPEND,
    FN_PARTITION_TERMINATE, FN_REGION_UNMAP, FN_CAP_DROP, FN_POLICY_ACTIVATE,
};
#define N_WITH_HANDLE (sizeof WITH_HANDLE / sizeof WITH_HANDLE[0])

// All slots, several generations; beyond the table, several slots.
void forged_handles(void)
{
    static const u64 GENERATIONS[] = { 0, 1, 2, 3, 4, 0x10000, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFE, 0xFFFFFFFF };
    static const u64 SLOTS[] = { 32, 33, 63, 64, 127, 128, 4095, 4096, 0x10000, 0x7FFFFFFF, 0xFFFFFFE0, 0xFFFFFFFF };
    for (u64 g = 0; g < sizeof GENERATIONS / sizeof GENERATIONS[0]; g++) {
        for (u64 s = 0; s < CSLOTS; s++)
            if (s >= OWN_SLOTS || GENERATIONS[g] != 1) try_all(GENERATIONS[g] << 32 | s, WITH_HANDLE, N_WITH_HANDLE);
        for (u64 s = 0; s < sizeof SLOTS / sizeof SLOTS[0]; s++) try_all(GENERATIONS[g] << 32 | SLOTS[s], WITH_HANDLE, N_WITH_HANDLE);
    }
    must("my own region afterwards", region_map(LOOT, WINDOW, 0, 1, PERM_RW), OK);
    must("unmapping it", region_unmap(LOOT, WINDOW, 1), OK);
}

static void use_of(handle dead)
{
    probe_status(region_map(dead, WINDOW, 0, 1, PERM_RW), dead);
    probe_status(region_unmap(dead, WINDOW, 1), dead);
    probe_status(cap_grant(dead, 0, R_READ, 0), dead);
    probe_status(cap_revoke(dead, 0), dead);
}
// child and grandchild of a region's capability; revoking its parent kills both and the parent's old handle, not the new one.
void revoked_capability(void)
{
    handle parent, child, grandchild, renewed;
    must("derive", cap_grant(LOOT, 0, R_READ | R_WRITE | R_GRANT | R_REVOKE, &parent), OK);
    must("derive again", cap_grant(parent, 0, R_READ | R_WRITE | R_GRANT | R_REVOKE, &child), OK);
    must("and again", cap_grant(child, 0, R_READ | R_WRITE | R_GRANT | R_REVOKE, &grandchild), OK);
    must("use the last", region_map(grandchild, WINDOW, 0, 1, PERM_RW), OK);
    must("undo", region_unmap(grandchild, WINDOW, 1), OK);
    must("revoke", cap_revoke(parent, &renewed), OK);
    use_of(child);
    use_of(grandchild);
    use_of(parent);
    must("the renewed one", region_map(renewed, WINDOW, 0, 1, PERM_RW), OK);
    must("undo", region_unmap(renewed, WINDOW, 1), OK);
    must("drop the last", cap_drop(grandchild), OK);
    must("drop the child", cap_drop(child), OK);
    must("drop the parent", cap_drop(renewed), OK);
    use_of(renewed);
    use_of(child);
}
void reused_slot(void)
{
    handle first, second;
    must("derive", cap_grant(LOOT, 0, R_READ | R_WRITE | R_GRANT | R_REVOKE, &first), OK);
    must("drop", cap_drop(first), OK);
    must("derive", cap_grant(LOOT, 0, R_READ | R_WRITE, &second), OK);
    if (SLOT_OF(first) == SLOT_OF(second) && first == second) breach("a handle came twice", first);
    use_of(first);
    for (u64 g = 0; g < GEN_OF(second); g++) probe_status(region_map(g << 32 | SLOT_OF(second), WINDOW, 0, 1, PERM_RW), g);
    must("use", region_map(second, WINDOW, 0, 1, PERM_RW), OK);
    must("undo", region_unmap(second, WINDOW, 1), OK);
    must("drop", cap_drop(second), OK);
}
void dropped_parent(void)
{
    handle parent, child;
    must("derive", cap_grant(LOOT, 0, R_READ | R_WRITE | R_GRANT | R_REVOKE, &parent), OK);
    must("derive", cap_grant(parent, 0, R_READ | R_WRITE | R_GRANT | R_REVOKE, &child), OK);
    must("drop", cap_drop(parent), OK);
    use_of(child);
    handle usurper;                      // takes the parent's slot: the orphan must not wake up
    must("derive", cap_grant(LOOT, 0, R_READ | R_WRITE | R_GRANT | R_REVOKE, &usurper), OK);
    use_of(child);
    must("drop", cap_drop(usurper), OK);
    must("drop", cap_drop(child), OK);
}
// Rights that do not exist: refused, or (bits 32 and up, of which the kernel may know nothing) a capability that is good for nothing.
void ask_for(u64 rights)
{
    handle h;
    i64 s = cap_grant(LOOT, 0, rights, &h);
    if (s != OK || (u32)rights) { probe_status(s, rights); return; }
    probe_status(region_map(h, WINDOW, 0, 1, PERM_R), rights);
    probe_status(region_map(h, WINDOW, 0, 1, PERM_RW), rights);
    probe_status(region_unmap(h, WINDOW, 1), rights);
    probe_status(cap_revoke(h, 0), rights);
    must("drop", cap_drop(h), OK);
}
void extra_rights(void)
{
    handle h, read_only;
    probe_status(cap_grant(PICTURE, 0, R_READ | R_WRITE, &h), PICTURE);
    probe_status(cap_grant(PICTURE, 0, R_READ | R_GRANT | R_REVOKE, &h), PICTURE);
    probe_status(cap_grant(LOOT, 0, R_ALL, &h), LOOT);
    for (int bit = 0; bit < 64; bit++)
        if (bit > 31 || !((R_READ | R_WRITE | R_GRANT | R_REVOKE) >> bit & 1)) ask_for(1UL << bit);
    probe_status(region_map(PICTURE, WINDOW, 0, 1, PERM_RW), PICTURE);
    probe_status(cap_grant(LOOT, VICTIM_READ, R_READ, &h), VICTIM_READ);        // into the victim's space: needs WRITE on it
    must("derive read only", cap_grant(LOOT, 0, R_READ | R_GRANT, &read_only), OK);
    probe_status(cap_grant(read_only, 0, R_READ | R_WRITE, &h), read_only);
    probe_status(region_map(read_only, WINDOW, 0, 1, PERM_RW), read_only);
    must("a reading map", region_map(read_only, WINDOW, 0, 1, PERM_R), OK);
    probe_fault_at(try_write(WINDOW, 1), WINDOW);
    must("undo", region_unmap(read_only, WINDOW, 1), OK);
    must("drop", cap_drop(read_only), OK);
}
void deep_delegation(void)
{
    handle chain[16] = { LOOT };
    u64 depth = 0;
    for (i64 s = OK; s == OK && depth < 15; ) {
        s = cap_grant(chain[depth], 0, R_READ | R_WRITE | R_GRANT | R_REVOKE, &chain[depth + 1]);
        if (s == OK) depth++;
        else probe_status(s, depth);
    }
    if (depth > 8) breach("delegated deeper than 8", depth);
    must("use the deepest", region_map(chain[depth], WINDOW, 0, 1, PERM_R), OK);
    must("undo", region_unmap(chain[depth], WINDOW, 1), OK);
    while (depth) must("drop", cap_drop(chain[depth--]), OK);
}
void grant_once(void)
{
    handle first, second;
    must("the first grant", cap_grant(ONCE, 0, R_READ | R_WRITE, &first), OK);
    probe_status(cap_grant(ONCE, 0, R_READ, &second), ONCE);
    probe_status(cap_grant(first, 0, R_READ, &second), first);
    must("drop", cap_drop(first), OK);
    probe_status(cap_grant(ONCE, 0, R_READ, &second), ONCE);
}
void wrong_right(void)
{
    handle near, far;
    probe_status(partition_suspend(VICTIM_READ), VICTIM_READ);
    probe_status(partition_terminate(VICTIM_READ), VICTIM_READ);
    probe_status(partition_start(VICTIM_READ), VICTIM_READ);
    probe_status(commedge_create(VICTIM_READ, 1, 4, &near, &far), VICTIM_READ);
    probe_status(cap_revoke(VICTIM_READ, 0), VICTIM_READ);
    probe_status(cap_grant(VICTIM_READ, 0, R_READ, &near), VICTIM_READ);
    probe_status(commedge_destroy(LETTERBOX, 0), LETTERBOX);
    probe_status(cap_revoke(LETTERBOX, 0), LETTERBOX);
    probe_status(cap_grant(LETTERBOX, 0, R_WRITE, &near), LETTERBOX);
    probe_status(console_write(SECRET_LOG, "psst", 4), SECRET_LOG);
    probe_status(region_map(PICTURE, WINDOW, 0, 1, PERM_RW), PICTURE);
    probe_status(cap_revoke(PICTURE, 0), PICTURE);
}
void wrong_kind(void)
{
    u64 w[8], bits;
    handle h, far;
    message m = { { 0 } };
    probe_status(witness_read(CONSOLE, 0, w, &bits, &bits), CONSOLE);
    probe_status(witness_ack(CONSOLE, 1), CONSOLE);
    probe_status(witness_read(LOOT, 0, w, &bits, &bits), LOOT);
    probe_status(partition_create(CONSOLE, 0, "mole", 0, 0, &h), CONSOLE);
    probe_status(partition_create(LOOT, 0, "mole", 0, 0, &h), LOOT);
    probe_status(partition_start(LOOT), LOOT);
    probe_status(partition_suspend(LOOT), LOOT);
    probe_status(partition_terminate(LOOT), LOOT);
    probe_status(region_map(CONSOLE, WINDOW, 0, 1, PERM_R), CONSOLE);
    probe_status(region_map(VICTIM_READ, WINDOW, 0, 1, PERM_R), VICTIM_READ);
    probe_status(region_unmap(VICTIM_READ, VICTIM_DATA, 1), VICTIM_READ);
    probe_status(queue_send(CONSOLE, &m), CONSOLE);
    probe_status(queue_recv(CONSOLE, &m, &bits), CONSOLE);
    probe_status(notify_signal(LOOT, 1), LOOT);
    probe_status(notify_wait(LOOT, &bits), LOOT);
    probe_status(commedge_destroy(LOOT, 0), LOOT);
    probe_status(commedge_create(LOOT, 0, 4, &h, &far), LOOT);
    probe_status(console_write(LOOT, "psst", 4), LOOT);
    probe_status(cap_grant(LOOT, CONSOLE, R_READ, &h), CONSOLE);
}
// The intruder is the source: it may write letters, never take any or wait for any.
void other_direction(void)
{
    message m = { { 0x4c4554544552, ~0x4c4554544552UL } };
    u64 got, bits;
    must("a letter", queue_send(LETTERBOX, &m), OK);
    must("a signal", notify_signal(LETTERBOX, 0x5A), OK);
    probe_status(queue_recv(LETTERBOX, &m, &got), LETTERBOX);
    probe_status(notify_wait(LETTERBOX, &bits), LETTERBOX);
}
