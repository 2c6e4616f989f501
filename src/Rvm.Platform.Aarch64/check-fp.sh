#!/bin/sh
# No function but those that switch FP/SIMD registers or run before the first guest may touch them: after a switch they belong to a guest.
# usage: check-fp.sh TOOL-PREFIX KERNEL.ELF
set -eu
allowed='^(claim_fp|Rvm_Platform_Aarch64_Rvm_Platform_Aarch64_(Boot|DeviceTree|Mmu|Gic)__.*|.*____ctor)$'
found=$("$1objdump" -d --no-show-raw-insn "$2" | awk -v allowed="$allowed" '
    /^[0-9a-f]+ <.*>:$/                     { name = substr($2, 2, length($2) - 3) }
    /^ *[0-9a-f]+:/ && /[ ,{\[][vqdshb][0-9]+[,.\[}]|[ ,{\[][vqdshb][0-9]+$|fpcr|fpsr/ { if (name !~ allowed) print name ":" $0 }')
if [ -n "$found" ]; then
    echo "$found" | sed 's/^/FP\/SIMD registers in the kernel: /' >&2
    exit 1
fi
