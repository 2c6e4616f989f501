// A stand-in for the kernel: reads the bundle, behaves as the first partition's name asks, leaves witness records in a ring, powers off.
typedef unsigned long u64;
typedef unsigned char u8;

#define UART ((volatile unsigned *)0x09000000)
#define CAPACITY 16UL
#define BASIS 0xcbf29ce484222325UL

static u8 ring[CAPACITY * 64] __attribute__((aligned(64)));
extern const u64 bundle[];

static void text(const char *s) { while (*s) *UART = (u8)*s++; }
static void hex(u64 v) { text("0x"); for (int i = 60; i >= 0; i -= 4) *UART = "0123456789abcdef"[v >> i & 15]; }
static void dec(u64 v) { if (v > 9) dec(v / 10); *UART = '0' + v % 10; }
static void off(void)
{
    register u64 x0 __asm__("x0") = 0x84000008;
    __asm__ volatile("smc #0" : "+r"(x0));
    for (;;) __asm__ volatile("wfi");
}
static void put(u8 *at, u64 v, int n) { for (int i = 0; i < n; i++) at[i] = (u8)(v >> 8 * i); }
static u64 fnv(u64 h, const u8 *p, int n) { while (n--) h = (h ^ *p++) * 0x100000001b3UL; return h; }

static void log_records(u64 n)
{
    u64 before = BASIS;
    for (u64 i = 0; i < n; i++) {
        u8 *r = ring + i % CAPACITY * 64;
        for (int b = 0; b < 64; b++) r[b] = 0;
        put(r, i, 8);
        put(r + 8, i * 100, 8);
        r[16] = i == 0 ? 0x80 : i == n - 1 ? 0x8f : 0x34;
        r[17] = 1;
        put(r + 20, i % 3, 8);
        put(r + 28, i, 8);
        put(r + 44, before, 8);
        before = fnv(fnv(BASIS, r, 52), r + 60, 4);
        put(r + 52, before, 8);
    }
}
static void halt(u64 status, u64 records)
{
    log_records(records);
    text("RVM HALT status="); dec(status);
    text(" records="); dec(records);
    text(" ring="); hex((u64)ring);
    text(" first="); dec(records > CAPACITY ? records - CAPACITY : 0);
    text(" capacity="); dec(CAPACITY); text("\n");
    off();
}
static const u64 *first(u64 operation)
{
    for (u64 i = 0; i < bundle[4]; i++) if (bundle[10 + 8 * i] == operation) return bundle + 10 + 8 * i;
    return 0;
}
void fake_main(void)
{
    text("RVM fake kernel\n");
    if (bundle[0] || bundle[1] || bundle[2] != 0x314c444e424d5652UL) { text("no bundle\n"); off(); }
    const u64 *p = first(2);
    switch ((u8)p[6]) {
    case 'g': text("alice| hello\nbob| \033[31mred\n"); halt(0, 10);
    case 'w': halt(0, 40);
    case 's': halt(7, 10);
    case 'f': text("RVM KERNEL FAULT class=37\n  ESR 0x1 at somewhere\n"); for (;;) __asm__ volatile("wfi");
    case 'r': text("RVM BOOT REFUSED command "); dec((u64)(first(6) - (bundle + 10)) / 8); text(" status -26\n"); off();
    case 'h': text("alice| still here\n"); for (;;) __asm__ volatile("wfi");
    case 'q': off();
    case 'b': text("RVM HALT status=0 records=0\n"); off();
    }
    text("unknown mode\n");
    off();
}
