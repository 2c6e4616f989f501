#!/bin/sh
# Assembles Boot/, links it with the compiled C# and checks the image. usage: link.sh TOOL-PREFIX OBJECT-FOLDER OUTPUT-FOLDER [LINKER-OPTION…]
# The first link names the functions; the second one has their names in it, at the same addresses.
set -eu
tool=$1 obj=$2 out=$3
shift 3
options=$*
for source in Boot/*.S; do
    "${tool}as" -march=armv8-a -I Boot -o "$obj$(basename "$source" .S).o" "$source"
done

link() {
    "${tool}ld" -T kernel.ld --no-warn-rwx-segments --build-id=none --gc-sections -Map "$obj/kernel.map" -o "$1" \
        "$obj/start.o" "$obj/vectors.o" "$obj/cpu.o" "$obj/runtime.o" "$obj/managed.o" $options $2
}

functions() {
    "${tool}nm" -n "$1" | awk '$2 ~ /^[tT]$/ && $3 !~ /^\$/ && $1 != last { last = $1; print $1, $3 }'
}

link "$obj/first.elf" ""
functions "$obj/first.elf" > "$obj/functions"
awk -f Boot/symbols.awk "$obj/functions" > "$obj/symbols.s"
"${tool}as" -o "$obj/symbols.o" "$obj/symbols.s"
link "$obj/kernel.elf" "$obj/symbols.o"
functions "$obj/kernel.elf" | cmp -s - "$obj/functions" || { echo "link.sh: the symbol table moved the functions it names" >&2; exit 1; }

sh check-fp.sh "$tool" "$obj/kernel.elf"
cp "$obj/kernel.elf" "$obj/kernel.map" "$out"
bash ../../tools/custody.sh "link${CUSTODY_SUFFIX:-}" in Boot/* kernel.ld link.sh \
    "$obj/start.o" "$obj/vectors.o" "$obj/cpu.o" "$obj/runtime.o" "$obj/managed.o" "$obj/symbols.o" out "$out/kernel.elf" "$out/kernel.map"
