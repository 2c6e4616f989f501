// Attempts on memory: loads, stores and branches to addresses that are not the intruder's.
#include "intruder.h"

#define MIB 0x100000UL
#define GIB 0x40000000UL

typedef struct { u64 from, to, step; } range;

static u64 mine(u64 a) { return a >= ((u64)image_start & -PAGE) && a < (u64)image_end + PAGE; }
static void read_at(u64 a)  { probe_fault_at(try_read(a, 0), a); }
static void write_at(u64 a) { probe_fault_at(try_write(a, 0xBADBADBADBADBADBUL), a); }
static void sweep(void (*touch)(u64), const range *r, u64 n)
{
    for (u64 i = 0; i < n; i++)
        for (u64 a = r[i].from; a < r[i].to; a += r[i].step)
            if (!mine(a)) touch(a);
}
#define SWEEP(touch, ...) do { static const range r_[] = { __VA_ARGS__ }; sweep(touch, r_, sizeof r_ / sizeof r_[0]); } while (0)

// The neighbour's addresses in its own space: its image (code, data, stack) and its region.
void neighbour_read(void)  { SWEEP(read_at,  { VICTIM_CODE, VICTIM_CODE + 64 * PAGE, PAGE }, { VICTIM_DATA, VICTIM_DATA + 0x10000, PAGE }); }
void neighbour_write(void) { SWEEP(write_at, { VICTIM_CODE, VICTIM_CODE + 64 * PAGE, PAGE }, { VICTIM_DATA, VICTIM_DATA + 0x10000, PAGE }); }

// GIC distributor and redistributor, UART, RTC, firmware configuration, GPIO, virtio, PCI.
void device_access(void)
{
    SWEEP(read_at, { 0x08000000, 0x08020000, 0x10000 }, { 0x080A0000, 0x080C0000, 0x10000 }, { 0x09000000, 0x09050000, 0x10000 },
          { 0x0A000000, 0x0A004000, 0x200 }, { 0x10000000, 0x10001000, PAGE });
    SWEEP(write_at, { 0x08000000, 0x08020000, 0x10000 }, { 0x080A0000, 0x080C0000, 0x10000 }, { 0x09000000, 0x09050000, 0x10000 },
          { 0x0A000000, 0x0A004000, 0x200 }, { 0x10000000, 0x10001000, PAGE });
}
// The device tree's and the boot bundle's place, and RAM from 0x44000000 on, as if IPAs were physical.
void frames_access(void)
{
    SWEEP(read_at, { 0x42000000, 0x42010000, PAGE }, { 0x44000000, 0x44010000, PAGE }, { 0x46000000, 0x46080000, PAGE }, { 0x47000000, 0x7FF00000, 16 * MIB });
    SWEEP(write_at, { 0x42000000, 0x42010000, PAGE }, { 0x44000000, 0x44010000, PAGE }, { 0x46000000, 0x46080000, PAGE }, { 0x47000000, 0x7FF00000, 16 * MIB });
}
void kernel_read(void)  { SWEEP(read_at,  { 0x40200000, 0x40280000, PAGE }, { 0x40280000, 0x42000000, MIB }); }
void kernel_write(void) { SWEEP(write_at, { 0x40200000, 0x40280000, PAGE }, { 0x40280000, 0x42000000, MIB }); }

void unmapped_low(void)
{
    SWEEP(read_at,  { 0, 16 * PAGE, PAGE }, { 0x10000, 2 * GIB, 8 * MIB });
    SWEEP(write_at, { 0, 16 * PAGE, PAGE }, { 0x10000, 2 * GIB, 32 * MIB });
}
// One per GiB; every one of them would need its own level-1 entry. And the last pages.
void unmapped_high(void)
{
    SWEEP(read_at,  { 2 * GIB, 512 * GIB, GIB }, { 512 * GIB - 4 * PAGE, 512 * GIB, PAGE }, { 1UL << 38, (1UL << 38) + 4 * PAGE, PAGE });
    SWEEP(write_at, { 2 * GIB, 512 * GIB, 8 * GIB }, { 512 * GIB - 4 * PAGE, 512 * GIB, PAGE }, { 1UL << 38, (1UL << 38) + 4 * PAGE, PAGE });
}
// Above the IPA space but within the processor's physical addresses: the hypervisor's matter. Above those: EL1's own address size fault.
void beyond_ipa_space(void)
{
    for (int bit = 39; bit < 44; bit++) {
        read_at(1UL << bit);
        write_at((1UL << bit) + 0x40000000);
        write_at((1UL << (bit + 1)) - 8);
    }
    for (int bit = 44; bit < 56; bit++) { read_at(1UL << bit); write_at(1UL << bit); direct(2); }
}
void own_edges(void)
{
    u64 end = ((u64)image_end + PAGE - 1) & -PAGE;
    for (u64 i = 0; i < 16; i++) { read_at(end + i * PAGE); write_at(end + i * PAGE); }
    read_at((u64)image_start - 8);
    write_at((u64)image_start - PAGE);
}
void write_code(void)
{
    u64 before = fnv1a(FNV_BASIS, image_start, (u64)(code_end - image_start));
    for (u64 a = (u64)image_start; a < (u64)data_start; a += PAGE) probe_fault_at(try_write(a, *(u64 *)a), a);   // what is there: I live on it
    static const u64 constant[1] = { 0xC0DE };           // read-only data lies in the code pages
    probe_fault_at(try_write((u64)constant, 0xBADBADBADBADBADBUL), (u64)constant);
    if (fnv1a(FNV_BASIS, image_start, (u64)(code_end - image_start)) != before) breach("my code has changed", (u64)image_start);
}

#define RET 0xd65f03c0u                  // the instruction `ret`: if data could be executed, the call would simply come back
static u32 shellcode[2] = { RET, RET };

void execute_data(void)
{
    u32 local[2] = { RET, RET };
    __asm__ volatile("dsb sy; ic iallu; dsb sy; isb" ::"r"(local) : "memory");
    probe_fault(try_call((u64)shellcode), (u64)shellcode);
    probe_fault(try_call((u64)local), (u64)local);
    must("mapping my region", region_map(LOOT, WINDOW, 0, 1, PERM_RW), OK);
    *(volatile u32 *)WINDOW = RET;
    probe_fault(try_call(WINDOW), WINDOW);
    must("unmapping it", region_unmap(LOOT, WINDOW, 1), OK);
}
void execute_elsewhere(void)
{
    static const u64 TARGETS[] = { VICTIM_CODE, VICTIM_DATA, 0x40200000, 0x40201000, 0x42000000, 0x46000000, 0, 0x09000000, 1UL << 38, 1UL << 40 };
    for (u64 i = 0; i < sizeof TARGETS / sizeof TARGETS[0]; i++) probe_fault(try_call(TARGETS[i]), TARGETS[i]);
}
