# The shared library for C, Swift and Python (docs/platforms.md). Included with ROOT = the repository's root, after the kernel's build.mk (KERNEL_INPUTS).
HOSTING_NATIVE := $(ROOT)/artifacts/hosting
HOSTING_NATIVE_SRC := $(wildcard $(ROOT)/src/Rvm.Hosting.Native/*.* $(ROOT)/src/Rvm.Hosting/*.cs* $(ROOT)/src/Rvm.Platform.Hvf/*.cs* $(ROOT)/src/Rvm.Platform.Hvf/*/*.cs) $(KERNEL_INPUTS)

.PHONY: hosting-native
hosting-native: $(HOSTING_NATIVE)/rvm_hosting.h

$(HOSTING_NATIVE)/rvm_hosting.h: $(HOSTING_NATIVE_SRC) | setup
	@echo "  librvm_hosting, for C, Swift and Python"
	@dotnet publish $(ROOT)/src/Rvm.Hosting.Native --nologo -v quiet -o $(@D)
	@cp $(ROOT)/src/Rvm.Hosting.Native/rvm_hosting.h $@
