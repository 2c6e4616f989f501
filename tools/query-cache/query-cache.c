// Remembers the solver's answers: a solver that stands between Dafny and Z3 (`--solver-path`).
//
// The key of a query is the SHA-256 of the solver's version and of every line since the last (reset); Boogie normalises names and order
// (`/normalizeDeclarationOrder:0`), so that an unchanged obligation is the same text. Only `unsat` is kept, with its resource count; a
// missing or stale entry costs time, never a wrong verdict. Anything but `unsat` goes to the solver and back, byte for byte.
// A development aid: `rvm verify --all` does not use it.
//
// Environment: RVM_SOLVER (program), RVM_SOLVER_VERSION (text), RVM_QUERY_CACHE (folder).
#define _GNU_SOURCE
#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

// ---- SHA-256 (FIPS 180-4)

static const uint32_t K[64] = {
    0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5, 0xd807aa98, 0x12835b01, 0x243185be,
    0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174, 0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa,
    0x5cb0a9dc, 0x76f988da, 0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967, 0x27b70a85,
    0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85, 0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3,
    0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070, 0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f,
    0x682e6ff3, 0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2};

static uint32_t ror(uint32_t x, int n) { return x >> n | x << (32 - n); }

static void block(uint32_t h[8], const uint8_t *p) {
    uint32_t w[64], s[8];
    for (int i = 0; i < 16; i++) w[i] = (uint32_t)p[4 * i] << 24 | p[4 * i + 1] << 16 | p[4 * i + 2] << 8 | p[4 * i + 3];
    for (int i = 16; i < 64; i++)
        w[i] = w[i - 16] + (ror(w[i - 15], 7) ^ ror(w[i - 15], 18) ^ w[i - 15] >> 3) + w[i - 7] + (ror(w[i - 2], 17) ^ ror(w[i - 2], 19) ^ w[i - 2] >> 10);
    memcpy(s, h, sizeof s);
    for (int i = 0; i < 64; i++) {
        uint32_t a = s[0], e = s[4];
        uint32_t t = s[7] + (ror(e, 6) ^ ror(e, 11) ^ ror(e, 25)) + ((e & s[5]) ^ (~e & s[6])) + K[i] + w[i];
        uint32_t u = (ror(a, 2) ^ ror(a, 13) ^ ror(a, 22)) + ((a & s[1]) ^ (a & s[2]) ^ (s[1] & s[2]));
        memmove(s + 1, s, 7 * sizeof *s);
        s[4] += t;
        s[0] = t + u;
    }
    for (int i = 0; i < 8; i++) h[i] += s[i];
}

static void sha256(const char *data, size_t n, char hex[65]) {
    uint32_t h[8] = {0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19};
    uint8_t tail[128] = {0};
    size_t whole = n / 64 * 64, rest = n - whole, padded = rest < 56 ? 64 : 128;
    for (size_t i = 0; i < whole; i += 64) block(h, (const uint8_t *)data + i);
    memcpy(tail, data + whole, rest);
    tail[rest] = 0x80;
    for (int i = 0; i < 8; i++) tail[padded - 1 - i] = (uint8_t)((uint64_t)n * 8 >> 8 * i);
    for (size_t i = 0; i < padded; i += 64) block(h, tail + i);
    for (int i = 0; i < 8; i++) sprintf(hex + 8 * i, "%08x", h[i]);
}

// ---- the text since the last (reset); the first bytes are the solver's version

static char *text;
static size_t used, room, prefix;

static void append(const char *s, size_t n) {
    if (used + n > room) {
        room = (used + n) * 2;
        text = realloc(text, room);
        if (!text) exit(2);
    }
    memcpy(text + used, s, n);
    used += n;
}

// ---- the solver

static char **arguments;
static FILE *toSolver, *fromSolver;
static pid_t solver;
static pthread_t pump;
static bool pumping;

static void start(void) {
    int in[2], out[2];
    if (pipe(in) || pipe(out)) exit(2);
    solver = fork();
    if (solver == 0) {
        dup2(in[0], 0), dup2(out[1], 1);
        close(in[0]), close(in[1]), close(out[0]), close(out[1]);
        execv(arguments[0], arguments);
        _exit(127);
    }
    close(in[0]), close(out[1]);
    toSolver = fdopen(in[1], "w"), fromSolver = fdopen(out[0], "r");
}

