// Attempts through the call interface: undefined numbers, wild arguments, the other conduits.
#include "intruder.h"

static const u64 DEFINED[] = {
    FN_CAP_GRANT, FN_REGION_MAP, FN_QUEUE_SEND, FN_QUEUE_RECV, FN_TIMER_WAIT, FN_PARTITION_CREATE, FN_COMMEDGE_CREATE, FN_COMMEDGE_DESTROY,
    FN_WITNESS_READ, FN_NOTIFY_SIGNAL, FN_NOTIFY_WAIT, FN_CAP_REVOKE, FN_YIELD, FN_EXIT, FN_CONSOLE_WRITE, FN_WITNESS_ACK, FN_PARTITION_START,
    FN_PARTITION_SUSPEND, FN_PARTITION_TERMINATE, FN_REGION_UNMAP, FN_CAP_DROP, FN_POLICY_ACTIVATE, FN_PROOF_SUBMIT, FN_PROOF_STATUS,
    FN_DEVICE_LEASE_ACQUIRE, FN_DEVICE_LEASE_REVOKE, FN_LEASE_RENEW, FN_SMCCC_VERSION, FN_VENDOR_UID, FN_PSCI_VERSION,
    FN_PSCI_FEATURES, FN_SYSTEM_OFF, FN_SYSTEM_RESET,
};
static int defined(u64 fn)
{
    for (u64 i = 0; i < sizeof DEFINED / sizeof DEFINED[0]; i++) if ((u32)DEFINED[i] == (u32)fn) return 1;
    return 0;
}
// With arguments that would do harm if the number meant something.
static void undefined(u64 fn)
{
    if (!defined(fn)) probe_status(call(fn, LOOT, WINDOW, 0, 1, PERM_RW), fn);
}
static void undefined_from(u64 fn, u64 n) { for (u64 i = 0; i < n; i++) undefined(fn + i); }

void undefined_rvm(void)
{
    undefined_from(0xC6000000, 256);
    undefined_from(0xC600FF00, 4);       // SMCCC general queries of the range
    undefined_from(0xC600FFF0, 16);
}
void undefined_smccc(void)
{
    static const u64 RANGES[] = {
        0x00000000, 0x01000000, 0x02000000, 0x1000000000000000, 0x80000001, 0x80000002, 0x80003FFF, 0x80007FFF, 0x80008000, 0x8000FFFF, 0x81000000, 0x82000000,
        0x83000000, 0x8400FF01, 0x85000000, 0x8600FF00, 0x8600FF03, 0x86000000, 0x86000041, 0x86000042, 0x87000000, 0xB0000000, 0xB2000000, 0xBF000000,
        0xC0000000, 0xC1000000, 0xC4000001, 0xC4000003, 0xC4000008, 0xC5000000, 0xC7000000, 0xF2000000, 0xFFFFFFFE, 0xFFFFFFFF,
        0x46000041, 0xC6010041, 0xD6000041, 0xFFFFFFFFFFFFFFFF, 0x8000000000000000,
    };
    undefined_from(0x84000000, 32);      // PSCI: cpu_on, cpu_off, cpu_suspend, migrate, …
    undefined_from(0xC4000000, 32);
    for (u64 i = 0; i < sizeof RANGES / sizeof RANGES[0]; i++) undefined(RANGES[i]);
}
void undefined_random(void)
{
    for (u64 i = 0; i < 512; i++) {
        undefined(mix64(i));                                  // 64 random bits
        undefined((u32)mix64(i ^ 0x5555));                    // 32 random bits
        undefined(0xC6000000 | (mix64(i ^ 0xAAAA) & 0xFFFF)); // RVM's owner number
    }
}

