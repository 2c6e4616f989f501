# The test image: the shipped one with the driver of Driver/ beside it. artifacts/kernel-test/kernel.elf
TEST_IMAGE_INPUTS := $(wildcard tests/Rvm.Image.Tests/Driver/*)

.PHONY: test-image
test-image: artifacts/kernel-test/kernel.elf

artifacts/kernel-test/kernel.elf: $(KERNEL_INPUTS) $(TEST_IMAGE_INPUTS) artifacts/kernel/kernel.elf
	dotnet build tests/Rvm.Image.Tests/Driver/TestImage.csproj -c Release -t:Image --nologo -v quiet
	@touch $@
