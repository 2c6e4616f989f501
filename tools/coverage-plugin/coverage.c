// QEMU TCG plugin (API version 1): how often each instruction of a kernel was executed.
//
// The counts lie in a mapped file, so that they stay however QEMU ends. Arguments:
//   out=PREFIX     PREFIX.PID: one 64-bit count for each word of the code
//   code=FILE      the code's bytes: what executes at an address of the kernel and is something else, such as a guest's code, does not count
//   base=ADDRESS   where the code lies
#include <fcntl.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define EXPORT __attribute__((visibility("default")))

typedef uint64_t qemu_plugin_id_t;
struct qemu_plugin_tb;
struct qemu_plugin_insn;
struct qemu_info_t;
enum { INLINE_ADD_U64 = 0 };

void qemu_plugin_register_vcpu_tb_trans_cb(qemu_plugin_id_t, void (*)(qemu_plugin_id_t, struct qemu_plugin_tb *));
void qemu_plugin_register_vcpu_insn_exec_inline(struct qemu_plugin_insn *, int op, void *, uint64_t);
size_t qemu_plugin_tb_n_insns(const struct qemu_plugin_tb *);
struct qemu_plugin_insn *qemu_plugin_tb_get_insn(const struct qemu_plugin_tb *, size_t);
const void *qemu_plugin_insn_data(const struct qemu_plugin_insn *);
uint64_t qemu_plugin_insn_vaddr(const struct qemu_plugin_insn *);

EXPORT int qemu_plugin_version = 1;

static uint64_t base, words, *counts;
static uint32_t *code;

static void translated(qemu_plugin_id_t id, struct qemu_plugin_tb *block) {
    (void)id;
    for (size_t i = 0, n = qemu_plugin_tb_n_insns(block); i < n; i++) {
        struct qemu_plugin_insn *instruction = qemu_plugin_tb_get_insn(block, i);
        uint64_t word = (qemu_plugin_insn_vaddr(instruction) - base) / 4;
        if (word < words && memcmp(qemu_plugin_insn_data(instruction), &code[word], 4) == 0)
            qemu_plugin_register_vcpu_insn_exec_inline(instruction, INLINE_ADD_U64, &counts[word], 1);
    }
}

static bool readCode(const char *file) {
    FILE *in = fopen(file, "rb");
    if (!in || fseek(in, 0, SEEK_END) != 0) return false;
    words = (uint64_t)ftell(in) / 4;
    rewind(in);
    code = malloc(words * 4);
    bool good = code && fread(code, 4, words, in) == words;
    fclose(in);
    return good;
}

static bool openCounts(const char *prefix) {
    char name[4096];
    if (snprintf(name, sizeof name, "%s.%d", prefix, (int)getpid()) >= (int)sizeof name) return false;
    int file = open(name, O_RDWR | O_CREAT | O_TRUNC, 0666);
    if (file < 0 || ftruncate(file, (off_t)(words * 8)) != 0) return false;
    counts = mmap(NULL, words * 8, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
    return counts != MAP_FAILED;
}

EXPORT int qemu_plugin_install(qemu_plugin_id_t id, const struct qemu_info_t *info, int argc, char **argv) {
    const char *out = NULL;
    bool good = true;
    (void)info;
    for (int i = 0; i < argc && good; i++) {
        if (strncmp(argv[i], "out=", 4) == 0) out = argv[i] + 4;
        else if (strncmp(argv[i], "base=", 5) == 0) base = strtoull(argv[i] + 5, NULL, 0);
        else good = strncmp(argv[i], "code=", 5) == 0 && readCode(argv[i] + 5);
    }
    if (!good || !out || !words || !openCounts(out)) return fputs("coverage: out=PREFIX, code=FILE and base=ADDRESS are needed\n", stderr), 1;
    qemu_plugin_register_vcpu_tb_trans_cb(id, translated);
    return 0;
}
