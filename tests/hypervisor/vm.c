// The VM of this process: stage 2 as tables that the emulated processor walks, and the framework's rules about maps.
#include "standin.h"
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

pthread_mutex_t standin_lock = PTHREAD_MUTEX_INITIALIZER;
vcpu *standin_vcpus[MAX_VCPUS];

enum { MOST_MAPS = 65536, MOST_TABLES = 16384, MOST_NOTES = 1024, DEFAULT_BITS = 36, MAX_BITS = 40 };

typedef struct { hv_ipa_t ipa; uint64_t bytes; } map;
struct hv_vm_config_s { uint32_t ipa_bits; hv_ipa_granule_t granule; };
typedef struct hv_vm_config_s *hv_vm_config_t;

static struct {
    bool exists;
    uint32_t ipa_bits;
    uint64_t granule;
    map *maps;                       // in the order of their addresses
    int nmaps;
    uint64_t (*tables)[512];
    int ntables;
    uint64_t calls[3];               // hv_vm_map, hv_vm_unmap, hv_vm_protect since the process began
} vm;
static uintptr_t chunks[CHUNKS];
static int nchunks;
static uint64_t notes[MOST_NOTES];        // addresses of instructions that the emulator does not treat as the architecture does
static int nnotes;
typedef struct { void *host; uint64_t bytes; } change;
static change *changes;                   // memory whose instructions are no longer what they were
static int nchanges;

bool vm_exists(void) { return vm.exists; }
unsigned vm_ipa_bits(void) { return vm.ipa_bits; }
uint64_t vm_root(void) { return vm_physical(vm.tables[0]); }

// A chunk is an aligned GiB of this process's addresses. The engine is told of it as a whole; only what stage 2 maps is ever touched.
uint64_t vm_physical(const void *host)
{
    uintptr_t start = (uintptr_t)host & ~(CHUNK - 1);
    int i = 0;
    while (i < nchunks && chunks[i] != start) i++;
    if (i == CHUNKS) abort();
    if (i == nchunks) chunks[nchunks++] = start;
    return PHYSICAL + (uint64_t)i * CHUNK + ((uintptr_t)host - start);
}
void *vm_chunk(int i) { return i < nchunks ? (void *)chunks[i] : NULL; }

// ---- stage 2 --------------------------------------------------------------------------------------------------------------------

static uint64_t *table_of(uint64_t descriptor)
{
    uint64_t pa = descriptor & 0xfffffffff000;
    return (uint64_t *)(chunks[(pa - PHYSICAL) / CHUNK] + (pa - PHYSICAL) % CHUNK);
}
// The level-3 entry of a page. The root has two tables side by side for 40 bits.
static uint64_t *entry_of(uint64_t ipa, bool make)
{
    uint64_t *t = vm.tables[0] + (ipa >> 30);
    for (int level = 2; level <= 3; level++) {
        if (!(*t & 1)) {
            if (!make || vm.ntables == MOST_TABLES) return NULL;
            *t = vm_physical(vm.tables[vm.ntables++]) | 3;
        }
        t = table_of(*t) + ((ipa >> (level == 2 ? 21 : 12)) & 511);
    }
    return t;
}
static uint64_t descriptor(const char *host, hv_memory_flags_t flags)
{
    uint64_t access = (flags & (HV_MEMORY_READ | HV_MEMORY_EXEC) ? 1UL << 6 : 0) | (flags & HV_MEMORY_WRITE ? 1UL << 7 : 0);
    uint64_t never = flags & HV_MEMORY_EXEC ? 0 : 2UL << 53;
    return flags & 7 ? vm_physical(host) | 0xf << 2 | access | 3 << 8 | 1 << 10 | never | 3 : 0;
}
uint32_t vm_instruction(uint64_t ipa)
{
    uint64_t *e = ipa >> vm.ipa_bits ? NULL : entry_of(ipa, false);
    return e && *e & 1 ? ((uint32_t *)table_of(*e))[ipa % 4096 / 4] : 0;
}
int vm_note(int i, uint64_t *address)
{
    if (i < nnotes) *address = notes[i];
    return i < nnotes;
}
static void note(const uint32_t *code, uint64_t bytes, hv_ipa_t ipa)
{
    for (uint64_t i = 0; i < bytes / 4; i++)
        if (is_noted(code[i]) && nnotes < MOST_NOTES) {
            int known = 0;
            while (known < nnotes && notes[known] != ipa + i * 4) known++;
            if (known < nnotes) continue;
            notes[nnotes++] = ipa + i * 4;
            vm_change_code((void *)((uintptr_t)(code + i) & ~4095UL), 4096);
        }
}
void vm_change_code(void *host, uint64_t bytes)
{
    if (nchanges % 256 == 0) changes = realloc(changes, sizeof *changes * (size_t)(nchanges + 256));
    if (!changes) abort();
    uint64_t here = CHUNK - (uintptr_t)host % CHUNK;
    changes[nchanges++] = (change){ host, bytes < here ? bytes : here };
    vm_physical(host);
    if (bytes > here) vm_change_code((char *)host + here, bytes - here);
}
int vm_changed_code(int i, void **host, uint64_t *bytes)
{
    if (i >= nchanges) return 0;
    *host = changes[i].host;
    *bytes = changes[i].bytes;
    return 1;
}
// No processor uses an old translation after this.
static void flush(void)
{
    for (int i = 0; i < MAX_VCPUS; i++) {
        vcpu *v = standin_vcpus[i];
        if (!v) continue;
        v->flush = true;
        v->kick = true;
        if (!pthread_equal(v->owner, pthread_self()))
            while (v->inside && v->flush) { }
    }
}