// LOOT has 16 pages. Each row breaks one rule.
void wild_map(void)
{
    static const u64 ROWS[][4] = {       // IPA, first page, pages, permission
        { WINDOW + 1, 0, 1, PERM_RW }, { WINDOW + 8, 0, 1, PERM_RW }, { WINDOW + 0x800, 0, 1, PERM_RW },
        { WINDOW, 0, 0, PERM_RW }, { WINDOW, 0, 17, PERM_RW }, { WINDOW, 16, 1, PERM_RW }, { WINDOW, 1, 16, PERM_RW }, { WINDOW, 0, 4096, PERM_RW },
        { WINDOW, 0, 4097, PERM_RW }, { WINDOW, ~0UL, 1, PERM_RW }, { WINDOW, ~0UL, 2, PERM_RW }, { WINDOW, 1, ~0UL, PERM_RW },
        { WINDOW, 0, ~0UL, PERM_RW }, { WINDOW, 1UL << 63, (1UL << 63) + 1, PERM_RW }, { WINDOW, 1UL << 32, 1, PERM_RW },
        { WINDOW, 0, (1UL << 32) + 1, PERM_RW }, { WINDOW, 0, (1UL << 52) + 1, PERM_RW }, { WINDOW, 1UL << 52, 1, PERM_RW },
        { 1UL << 39, 0, 1, PERM_RW }, { (1UL << 39) - PAGE, 0, 2, PERM_RW }, { (1UL << 39) | WINDOW, 0, 1, PERM_RW },
        { (1UL << 40) | WINDOW, 0, 1, PERM_RW }, { (1UL << 48) | WINDOW, 0, 1, PERM_RW }, { (1UL << 63) | WINDOW, 0, 1, PERM_RW },
        { -PAGE, 0, 1, PERM_RW }, { -PAGE, 0, 2, PERM_RW }, { -2 * PAGE, 0, 16, PERM_RW }, { ~0UL, 0, 1, PERM_RW },
        { 0x40000000, 0, 1, PERM_RW }, { 0x40000000, 0, 16, PERM_RW }, { 0x3FFFF000, 0, 2, PERM_RW },
        { WINDOW, 0, 1, PERM_RX }, { WINDOW, 0, 1, PERM_DEVICE }, { WINDOW, 0, 1, 4 }, { WINDOW, 0, 1, 7 }, { WINDOW, 0, 1, (1UL << 32) | PERM_RW },
        { WINDOW, 0, 1, 1UL << 63 }, { WINDOW, 0, 1, ~0UL },
    };
    for (u64 i = 0; i < sizeof ROWS / sizeof ROWS[0]; i++) probe_status(region_map(LOOT, ROWS[i][0], ROWS[i][1], ROWS[i][2], ROWS[i][3]), i);
    probe_fault_at(try_read(WINDOW, 0), WINDOW);
    probe_fault_at(try_read((1UL << 39) - PAGE, 0), (1UL << 39) - PAGE);
    must("a good map", region_map(LOOT, WINDOW, 0, 2, PERM_RW), OK);
    probe_status(region_map(LOOT, WINDOW, 0, 1, PERM_RW), WINDOW);               // what is mapped stays as it is
    probe_status(region_map(LOOT, WINDOW + PAGE, 4, 2, PERM_R), WINDOW);
    probe_status(region_map(LOOT, WINDOW - PAGE, 4, 2, PERM_RW), WINDOW);
    probe_fault_at(try_read(WINDOW - PAGE, 0), WINDOW - PAGE);
    must("undo", region_unmap(LOOT, WINDOW, 2), OK);
    probe_fault_at(try_read(WINDOW, 0), WINDOW);
    // One page in each of many GiB: the tables of a partition are limited, the hypervisor's memory is not the guest's to spend.
    u64 mapped = 0;
    i64 s = OK;
    for (; s == OK && mapped < 32; ) {
        s = region_map(LOOT, (mapped + 8) << 30, 0, 1, PERM_RW);
        if (s == OK) mapped++;
    }
    probe_status(s, mapped);
    for (u64 i = 0; i < mapped; i++) must("undo", region_unmap(LOOT, (i + 8) << 30, 1), OK);
}
void wild_unmap(void)
{
    static const u64 ROWS[][2] = {       // IPA, pages; two pages of LOOT are mapped at WINDOW
        { WINDOW + 1, 1 }, { WINDOW, 3 }, { WINDOW - PAGE, 2 }, { WINDOW + 2 * PAGE, 1 }, { WINDOW, 4097 }, { WINDOW, ~0UL }, { WINDOW, 1UL << 63 },
        { WINDOW, (1UL << 32) + 1 }, { WINDOW, (1UL << 52) + 1 }, { (1UL << 39) | WINDOW, 1 }, { (1UL << 63) | WINDOW, 1 }, { 1UL << 39, 1 },
        { -PAGE, 1 }, { -PAGE, 2 }, { ~0UL, 1 }, { 0, 1 }, { 0x40000000, 1 }, { VICTIM_CODE, 1 }, { VICTIM_DATA, 1 },
    };
    must("map", region_map(LOOT, WINDOW, 0, 2, PERM_RW), OK);
    for (u64 i = 0; i < sizeof ROWS / sizeof ROWS[0]; i++) probe_status(region_unmap(LOOT, ROWS[i][0], ROWS[i][1]), i);
    probe_status(region_unmap(PICTURE, WINDOW, 1), PICTURE);                     // another region's pages
    probe_status(region_unmap(LOOT, (u64)data_start & -PAGE, 1), 0);             // my own data: no capability names it
    u64 value;
    if (try_write(WINDOW, 42) || try_read(WINDOW, &value) || value != 42) must("the map is still whole", InternalError, OK);
    must("unmap", region_unmap(LOOT, WINDOW, 2), OK);
    probe_fault_at(try_read(WINDOW, 0), WINDOW);                                 // no stale translation
    probe_status(region_unmap(LOOT, WINDOW, 2), WINDOW);
}
void wild_console(void)
{
    static const u64 LENGTHS[] = { 105, 106, 112, 128, 4096, 1UL << 32, (1UL << 32) + 4, 1UL << 63, ~0UL };
    for (u64 i = 0; i < sizeof LENGTHS / sizeof LENGTHS[0]; i++) {
        regs r = { .x = { 0, CONSOLE, LENGTHS[i], 0x4141414141414141 } };
        probe_status(hvc(FN_CONSOLE_WRITE, &r), LENGTHS[i]);
    }
}
void wild_other(void)
{
    static const u64 WILD[] = { 8, 31, 0xFFFFFFFF, 0x1FFFFFFFF, 1UL << 63, ~0UL, 0x40000000, 0x40200000, HANDLE(31), HANDLE(32), HANDLE(0xFFFFFFFF) };
    handle h;
    for (u64 i = 0; i < sizeof WILD / sizeof WILD[0]; i++) {
        probe_status(cap_grant(LOOT, WILD[i], R_READ, &h), WILD[i]);
        probe_status(cap_grant(WILD[i], WILD[i], ~0UL, &h), WILD[i]);
        probe_status(cap_grant(LOOT, 0, WILD[i] | 1UL << 31, &h), WILD[i]);
        probe_status(call(FN_QUEUE_SEND, WILD[i], ~0UL, ~0UL, ~0UL, ~0UL), WILD[i]);
        probe_status(call(FN_PARTITION_CREATE, WILD[i], ~0UL, ~0UL, ~0UL, ~0UL), WILD[i]);
        probe_status(call(FN_COMMEDGE_CREATE, WILD[i], ~0UL, ~0UL, ~0UL, ~0UL), WILD[i]);
        probe_status(call(FN_POLICY_ACTIVATE, WILD[i], ~0UL, ~0UL, ~0UL, ~0UL), WILD[i]);
        probe_status(call(FN_DEVICE_LEASE_ACQUIRE, WILD[i], ~0UL, ~0UL, ~0UL, ~0UL), WILD[i]);
        probe_status(call(FN_DEVICE_LEASE_REVOKE, WILD[i], ~0UL, ~0UL, ~0UL, ~0UL), WILD[i]);
        probe_status(call(FN_LEASE_RENEW, WILD[i], ~0UL, ~0UL, ~0UL, ~0UL), WILD[i]);
        probe_status(call(FN_WITNESS_READ, WILD[i], ~0UL, ~0UL, ~0UL, ~0UL), WILD[i]);
        probe_status(call(FN_WITNESS_ACK, WILD[i], ~0UL, ~0UL, ~0UL, ~0UL), WILD[i]);
    }
}

void smc_calls(void)
{
    static const u64 IDS[] = { FN_SYSTEM_OFF, FN_SYSTEM_RESET, FN_PSCI_VERSION, 0x84000003, 0xC4000003, 0x84000002, FN_SMCCC_VERSION, FN_EXIT, FN_YIELD, 0, ~0UL };
    for (u64 i = 0; i < sizeof IDS / sizeof IDS[0]; i++) {
        regs r = { .x = { IDS[i], 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18 } };
        smc_raw(&r);
        refused_calls++;
        probe_status((i64)r.x[0], IDS[i]);
        for (u64 k = 1; k < 19; k++) if (r.x[k] != k) breach("SMC changed a register", k);
    }
}
void hvc_immediate(void)
{
    static const u64 IDS[] = { FN_SMCCC_VERSION, FN_YIELD, FN_PSCI_VERSION };
    for (u64 i = 0; i < 3; i++) {
        regs r = { .x = { IDS[i] } };
        if (ATTEMPT(hvc_imm1_raw(&r))) { probe_fault(1, IDS[i]); continue; }
        refused_calls++;
        probe_status((i64)r.x[0], IDS[i]);
    }
}
