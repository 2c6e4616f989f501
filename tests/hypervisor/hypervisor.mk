# The stand-in for Hypervisor.framework: one library for each version of macOS that it plays. Included with ROOT = the repository's root.
HYPERVISOR_SRC := $(ROOT)/tests/hypervisor
HYPERVISOR_OUT := $(ROOT)/artifacts/hypervisor
HYPERVISOR_LIBS := $(HYPERVISOR_OUT)/macos13/libHypervisor.so $(HYPERVISOR_OUT)/macos26/libHypervisor.so

.PHONY: hypervisor
hypervisor: $(HYPERVISOR_LIBS)

$(HYPERVISOR_OUT)/macos%/libHypervisor.so: $(HYPERVISOR_SRC)/vm.c $(HYPERVISOR_SRC)/vcpu.c $(HYPERVISOR_SRC)/machine.c $(HYPERVISOR_SRC)/time.c $(HYPERVISOR_SRC)/gic.c $(HYPERVISOR_SRC)/standin.h
	@mkdir -p $(@D)
	@echo "  Hypervisor.framework's stand-in, macOS $*"
	@gcc -std=gnu11 -O2 -Wall -Wextra -Werror -fPIC -shared -fvisibility=hidden -DMACOS=$* -o $@ $(filter %.c,$^) -lunicorn -lpthread
