# Dafny's C# tries all 2^32 values of a quantified u32, even when the body is  !(q < BOUND && …) || …  and so is true from BOUND on.
# This ends the range at BOUND. A quantifier whose guard does not begin so stops the translation.
match($0, /public static bool [A-Za-z]+\(/) { inside = substr($0, RSTART, RLENGTH - 1); sub(/.* /, "", inside) }
/Types\.u32\.IntegerRange\(BigInteger\.Zero, new BigInteger\(4294967296L\)\)/ { head = $0; variable = ""; next }
head != "" && variable == "" {
    if (match($0, /uint _[0-9]+_[a-z]+ = /)) { split(substr($0, RSTART, RLENGTH), part, " "); variable = part[2] }
    body = body $0 "\n"
    next
}
head != "" && /return !/ {
    # The guard: everything that  !( … )  holds, a conjunction without any  ||.
    depth = 0; guard = ""
    rest = substr($0, index($0, "return !") + 8)
    for (i = 1; i <= length(rest); i++) {
        c = substr(rest, i, 1)
        if (c == "(") depth++
        if (c == ")") depth--
        guard = guard c
        if (depth == 0) break
    }
    if (guard ~ /\|\||!\(/ || !match(guard, "\\(" variable "\\) < \\([A-Za-z_.0-9]+\\)")) stop(variable ": " guard)
    split(substr(guard, RSTART, RLENGTH), part, " < ")
    bound = part[2]
    sub(/new BigInteger\(4294967296L\)/, "new BigInteger" bound, head)
    print head
    printf "%s", body
    print
    head = ""; body = ""; bounded++
    next
}
head != "" { body = body $0 "\n"; next }
{ print }
END { if (!stopped && head != "") stop("the end of the file"); if (!stopped && bounded == 0) stop("no quantifier over u32 found") }
function stop(where) { print "bound.awk: a quantifier over u32 without a bound that it can read, in " inside ": " where >"/dev/stderr"; stopped = 1; exit 1 }
