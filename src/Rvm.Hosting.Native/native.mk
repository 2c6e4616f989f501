# The shared library for C, Swift and Python (docs/platforms.md). Included with ROOT = the repository's root.
HOSTING_NATIVE := $(ROOT)/artifacts/hosting
HOSTING_NATIVE_SRC := $(wildcard $(ROOT)/src/Rvm.Hosting.Native/* $(ROOT)/src/Rvm.Hosting/*.cs* $(ROOT)/src/Rvm.Platform.Hvf/*.cs* $(ROOT)/src/Rvm.Platform.Hvf/*/*.cs \
    $(ROOT)/src/Rvm.Heap/*.cs* $(ROOT)/src/Rvm.Verified/*.cs* $(ROOT)/src/Rvm.Verified/*.dfy $(ROOT)/src/Rvm.Verified/*/*.dfy)

.PHONY: hosting-native
hosting-native: $(HOSTING_NATIVE)/rvm_hosting.h

$(HOSTING_NATIVE)/rvm_hosting.h: $(HOSTING_NATIVE_SRC) | setup
	@echo "  librvm_hosting, for C, Swift and Python"
	@dotnet publish $(ROOT)/src/Rvm.Hosting.Native --use-current-runtime --nologo -v quiet -o $(@D)
	@cp $(ROOT)/src/Rvm.Hosting.Native/rvm_hosting.h $@
