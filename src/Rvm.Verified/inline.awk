# Puts AggressiveInlining before the methods of inline.list in Dafny's C#. Changes how fast the code runs, not what it does.
FNR == NR { if ($0 !~ /^#/ && $0 != "") wanted[$0] = 1; next }
match($0, /^  public partial class [A-Za-z_0-9]+/) { split($0, part, " "); class = part[4] }
match($0, /^    public [a-z. A-Z_0-9\[\]]*\(/) {
    name = substr($0, RSTART, RLENGTH - 1); sub(/.* /, "", name)
    if ((class "." name) in wanted) { print "    [System.Runtime.CompilerServices.MethodImpl(System.Runtime.CompilerServices.MethodImplOptions.AggressiveInlining)]"; used[class "." name] = 1 }
}
{ print }
END { for (w in wanted) if (!(w in used)) print w >"/dev/stderr" }
