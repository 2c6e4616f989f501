namespace Rvm.Tool.Proof;

/// <summary>What to try when the verifier says no, by the kind of failure.</summary>
public static class Hints
{
    private static readonly (string Part, string Hint)[] ByMessage =
    [
        ("out of resource", "split the lemma or method, make its helper functions opaque, or assert the decisive fact first; `--filter-symbol NAME --isolate-assertions` shows which assertion costs"),
        ("timed out", "the solver ran out of time before resources: treat it as out of resource; non-linear arithmetic and matching loops are the usual cause"),
        ("contradictory", "no state satisfies what is assumed here: a precondition is too strong, or the branch is dead; mark a proof by contradiction with `assert {:contradiction} …`"),
        ("postcondition", "assert the postcondition at the end of each branch: the first that fails lacks a lemma call or a `reveal`"),
        ("precondition", "assert the precondition before the call; if it holds only on some paths, refuse the others first"),
        ("loop invariant could not be proved on entry", "check the values before the loop: the invariant must hold with zero rounds done"),
        ("invariant could not be proved to be maintained", "assert the invariant at the end of the body; often a frame fact about untouched elements is missing"),
        ("loop invariant", "assert the invariant before the loop and at the end of its body to see which of the two fails"),
        ("index", "state the bound of the index as precondition or invariant"),
        ("decreases", "name the measure in a `decreases` clause, and assert that it falls"),
        ("termin", "name the measure in a `decreases` clause, and assert that it falls"),
        ("modifies", "name the object in `modifies`, or prove that it is fresh"),
        ("reads", "name the object in the `reads` clause, or take the value as an argument"),
        ("result of operation", "prove the bound before the operation: compare against MAX - x instead of adding first"),
        ("value does not satisfy", "prove the bound of the subset type before the conversion"),
        ("divisor", "state that the divisor is not 0"),
        ("in domain", "show `key in map` first"),
        ("inhabited", "give the type a `witness`"),
        ("shadowed", "rename one of the two variables"),
        ("assertion", "prove it in smaller steps with `calc` or an intermediate `assert … by { … }`"),
    ];

    public static string? For(string message) =>
        ByMessage.FirstOrDefault(entry => message.Contains(entry.Part, StringComparison.OrdinalIgnoreCase)).Hint;
}
