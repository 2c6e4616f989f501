#!/bin/sh
# Only their switch between guests may touch FP/SIMD registers, and constructors, which run before the first guest: afterwards they hold a guest's values.
# usage: check-fp.sh TOOL-PREFIX KERNEL.ELF
set -eu
allowed='^(claim_fp|.*___ctor)$'
found=$("$1objdump" -d --no-show-raw-insn "$2" | awk -v allowed="$allowed" '
    /^[0-9a-f]+ <.*>:$/                     { name = substr($2, 2, length($2) - 3) }
    /^ *[0-9a-f]+:/ && /[ \t,{\[][vqdshb][0-9]+[,.\[}]|[ \t,{\[][vqdshb][0-9]+$|fpcr|fpsr/ { if (name !~ allowed) print name ":" $0 }')
if [ -n "$found" ]; then
    echo "$found" | sed 's/^/FP\/SIMD registers in the kernel: /' >&2
    exit 1
fi
