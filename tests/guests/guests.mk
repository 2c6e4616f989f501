# Guest programs: artifacts/guests/<name>.elf and artifacts/guests/bench/<name>.elf.  Included with ROOT = the repository's root.
#   make guests         builds all of them        make guests-check   compares their known answers with expected.py

GUEST_CC    ?= aarch64-linux-gnu-gcc
GUEST_SRC   := $(ROOT)/tests/guests
GUEST_OUT   := $(ROOT)/artifacts/guests
GUEST_FLAGS := -std=gnu11 -O2 -Wall -Wextra -Werror -ffreestanding -nostdlib -static -fno-pic -no-pie -fno-builtin -fno-stack-protector \
               -fno-asynchronous-unwind-tables -mgeneral-regs-only -mstrict-align -mcpu=cortex-a72 -I$(GUEST_SRC) \
               -T $(GUEST_SRC)/lib/guest.ld -Wl,--build-id=none -Wl,-z,max-page-size=4096 -Wl,-z,noexecstack
GUEST_LIB   := $(addprefix $(GUEST_SRC)/lib/,start.S lib.c sha256.c)
GUEST_DEPS  := $(GUEST_LIB) $(GUEST_SRC)/lib/rvm.h $(GUEST_SRC)/lib/chain.h $(GUEST_SRC)/lib/guest.ld $(GUEST_SRC)/guests.mk

GUEST_NAMES := hello crash crowd pingpong victim intruder flooder calm monitor worker lifecycle child fpu mapper heavy fuzzer warden bystander prover deep operator tenant reader lease
BENCH_NAMES := proof deep null witnessed yield notify message map

GUEST_ELFS  := $(GUEST_NAMES:%=$(GUEST_OUT)/%.elf) $(BENCH_NAMES:%=$(GUEST_OUT)/bench/%.elf)

# Where a guest is linked, and its stack.
guest_base   = 0x40000000
guest_stack  = 8192
$(GUEST_OUT)/victim.elf: guest_base = 0x48000000
$(GUEST_OUT)/crowd.elf:  guest_stack = 4096
$(GUEST_OUT)/bench/%.elf: guest_base = 0x60000000
GUEST_LINK   = $(GUEST_CC) $(GUEST_FLAGS) -DSTACK_SIZE=$(guest_stack) -Wl,--defsym=BASE=$(guest_base)

.PHONY: guests guests-check guests-clean
guests: $(GUEST_ELFS)

$(GUEST_OUT)/intruder.elf: $(wildcard $(GUEST_SRC)/intruder*.[ch]) $(GUEST_DEPS)
	@mkdir -p $(@D)
	@echo "  guest $(@:$(GUEST_OUT)/%=%)"
	@$(GUEST_LINK) -o $@ $(GUEST_LIB) $(sort $(wildcard $(GUEST_SRC)/intruder*.c))

$(GUEST_OUT)/fpu.elf: $(GUEST_SRC)/fpu.c $(GUEST_SRC)/fpu.S $(GUEST_SRC)/fpu.h $(GUEST_DEPS)
	@mkdir -p $(@D)
	@echo "  guest $(@:$(GUEST_OUT)/%=%)"
	@$(GUEST_LINK) -o $@ $(GUEST_LIB) $(GUEST_SRC)/fpu.c $(GUEST_SRC)/fpu.S

# The intruder's victim, but at work until it gets a letter.
$(GUEST_OUT)/bystander.elf: guest_base = 0x48000000
$(GUEST_OUT)/bystander.elf: $(GUEST_SRC)/victim.c $(GUEST_DEPS)
	@mkdir -p $(@D)
	@echo "  guest $(@:$(GUEST_OUT)/%=%)"
	@$(GUEST_LINK) -DUNTIL_LETTER -o $@ $(GUEST_LIB) $<

$(GUEST_OUT)/child.elf: $(GUEST_SRC)/child.c $(GUEST_SRC)/fpu.S $(GUEST_SRC)/fpu.h $(GUEST_DEPS)
	@mkdir -p $(@D)
	@echo "  guest $(@:$(GUEST_OUT)/%=%)"
	@$(GUEST_LINK) -o $@ $(GUEST_LIB) $(GUEST_SRC)/child.c $(GUEST_SRC)/fpu.S

$(GUEST_OUT)/bench/%.elf: $(GUEST_SRC)/bench/%.c $(GUEST_SRC)/bench/bench.h $(GUEST_DEPS)
	@mkdir -p $(@D)
	@echo "  guest $(@:$(GUEST_OUT)/%=%)"
	@$(GUEST_LINK) -DBENCH -o $@ $(GUEST_LIB) $<

$(GUEST_OUT)/%.elf: $(GUEST_SRC)/%.c $(GUEST_DEPS)
	@mkdir -p $(@D)
	@echo "  guest $(@:$(GUEST_OUT)/%=%)"
	@$(GUEST_LINK) -o $@ $(GUEST_LIB) $<

guests-check: guests
	python3 $(GUEST_SRC)/expected.py check

guests-clean:
	rm -rf $(GUEST_OUT)