static void *copyReplies(void *unused) {
    char *line = NULL;
    size_t size = 0;
    ssize_t n;
    while ((n = getline(&line, &size, fromSolver)) > 0) fwrite(line, 1, (size_t)n, stdout), fflush(stdout);
    free(line);
    return unused;
}

static void stop(void) {
    if (!toSolver) return;
    fclose(toSolver);
    if (pumping) pthread_join(pump, NULL);
    fclose(fromSolver);
    waitpid(solver, NULL, 0);
    toSolver = fromSolver = NULL, pumping = false;
}

static void send(const char *s, size_t n) {
    if (!toSolver) start();
    fwrite(s, 1, n, toSolver);
}

static char *reply(void) {
    static char *line;
    static size_t size;
    fflush(toSolver);
    if (getline(&line, &size, fromSolver) <= 0) exit(2);
    return line;
}

static void say(const char *s) { fputs(s, stdout), fflush(stdout); }

// ---- remembered answers: one small file each, its content the resource count

static char path[4096];

static bool recall(long long *resources) {
    char hex[65];
    sha256(text, used, hex);
    snprintf(path, sizeof path, "%s/%s", getenv("RVM_QUERY_CACHE"), hex);
    FILE *f = fopen(path, "r");
    bool found = f && fscanf(f, "%lld", resources) == 1;
    if (f) fclose(f);
    return found;
}

static void remember(long long resources) {
    char fresh[4200];
    snprintf(fresh, sizeof fresh, "%s.%d", path, (int)getpid());
    FILE *f = fopen(fresh, "w");
    if (!f) return;
    fprintf(f, "%lld\n", resources);
    if (fclose(f) == 0) rename(fresh, path);
}

// ---- the dialogue

static enum { ASKING, RECALLED, PROVED, PASSING } mode = ASKING;
static size_t sent;          // how much of the text the solver has
static int unread;           // recalled (check-sat)s in the text that it has not: their answers are dropped
static long long resources;

static void checkSat(const char *line, size_t n) {
    if (recall(&resources)) {
        append(line, n), unread++, mode = RECALLED;
        say("unsat\n");
        return;
    }
    send(text + sent, used - sent);
    for (; unread; unread--) reply();
    send(line, n);
    append(line, n), sent = used;
    char *answer = reply();
    mode = strcmp(answer, "unsat\n") ? PASSING : PROVED;
    say(answer);
    if (mode == PASSING) pumping = pthread_create(&pump, NULL, copyReplies, NULL) == 0;
}

static void resourceCount(const char *line, size_t n) {
    char out[64];
    if (mode == PROVED) {
        send(line, n);
        char *digits = strpbrk(reply(), "0123456789");
        resources = digits ? atoll(digits) : 0;
        remember(resources);
    }
    snprintf(out, sizeof out, "(:rlimit %lld)\n", resources);
    say(out);
}

static bool begins(const char *line, const char *with) { return strncmp(line, with, strlen(with)) == 0; }

static void take(const char *line, size_t n) {
    if (begins(line, "(reset)")) {
        if (mode == PASSING) stop();
        used = sent = prefix, unread = 0, mode = ASKING;
        append(line, n);
    } else if (mode == PASSING) {
        send(line, n), fflush(toSolver);
    } else if (begins(line, "(get-info :name)")) {
        say("(:name \"Z3\")\n");
    } else if (begins(line, "(get-info :rlimit)")) {
        resourceCount(line, n);
    } else if (begins(line, "(check-sat)")) {
        checkSat(line, n);
    } else {
        append(line, n);
    }
}

int main(int argc, char **argv) {
    char *program = getenv("RVM_SOLVER"), *version = getenv("RVM_SOLVER_VERSION");
    if (!program || !version || !getenv("RVM_QUERY_CACHE")) {
        fputs("query-cache: RVM_SOLVER, RVM_SOLVER_VERSION and RVM_QUERY_CACHE must be set\n", stderr);
        return 2;
    }
    argv[0] = program, arguments = argv;
    for (int i = 1; i < argc; i++)
        if (strcmp(argv[i], "-version") == 0 || strcmp(argv[i], "--version") == 0) return execv(program, argv), 2;
    append(version, strlen(version) + 1);
    sent = prefix = used;
    char *line = NULL;
    size_t size = 0;
    ssize_t n;
    while ((n = getline(&line, &size, stdin)) > 0) take(line, (size_t)n);
    stop();
    return 0;
}