// ---- the framework's calls ------------------------------------------------------------------------------------------------------

API hv_vm_config_t hv_vm_config_create(void)
{
    hv_vm_config_t c = calloc(1, sizeof *c);
    if (c) *c = (struct hv_vm_config_s){ DEFAULT_BITS, HV_IPA_GRANULE_16KB };
    return c;
}
API void os_release(void *object) { free(object); }

#if MACOS >= 13
API hv_return_t hv_vm_config_get_max_ipa_size(uint32_t *bits) { *bits = MAX_BITS; return HV_SUCCESS; }
API hv_return_t hv_vm_config_get_default_ipa_size(uint32_t *bits) { *bits = DEFAULT_BITS; return HV_SUCCESS; }
API hv_return_t hv_vm_config_set_ipa_size(hv_vm_config_t c, uint32_t bits)
{
    if (!c || bits < 32 || bits > MAX_BITS) return HV_BAD_ARGUMENT;
    c->ipa_bits = bits;
    return HV_SUCCESS;
}
API hv_return_t hv_vm_config_get_ipa_size(hv_vm_config_t c, uint32_t *bits)
{
    if (!c) return HV_BAD_ARGUMENT;
    *bits = c->ipa_bits;
    return HV_SUCCESS;
}
#endif
#if MACOS >= 26
API hv_return_t hv_vm_config_get_default_ipa_granule(hv_ipa_granule_t *g) { *g = HV_IPA_GRANULE_16KB; return HV_SUCCESS; }
API hv_return_t hv_vm_config_get_ipa_granule(hv_vm_config_t c, hv_ipa_granule_t *g)
{
    if (!c) return HV_BAD_ARGUMENT;
    *g = c->granule;
    return HV_SUCCESS;
}
API hv_return_t hv_vm_config_set_ipa_granule(hv_vm_config_t c, hv_ipa_granule_t g)
{
    if (!c || g > HV_IPA_GRANULE_16KB) return HV_BAD_ARGUMENT;
    c->granule = g;
    return HV_SUCCESS;
}
#endif

