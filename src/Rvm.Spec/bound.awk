# Dafny's C# tries all 2^32 values of a bound u32, even where only those below a BOUND count: a forall whose body is  !(q < BOUND && …) || …,
# an exists whose body is  q < BOUND && …,  a map whose condition is that. This ends the range at BOUND. Whatever is not so stops the translation.
match($0, /public static [^ ]+ [A-Za-z_]+\(/) { inside = substr($0, RSTART, RLENGTH - 1); sub(/.* /, "", inside) }
/Types\.u32\.IntegerRange\(BigInteger\.Zero, new BigInteger\(4294967296L\)\)/ {
    if (head != "") stop("a bound u32 within another")
    head = $0; variable = ""; all = /\), true,/
    next
}
head != "" && variable == "" {
    if (match($0, /uint _[0-9]+_[A-Za-z]+ = /)) { split(substr($0, RSTART, RLENGTH), part, " "); variable = part[2] }
    body = body $0 "\n"
    next
}
head != "" && (/^ *return / || /^ *if \(/) && !/if \(true\) \{/ {
    condition = $0
    sub(/^ *(return|if) */, "", condition); sub(/ *[;{] *$/, "", condition)
    if (all) condition = condition ~ /^!\(/ ? first(substr(condition, 2)) : ""
    bound = bound_in(condition)
    if (bound == "") stop(variable ": " $0)
    sub(/new BigInteger\(4294967296L\)/, "new BigInteger(" bound ")", head)
    print head
    printf "%s", body
    print
    head = ""; body = ""; bounded++
    next
}
head != "" { body = body $0 "\n"; next }
{ print }
END { if (!stopped && head != "") stop("the end of the file"); if (!stopped && bounded == 0) stop("no bound u32 found") }

# The parenthesis that an expression begins with.
function first(e,    i, depth, c) {
    for (i = 1; i <= length(e); i++) {
        c = substr(e, i, 1)
        if (c == "(") depth++
        if (c == ")" && --depth == 0) return substr(e, 1, i)
    }
    return ""
}
# What the variable must be below for this to be true: expression  (variable) < (BOUND),  or a conjunction of which one part says it; else nothing.
function bound_in(e,    left, right, found) {
    while (first(e) == e && e != "") e = substr(e, 2, length(e) - 2)
    if (index(e, "(" variable ") < (") == 1) {
        found = substr(e, length(variable) + 6)
        return first(found) == found && found ~ /^\([A-Za-z_.0-9]+\)$/ ? substr(found, 2, length(found) - 2) : ""
    }
    left = first(e); right = substr(e, length(left) + 1)
    if (left == "" || index(right, " && (") != 1 || first(substr(right, 5)) != substr(right, 5)) return ""
    found = bound_in(left)
    return found == "" ? bound_in(substr(right, 5)) : found
}
function stop(where) { print "bound.awk: a u32 without a bound that it can read, in " inside ": " where >"/dev/stderr"; stopped = 1; exit 1 }
