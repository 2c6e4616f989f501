// Reading the witness log: each record's hash is made again (docs/abi.md §6), and sequence, chain, times and layout are checked.
#ifndef CHAIN_H
#define CHAIN_H
#include "rvm.h"

#define KIND(r)      ((r)[2] & 0xFF)
#define SUBJECT(r)   ((r)[2] >> 32 | (r)[3] << 32)
#define OBJECT(r)    ((r)[3] >> 32 | (r)[4] << 32)
#define AUX(r)       ((r)[4] >> 32 | (r)[5] << 32)
#define BEFORE(r)    ((r)[5] >> 32 | (r)[6] << 32)
#define HASH(r)      ((r)[6] >> 32 | (r)[7] << 32)
enum { K_CREATE = 0x01, K_START = 0x80, K_BOOTED = 0x82, K_SIGNAL = 0x33, K_END = 0x71, K_DRAIN = 0x85 };

typedef struct { u64 next, last, time; } chain;          // next sequence number, last hash, last time
#define CHAIN_START { 0, FNV_BASIS, 0 }

static inline void chain_take(chain *c, const u64 r[8])
{
    CHECK_EQ("sequence", r[0], c->next);
    CHECK("time does not run back", r[1] >= c->time);
    CHECK("reserved bytes are zero", (r[2] & 0xFFFF0000) == 0);
    CHECK("flags are zero", r[7] >> 32 == 0);
    CHECK("hash before is the chain", BEFORE(r) == c->last);
    CHECK("record hash", HASH(r) == fnv1a(fnv1a(FNV_BASIS, r, 52), (const u8 *)r + 60, 4));
    if (c->next == 0) CHECK_EQ("first record", KIND(r), K_START);
    c->last = HASH(r);
    c->time = r[1];
    c->next++;
}
#endif
