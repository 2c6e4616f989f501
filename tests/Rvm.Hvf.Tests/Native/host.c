/* Rvm.Hosting from C: prints a line for each thing seen, which NativeTests compares. Needs librvm_hosting and RVM_HYPERVISOR. */
#include <inttypes.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "rvm_hosting.h"

_Static_assert(sizeof(rvm_config) == 24 && sizeof(rvm_exit) == 16 && sizeof(rvm_info) == 32, "layouts of Status.cs");

#define EXIT_CALL 0xd2b8c000, 0xf2800840, 0xd4000002 /* x0 = 0xC6000042; hvc #0: exit(x1) */

/* x1 = status */
static const uint32_t exits[] = {0xd2800541, EXIT_CALL};
/* q0 = x2; yield; x1 = the low half of q0. Two of them show that SIMD registers are each VM's own. */
static const uint32_t vector_a[] = {0xd2822222, 0x9e670040, 0xd2b8c000, 0xf2800820, 0xd4000002, 0x9e660001, EXIT_CALL};
static const uint32_t vector_b[] = {0xd2844442, 0x9e670040, 0xd2b8c000, 0xf2800820, 0xd4000002, 0x9e660001, EXIT_CALL};
static const uint32_t strays[] = {0xd2a40002, 0xf9400041}; /* x1 = [0x20000000] */
static const uint32_t loops[] = {0x14000000};

static void say(const char *what, rvm_status status)
{
    char text[256];
    rvm_last_error(text, sizeof text);
    for (char *c = text; (c = strchr(c, '\n')) != NULL;) *c = ' ';
    printf("%s: %d %s\n", what, status, text);
}

static void must(const char *what, rvm_status status)
{
    if (status == RVM_OK) return;
    say(what, status);
    exit(1);
}

static rvm_vm made(const char *name, const uint32_t *program, size_t bytes)
{
    rvm_vm vm;
    rvm_config config = {.memory = 1 << 20, .name = name, .vcpus = 1};
    must("create", rvm_create(&config, &vm));
    must("initialize", rvm_initialize(vm, program, bytes, 0));
    return vm;
}

static void *runs(void *vm)
{
    static __thread rvm_exit end;
    rvm_exit *copy = malloc(sizeof end);
    must("run", rvm_run(*(rvm_vm *)vm, &end));
    *copy = end;
    return copy;
}

static void ends(const char *what, rvm_vm vm)
{
    rvm_exit end;
    must("run", rvm_run(vm, &end));
    printf("%s: kind %u, value 0x%" PRIx64 "\n", what, end.kind, end.value);
}

static void together(const char *what, rvm_vm first, rvm_vm second)
{
    pthread_t one, two;
    rvm_exit *a, *b;
    pthread_create(&one, NULL, runs, &first);
    pthread_create(&two, NULL, runs, &second);
    pthread_join(one, (void **)&a);
    pthread_join(two, (void **)&b);
    printf("%s: kinds %u %u, values 0x%" PRIx64 " 0x%" PRIx64 "\n", what, a->kind, b->kind, a->value, b->value);
    free(a);
    free(b);
}

static void halts(rvm_vm vm)
{
    pthread_t thread;
    rvm_exit *end;
    uint32_t state;
    pthread_create(&thread, NULL, runs, &vm);
    do must("state", rvm_state(vm, &state)); while (state != RVM_STATE_RUNNING && usleep(1000) == 0);
    usleep(20000);
    must("halt", rvm_halt(vm));
    pthread_join(thread, (void **)&end);
    must("state", rvm_state(vm, &state));
    printf("halted: kind %u, state %u\n", end->kind, state);
    free(end);
}

static void *lost(void *vm)
{
    rvm_exit end;
    say("lost", rvm_run(*(rvm_vm *)vm, &end));
    return NULL;
}

/* rvm_stop under a VM that runs. */
static void stops(rvm_vm vm)
{
    pthread_t thread;
    uint32_t state;
    pthread_create(&thread, NULL, lost, &vm);
    do must("state", rvm_state(vm, &state)); while (state != RVM_STATE_RUNNING && usleep(1000) == 0);
    usleep(20000);
    must("stop", rvm_stop());
    pthread_join(thread, NULL);
    say("dead", rvm_halt(vm));
}

int main(int count, char **arguments)
{
    rvm_vm vm = 7;
    rvm_exit end;
    rvm_info info;
    size_t bytes;
    rvm_config wrong = {.memory = 512 << 20, .vcpus = 1};

    if (rvm_version() != RVM_HOSTING_VERSION) return 1;
    say("too early", rvm_create(NULL, &vm));
    must("start", rvm_start(0));
    say("twice", rvm_start(0));

    vm = made("c", exits, sizeof exits);
    ends("exits", vm);
    say("again", rvm_run(vm, &end));
    must("destroy", rvm_destroy(vm));
    say("gone", rvm_run(vm, &end));

    say("too large", rvm_create(&wrong, &vm));
    must("create", rvm_create(NULL, &vm));
    say("no program", rvm_initialize(vm, NULL, 4, 0));
    say("no entry", rvm_initialize(vm, exits, sizeof exits, 0x1002));
    say("not yet", rvm_run(vm, &end));
    must("destroy", rvm_destroy(vm));

    ends("strays", made("strays", strays, sizeof strays));
    together("vectors", made("a", vector_a, sizeof vector_a), made("b", vector_b, sizeof vector_b));
    halts(made("loops", loops, sizeof loops));

    for (int i = 0; i < 40 && (vm = 0, rvm_create(NULL, &vm) == RVM_OK); i++) {
        rvm_status status = rvm_initialize(vm, exits, sizeof exits, 0);
        if (status == RVM_OK) continue;
        say("no more", status);
        break;
    }

    must("info", rvm_system_info(&info));
    printf("info: granule %" PRIu64 ", most vCPUs %s, hertz %s\n", info.granule, info.most_vcpus ? "some" : "none", info.hertz ? "some" : "none");
    must("witness", rvm_witness_log(NULL, 0, &bytes));
    char *log = malloc(bytes);
    must("witness", rvm_witness_log(log, bytes, &bytes));
    if (count > 1) {
        FILE *file = fopen(arguments[1], "wb");
        if (file == NULL || fwrite(log, 1, bytes, file) != bytes || fclose(file) != 0) return 1;
    }
    free(log);
    must("stop", rvm_stop());
    say("stopped", rvm_system_info(&info));
    must("start again", rvm_start(128 << 20));
    ends("exits again", made("again", exits, sizeof exits));
    stops(made("last", loops, sizeof loops));
    return 0;
}
