// The intruder's neighbour: hashes 64 KiB with SHA-256 again and again, giving the processor away after every 4 KiB, and guards a
// canary in each kind of memory it has. Linked at 0x48000000, its region is at 0x50000000, so that the intruder can aim at addresses
// that mean nothing in its own space. Slots: 0 console, 1 region, 2 edge from the intruder (receiving end).
// Expected digest: `python3 tests/guests/expected.py victim`.
#include "lib/rvm.h"

#ifdef UNTIL_LETTER
#define AT_WORK (letters == 0)
#else
#define AT_WORK (rounds < 32UL)
#endif
#define REGION 0x50000000UL
#define BYTES  0x10000UL
static const u8 EXPECTED[32] = { 
    0x9a, 0xa5, 0x3d, 0x06, 0xa9, 0x3a, 0x86, 0x88, 0xe2, 0xa8, 0xdd, 0xc3, 0x7b, 0x69, 0x35, 0x94,
    0xa2, 0x56, 0xde, 0x13, 0x80, 0x94, 0x91, 0xb4, 0xf6, 0x23, 0x6b, 0x13, 0x3f, 0x57, 0xec, 0x50,
 };

static u64 canary_data[512] = { 1 };     // .data: in the image file
static u64 canary_bss[512];

static u64 canary(u64 i) { return mix64(0xCA4A47ULL << 32 | i); }
// The intruder holds the sending end: a letter arrives as it was sent, or not at all. The edge ends with the intruder.
static u64 letters;
static void mail(void)
{
    static int over;
    u64 got;
    message m;
    if (over) return;
    i64 s = queue_recv(HANDLE(2), &m, &got);
    if (s != OK && s != StaleCapability && s != InsufficientCapability && s != PartitionNotFound) fail("queue_recv", s, OK);
    over = s != OK;
    if (got) CHECK("letter", m.w[0] == 0x4c4554544552 && m.w[1] == ~m.w[0]);
    letters += got;
}
static void yield_now(u64 done) { (void)done; CHECK_EQ("yield", yield(), OK); }

void guest_main(u64 id)
{
    (void)id;
    volatile u8 *memory = (volatile u8 *)REGION;
    u64 wrong = 0;
    for (u64 i = 0; i < BYTES; i++) wrong += memory[i] != 0;
    CHECK_EQ("bytes that were not zero at the start", wrong, 0);
    for (u64 i = 0; i < BYTES; i += 8) *(volatile u64 *)(memory + i) = mix64(i / 8);
    for (u64 i = 0; i < 512; i++) canary_data[i] = canary_bss[i] = canary(i);
    u64 code = fnv1a(FNV_BASIS, image_start, (u64)(code_end - image_start));
    say("victim: at work");

    u64 rounds = 0;
    for (; AT_WORK; rounds++) {
        u8 digest[32];
        sha256((const void *)REGION, BYTES, digest, yield_now);
        wrong = 0;
        for (int i = 0; i < 32; i++) wrong += digest[i] != EXPECTED[i];
        CHECK_EQ("bytes of the digest that are wrong", wrong, 0);
        wrong = 0;
        for (u64 i = 0; i < 512; i++) wrong += (canary_data[i] != canary(i)) + (canary_bss[i] != canary(i));
        CHECK_EQ("canary words that are wrong", wrong, 0);
        mail();
        CHECK("code unchanged", code == fnv1a(FNV_BASIS, image_start, (u64)(code_end - image_start)));
    }
    say("victim: result %s after %u rounds, %u letters", failures ? "CORRUPTED" : "correct", rounds, letters);
    exit_with(failures ? 1 : 0);
}
