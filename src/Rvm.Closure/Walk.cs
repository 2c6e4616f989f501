using System.Collections;
using Microsoft.Dafny;

namespace Rvm.Closure;

/// <summary>Something in a declaration that a reader of proofs has to know of.</summary>
/// <param name="Rule">assume, expect, attribute, no-body, loop-no-body, decreases-star or skeleton</param>
internal sealed record Mark(string Rule, string Text, IOrigin Origin);

/// <summary>
/// Everything that one declaration refers to, divided into what says something (a contract, the body of a function, a type) and what proves or computes
/// it (the body of a lemma or method, statements inside expressions, measures). Other declarations are where the walk ends: each has a walk of its own.
/// </summary>
internal sealed class Walk
{
    /// <summary>Fields of declarations that lead up or sideways instead of into the declaration.</summary>
    private static readonly HashSet<string> Elsewhere =
    [
        "EnclosingClass", "EnclosingModuleDefinition", "EnclosingModule", "Members", "MembersBeforeResolution", "InheritedMembers", "RefinementBase", "OverriddenMember",
        "OverriddenMethod", "OverriddenFunction", "ParentTypeInformation", "NonNullTypeDecl", "opaqueScope", "revealScope", "Origin", "NameNode", "BodyStartTok",
    ];

    private static readonly HashSet<string> Contract = ["Req", "Ens", "Mod", "Reads", "Ins", "Outs", "TypeArgs"];

    private static readonly HashSet<string> Definition = ["Req", "Reads", "Ins", "Result", "ResultType", "Body", "TypeArgs"];

    private readonly Declaration root;
    private readonly HashSet<object> seen = new(ReferenceEqualityComparer.Instance);
    private readonly Stack<object> open = new();
    private readonly List<object> later = [];
    private readonly HashSet<Declaration> says = [], proves = [];
    private readonly List<Mark> marks = [];
    private bool proving;

    public Walk(Declaration root)
    {
        this.root = root;
        seen.Add(root);
        var fields = FieldTable.Of(root.GetType()).Where(field => !Elsewhere.Contains(field.Name)).ToList();
        foreach (var field in fields.Where(field => Says(field.Name))) Go(field.Value(root));
        proving = true;
        foreach (var statement in later) Go(statement);
        foreach (var field in fields.Where(field => !Says(field.Name))) Go(field.Value(root));
        proves.ExceptWith(says);
    }

    /// <summary>What the meaning of the declaration refers to.</summary>
    public IReadOnlyCollection<Declaration> Said => says;

    /// <summary>What only its proof or its code refers to.</summary>
    public IReadOnlyCollection<Declaration> Used => proves;

    public IReadOnlyList<Mark> Marks => marks;

    private bool Says(string field) => root switch
    {
        MethodOrConstructor => Contract.Contains(field),
        Function => Definition.Contains(field),
        _ => field is not ("Witness" or "Attributes"),
    };

    private void Go(object? start)
    {
        if (start == null) return;
        open.Push(start);
        while (open.TryPop(out var next)) Visit(next);
    }

    private void Visit(object next)
    {
        if (next is string or IOrigin or Name or ModuleDefinition or ModuleSignature or ErrorReporter or DafnyOptions or Uri) return;
        if (next is Declaration declaration && next != root) { Refer(declaration); return; }
        if (!proving && next is Statement or Attributes) { later.Add(next); return; }
        if (!seen.Add(next)) return;
        if (next is IDictionary map)
        {
            foreach (DictionaryEntry entry in map) { Push(entry.Key); Push(entry.Value); }
            return;
        }
        if (next is IEnumerable list and not Node)
        {
            foreach (var item in list) Push(item);
            return;
        }
        if (!IsTree(next.GetType())) return;
        Note(next);
        foreach (var field in FieldTable.Of(next.GetType())) Push(field.Value(next));
    }

    private void Push(object? next)
    {
        if (next != null) open.Push(next);
    }

    private static bool IsTree(System.Type type) => type.Namespace?.StartsWith("Microsoft.Dafny", StringComparison.Ordinal) == true || type.FullName!.StartsWith("System.Tuple", StringComparison.Ordinal) || type.FullName.StartsWith("System.ValueTuple", StringComparison.Ordinal) || type.FullName.StartsWith("System.Collections.Generic.KeyValuePair", StringComparison.Ordinal);

    private void Refer(Declaration declaration)
    {
        if (Names.Symbol(declaration) is { } symbol && symbol != root) (proving ? proves : says).Add(symbol);
        if (declaration is DatatypeCtor constructor && constructor.EnclosingDatatype == root && seen.Add(constructor))
            foreach (var field in FieldTable.Of(constructor.GetType()).Where(field => !Elsewhere.Contains(field.Name) && field.Name != "EnclosingDatatype")) Push(field.Value(constructor));
    }

    private void Note(object next)
    {
        switch (next)
        {
            case AssumeStmt assume: Mark("assume", "assume", assume.Origin); break;
            case ExpectStmt expect: Mark("expect", "expect", expect.Origin); break;
            case AssignSuchThatStmt { AssumeToken: { } assumed } choice: Mark("assume", ":| assume", choice.Origin); break;
            case AssignOrReturnStmt { KeywordToken: { } keyword } call: Mark(keyword.Token.val == "assume" ? "assume" : "expect", $":- {keyword.Token.val}", call.Origin); break;
            case ForallStmt { Body: null, CanConvert: var _ } all when all.Ens.Count > 0: Mark("no-body", "forall without a body", all.Origin); break;
            case OneBodyLoopStmt { Body: null } loop: Mark("no-body", "loop without a body", loop.Origin); break;
            case SkeletonStatement skeleton: Mark("skeleton", "...", skeleton.Origin); break;
            case Attributes attribute: Mark("attribute", Text(attribute), attribute.Origin); break;
            case Specification<Microsoft.Dafny.Expression> { Expressions: { } measure } when measure.Any(e => e is WildcardExpr): Mark("decreases-star", "decreases *", measure.First(e => e is WildcardExpr).Origin); break;
        }
    }

    private void Mark(string rule, string text, IOrigin origin) => marks.Add(new Mark(rule, text, origin));

    private static string Text(Attributes attribute) =>
        attribute.Args is { Count: > 0 } arguments ? $"{attribute.Name} {string.Join(", ", arguments.Select(a => a.ToString()))}" : attribute.Name;
}
