# The EL2 image: artifacts/kernel/kernel.elf and kernel.map. Included by the top Makefile; `core` makes src/Rvm.Verified's C#, if that has a rule.
KERNEL_INPUTS := $(shell find src/Rvm.Platform.Aarch64 src/Rvm.Heap src/Rvm.Verified spec proofs Directory.Build.props Directory.Build.targets tools/custody.sh -type f \
	\( -name '*.cs' -o -name '*.csproj' -o -name '*.props' -o -name '*.targets' -o -name '*.S' -o -name '*.inc' -o -name '*.ld' -o -name '*.sh' -o -name '*.awk' -o -name '*.list' -o -name '*.dfy' \) \
	-not -path '*/bin/*' -not -path '*/obj/*')

image: artifacts/kernel/kernel.elf

artifacts/kernel/kernel.elf: $(KERNEL_INPUTS)
	dotnet build src/Rvm.Platform.Aarch64 -c Release -t:Image --nologo -v quiet $(KERNEL_OPTIONS)
	@touch $@

artifacts/kernel/kernel.map: artifacts/kernel/kernel.elf