API hv_return_t hv_vm_create(hv_vm_config_t config)
{
    struct hv_vm_config_s c = config ? *config : (struct hv_vm_config_s){ DEFAULT_BITS, HV_IPA_GRANULE_16KB };
    if (getenv("HVF_STANDIN_UNSIGNED")) return HV_DENIED;      // as without the entitlement
    pthread_mutex_lock(&standin_lock);
    hv_return_t r = HV_BUSY;
    if (!vm.exists) {
        if (!vm.maps) vm.maps = calloc(MOST_MAPS, sizeof *vm.maps);
        vm.tables = mmap(NULL, sizeof *vm.tables * MOST_TABLES, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
        vm.exists = true;
        vm.ipa_bits = c.ipa_bits;
        vm.granule = c.granule == HV_IPA_GRANULE_4KB ? 4096 : 16384;
        vm.nmaps = 0;
        vm.ntables = 2;
        r = HV_SUCCESS;
    }
    pthread_mutex_unlock(&standin_lock);
    return r;
}
API hv_return_t hv_vm_destroy(void)
{
    pthread_mutex_lock(&standin_lock);
    hv_return_t r = vm.exists ? HV_SUCCESS : HV_NO_DEVICE;
    for (int i = 0; i < MAX_VCPUS; i++) if (standin_vcpus[i]) r = HV_BUSY;
    if (r == HV_SUCCESS) {
        munmap(vm.tables, sizeof *vm.tables * MOST_TABLES);
        nchunks = nnotes = nchanges = vm.nmaps = 0;
        vm.exists = false;
    }
    pthread_mutex_unlock(&standin_lock);
    return r;
}
API hv_return_t hv_vm_get_max_vcpu_count(uint32_t *count) { *count = MAX_VCPUS; return HV_SUCCESS; }

// The first map that ends after ipa.
static int find(hv_ipa_t ipa)
{
    int low = 0, high = vm.nmaps;
    while (low < high) {
        int middle = (low + high) / 2;
        if (vm.maps[middle].ipa + vm.maps[middle].bytes > ipa) high = middle; else low = middle + 1;
    }
    return low;
}
static bool remove_range(hv_ipa_t ipa, uint64_t bytes)
{
    int i = find(ipa);
    while (i < vm.nmaps && vm.maps[i].ipa < ipa + bytes) {
        map m = vm.maps[i];
        uint64_t head = m.ipa < ipa ? ipa - m.ipa : 0, end = m.ipa + m.bytes, tail = end > ipa + bytes ? end - (ipa + bytes) : 0;
        int pieces = (head != 0) + (tail != 0);
        if (vm.nmaps + pieces - 1 > MOST_MAPS) return false;
        memmove(vm.maps + i + pieces, vm.maps + i + 1, sizeof(map) * (size_t)(vm.nmaps - i - 1));
        if (head) vm.maps[i] = (map){ m.ipa, head };
        if (tail) vm.maps[i + (head != 0)] = (map){ end - tail, tail };
        vm.nmaps += pieces - 1;
        i += pieces;
    }
    return true;
}
static hv_return_t range_ok(hv_ipa_t ipa, uint64_t bytes)
{
    if (!vm.exists) return HV_NO_DEVICE;
    if (bytes == 0 || ipa % vm.granule || bytes % vm.granule) return HV_BAD_ARGUMENT;
    if (ipa >> vm.ipa_bits || bytes > (1UL << vm.ipa_bits) - ipa) return HV_BAD_ARGUMENT;
    return HV_SUCCESS;
}
// Is every byte mapped?
static bool covered(hv_ipa_t ipa, uint64_t bytes)
{
    for (int i = find(ipa); bytes; i++) {
        if (i >= vm.nmaps || vm.maps[i].ipa > ipa) return false;
        uint64_t here = vm.maps[i].ipa + vm.maps[i].bytes - ipa;
        if (here >= bytes) return true;
        ipa += here;
        bytes -= here;
    }
    return true;
}

API hv_return_t hv_vm_map(void *address, hv_ipa_t ipa, size_t bytes, hv_memory_flags_t flags)
{
    pthread_mutex_lock(&standin_lock);
    vm.calls[0]++;
    hv_return_t r = range_ok(ipa, bytes);
    if (r == HV_SUCCESS && (!address || (uintptr_t)address % vm.granule || flags & ~7UL)) r = HV_BAD_ARGUMENT;
    int i = r == HV_SUCCESS ? find(ipa) : 0;
    if (r == HV_SUCCESS && i < vm.nmaps && vm.maps[i].ipa < ipa + bytes) r = HV_ERROR;      // overlaps
    if (r == HV_SUCCESS && vm.nmaps == MOST_MAPS) r = HV_NO_RESOURCES;
    for (uint64_t at = 0; r == HV_SUCCESS && at < bytes; at += 4096) {
        uint64_t *e = entry_of(ipa + at, true);
        if (e) *e = descriptor((char *)address + at, flags); else r = HV_NO_RESOURCES;
    }
    if (r == HV_SUCCESS) {
        memmove(vm.maps + i + 1, vm.maps + i, sizeof(map) * (size_t)(vm.nmaps - i));
        vm.maps[i] = (map){ ipa, bytes };
        vm.nmaps++;
        if (flags & HV_MEMORY_EXEC) note(address, bytes, ipa);
    }
    pthread_mutex_unlock(&standin_lock);
    return r;
}
API hv_return_t hv_vm_unmap(hv_ipa_t ipa, size_t bytes)
{
    pthread_mutex_lock(&standin_lock);
    vm.calls[1]++;
    hv_return_t r = range_ok(ipa, bytes);
    if (r == HV_SUCCESS && !covered(ipa, bytes)) r = HV_ERROR;
    if (r == HV_SUCCESS && !remove_range(ipa, bytes)) r = HV_NO_RESOURCES;
    for (uint64_t at = 0; r == HV_SUCCESS && at < bytes; at += 4096) *entry_of(ipa + at, true) = 0;
    if (r == HV_SUCCESS) flush();
    pthread_mutex_unlock(&standin_lock);
    return r;
}
API hv_return_t hv_vm_protect(hv_ipa_t ipa, size_t bytes, hv_memory_flags_t flags)
{
    pthread_mutex_lock(&standin_lock);
    vm.calls[2]++;
    hv_return_t r = range_ok(ipa, bytes);
    if (r == HV_SUCCESS && flags & ~7UL) r = HV_BAD_ARGUMENT;
    if (r == HV_SUCCESS && !covered(ipa, bytes)) r = HV_ERROR;
    for (uint64_t at = 0; r == HV_SUCCESS && at < bytes; at += 4096) {
        uint64_t *e = entry_of(ipa + at, true), pa = *e & 0xfffffffff000;
        if (*e) *e = descriptor((char *)chunks[(pa - PHYSICAL) / CHUNK] + (pa - PHYSICAL) % CHUNK, flags);
    }
    if (r == HV_SUCCESS) flush();
    pthread_mutex_unlock(&standin_lock);
    return r;
}
API hv_return_t hv_vm_allocate(void **address, size_t bytes, uint64_t flags)
{
    if (!address || !bytes || bytes % 16384 || flags) return HV_BAD_ARGUMENT;
    char *p = mmap(NULL, bytes + 16384, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (p == MAP_FAILED) return HV_NO_RESOURCES;
    size_t lead = -(uintptr_t)p % 16384;
    if (lead) munmap(p, lead);
    if (lead != 16384) munmap(p + lead + bytes, 16384 - lead);
    *address = p + lead;
    return HV_SUCCESS;
}
API hv_return_t hv_vm_deallocate(void *address, size_t bytes) { return munmap(address, bytes) ? HV_BAD_ARGUMENT : HV_SUCCESS; }

// ---- for tests: what the framework does not tell ---------------------------------------------------------------------------------

// Pieces and bytes mapped now.
API void standin_mapped(uint64_t *pieces, uint64_t *bytes)
{
    pthread_mutex_lock(&standin_lock);
    *pieces = (uint64_t)vm.nmaps;
    *bytes = 0;
    for (int i = 0; i < vm.nmaps; i++) *bytes += vm.maps[i].bytes;
    pthread_mutex_unlock(&standin_lock);
}
API int standin_piece(uint64_t i, uint64_t *ipa, uint64_t *bytes)
{
    pthread_mutex_lock(&standin_lock);
    int there = i < (uint64_t)vm.nmaps;
    if (there) { *ipa = vm.maps[i].ipa; *bytes = vm.maps[i].bytes; }
    pthread_mutex_unlock(&standin_lock);
    return there;
}
API uint64_t standin_calls(int which) { return vm.calls[which]; }
