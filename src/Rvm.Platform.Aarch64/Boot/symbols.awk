# Lines `address name`, sorted, to the table that Hal/Symbols.cs reads.
# C# names lose the assembly's.
{ address[NR] = $1; name[NR] = $2; sub(/^Rvm_(Platform_Aarch64_Rvm_Platform_Aarch64|Verified|Heap)_/, "", name[NR]) }
END {
    print "    .section .symbols, \"a\""
    print "table: .word " NR
    for (i = 1; i <= NR; i++) print "    .word 0x" address[i] " - 0x" address[1] ", n" i " - table"
    for (i = 1; i <= NR; i++) print "n" i ": .asciz \"" name[i] "\""
    print "    .balign 8"
}
