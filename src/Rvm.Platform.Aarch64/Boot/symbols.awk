# Lines `address name`, sorted, to the table that Hal/Symbols.cs reads.
{ address[NR] = $1; name[NR] = $2 }
END {
    print "    .section .symbols, \"a\""
    print "table: .word " NR
    for (i = 1; i <= NR; i++) print "    .word 0x" address[i] " - 0x" address[1] ", n" i " - table"
    for (i = 1; i <= NR; i++) print "n" i ": .asciz \"" name[i] "\""
    print "    .balign 8"
}
