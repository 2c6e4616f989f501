// Random maps: 1,000 times it makes a map of up to four runs of pages, probes it, takes away a part, probes again, and takes away the rest.
// Every number comes from mix64 of a counter, so a test can make them again and say what each probe must have met (tests/Rvm.Boot.Tests).
// handles: 0 console, 1 data (slab, 256 pages), 2 book (immutable, 256 pages of zeros)
#include "lib/rvm.h"

enum { ROUNDS = 1000, RUNS = 4, PROBES = 5, LATER = 3, PAGES = 256, AREA = 1024, LONGEST = 96 };
#define SEED 0x6d61705f73656564UL
#define DATA HANDLE(1)
#define BOOK HANDLE(2)
// Each area is 4 MiB long; the first lies across a border between two level-1 entries, both across one between level-2 entries.
static const u64 areas[2] = { 0x7FE00000UL, 0x7000000000UL };

typedef struct { u64 ipa, pages; handle region; } run;
static run runs[RUNS];
static u64 made, count, checksum;

static u64 draw(u64 below) { return mix64(SEED + count++) % below; }
static u64 place(void) { u64 a = areas[draw(2)]; return a + draw(AREA) * PAGE; }
static void fold(u64 value) { checksum = mix64(checksum ^ value); }

// A branch to the page. Its zeros are an undefined instruction: whoever gets that far was allowed to fetch it.
static u64 outcome_of_call(u64 address)
{
    u64 before = caught.taken;
    caught.on = CAUGHT_CALL;
    ((void (*)(void))address)();
    caught.on = 0;
    return caught.taken == before ? 3 : caught.esr >> 26 == EC_UNKNOWN ? 2 : 0;
}
static void probe(u64 address)
{
    u64 value = 0, kind = draw(3);
    if (kind == 0) {
        u64 faulted = try_read(address, &value);
        fold(faulted ? 0 : 1);
        fold(faulted ? 0 : value);
    } else if (kind == 1)
        fold(try_write(address + 8, count) ? 0 : 1);
    else
        fold(outcome_of_call(address + 16));
}
// Many probes go to a page near the end of a run, where an error by one would show.
static u64 near(u64 n)
{
    run *r = &runs[draw(n)];
    u64 edge = draw(2) ? r->ipa : r->ipa + r->pages * PAGE;
    return edge + draw(3) * PAGE - PAGE;
}
static void probes(u64 number)
{
    for (u64 i = 0; i < number; i++) {
        u64 where = draw(8);
        probe(where == 0 ? 0x100000000UL + draw((1UL << 27) - (1UL << 20)) * PAGE           // mostly without a level-2 table
            : where == 1 ? (draw(2) ? 0x80000000UL : 0x7000000000UL) + draw(1UL << 18) * PAGE   // mostly without a level-3 table
            : where < 5 || made == 0 ? place() : near(made));
    }
}
static void make(void)
{
    made = 0;
    for (u64 i = 0; i < RUNS; i++) {
        u64 book = draw(2), first = draw(PAGES), most = PAGES - first < LONGEST ? PAGES - first : LONGEST;
        u64 pages = 1 + draw(most), ipa = place(), permission = draw(2) ? (book ? PERM_RX : PERM_RW) : PERM_R;
        i64 status = region_map(book ? BOOK : DATA, ipa, first, pages, permission);
        if (status == OK)
            runs[made++] = (run){ ipa, pages, book ? BOOK : DATA };
        else if (status != MemoryOverlap)
            expect_status("a run of pages", status, OK);
    }
}
// A part of one run goes; what is left of it are two runs, one of which may be empty.
static void take_part(void)
{
    run *r = &runs[draw(made)];
    u64 from = draw(r->pages), pages = 1 + draw(r->pages - from);
    CHECK_EQ("a part taken away", region_unmap(r->region, r->ipa + from * PAGE, pages), OK);
    run right = { r->ipa + (from + pages) * PAGE, r->pages - from - pages, r->region };
    r->pages = from;
    probes(LATER);
    if (right.pages)
        CHECK_EQ("the right rest", region_unmap(right.region, right.ipa, right.pages), OK);
}
static void tag_pages(void)
{
    CHECK_EQ("all data pages", region_map(DATA, areas[0], 0, PAGES, PERM_RW), OK);
    for (u64 i = 0; i < PAGES; i++)
        *(volatile u64 *)(areas[0] + i * PAGE) = mix64(i + 1);
    CHECK_EQ("all data pages away", region_unmap(DATA, areas[0], PAGES), OK);
}
void guest_main(u64 id)
{
    (void)id;
    tag_pages();
    for (u64 round = 1; round <= ROUNDS; round++) {
        make();
        probes(PROBES);
        if (made)
            take_part();
        for (u64 i = 0; i < made; i++)
            if (runs[i].pages)
                CHECK_EQ("the rest", region_unmap(runs[i].region, runs[i].ipa, runs[i].pages), OK);
        if (round % 100 == 0)
            say("mapper: %u maps, %u numbers, checksum 0x%x", round, count, checksum);
    }
    finish("mapper");
}
