using Rvm.Diagnostics;

namespace Rvm.Policy.Language;

/// <summary>Reads one statement.</summary>
public sealed class StatementParser(IReadOnlyList<Token> tokens, DiagnosticBag bag) : ConditionParser(tokens, bag)
{
    /// <summary>The statement; a <see cref="BrokenStatement"/> after a report.</summary>
    public Statement Statement()
    {
        var place = Here;
        var word = Take();
        var name = Current.Kind == TokenKind.Word ? Current.Source : "";
        if ((word.Kind == TokenKind.Word ? Named(word, place) : Unknown(word)) is not { } statement)
            return new BrokenStatement(word.Source, name, place);
        if (!AtEnd) Bag.Error(Here, $"{Current.Describe} does not belong here", "the statement ends before it; a new statement begins in column 1");
        return statement;
    }

    private Statement? Named(Token word, Place place) => word.Source switch
    {
        "policy" => Name() is { } name && Text("what the policy is for") is { } text ? new PolicyStatement(name, text, place) : null,
        "const" => Name() is { } name && Equal() && Sum() is { } value ? new ConstStatement(name, value, place) : null,
        "partition" => Partition(place),
        "group" => Group(place),
        "govern" => CallNames("write govern cap_grant, region_map") is { } calls ? new GovernStatement(calls, place) : null,
        "deep" => CallNames("write deep partition_create, policy_activate") is { } calls ? new DeepStatement(calls, place) : null,
        "permit" or "forbid" => Rule(word.Source == "permit", place),
        "assert" => Assert(place),
        "allow" => Name() is { } name && Text("the reason") is { } reason ? new AllowStatement(name, reason, place) : null,
        _ => Unknown(word),
    };

    private Statement? Unknown(Token word)
    {
        Bag.Error(word.Place, $"{word.Describe} does not begin a statement", Suggest.OneOf(word.Source, [.. Keywords.Statements]));
        SkipToCondition();
        if (Accept("when") || Accept("except")) Condition();
        return null;
    }

    private PartitionStatement? Partition(Place place)
    {
        var quoted = Current.Kind == TokenKind.Text;
        var name = quoted ? new(Unquote(Current.Source), Take().Place) : Name();
        if (name is null || !Equal()) return null;
        if (Current.Kind != TokenKind.Number) return (PartitionStatement?)Expected("the partition's number", "write partition alice = 1");
        var number = Take();
        return new(name, quoted, new(number.Source, number.Place), place);
    }

    private GroupStatement? Group(Place place)
    {
        if (Name() is not { } name || !Equal()) return null;
        List<NameExpression> members = [];
        do
        {
            if (Current.Kind is not (TokenKind.Word or TokenKind.Text))
                return (GroupStatement?)Expected("a partition's name", "write group tenants = alice, bob");
            var member = Take();
            members.Add(new(member.Kind == TokenKind.Text ? Unquote(member.Source) : member.Source, member.Kind == TokenKind.Text, member.Place));
        }
        while (Accept(","));
        return new(name, members, place);
    }

    private List<Located<string>>? CallNames(string example)
    {
        List<Located<string>> calls = [];
        do
        {
            if (Current.Kind != TokenKind.Word) return (List<Located<string>>?)Expected("a call's name", example);
            var call = Take();
            calls.Add(new(call.Source, call.Place));
        }
        while (Accept(","));
        return calls;
    }

    private RuleStatement? Rule(bool permits, Place place)
    {
        var name = Name();
        var reason = name is null ? null : Text("the reason of the rule");
        if (reason is null) SkipToCondition();
        var condition = When();
        return name is null || reason is null || condition is null ? null : new(permits, name, reason, condition, place);
    }

    private Statement? Assert(Place place)
    {
        var (which, always) = (Current, Current.Is("always"));
        if (Accept("unchanged-from")) return Unchanged(place);
        if (!Accept("always") && !Accept("never"))
        {
            Bag.Error(which.Place, $"{which.Describe} is no kind of assertion", Suggest.OneOf(which.Source, ["never", "always", "unchanged-from"]));
            if (which.Kind == TokenKind.Word && !which.Is("when")) Take();
            SkipToCondition();
            if (Accept("when")) Condition();
            return null;
        }

        return Rule(false, place) is { } rule ? new AssertStatement(always, rule.Name, rule.Reason, rule.Condition, place) : null;
    }

    private UnchangedStatement? Unchanged(Place place)
    {
        if (Current.Kind is not (TokenKind.Path or TokenKind.Text))
            return (UnchangedStatement?)Expected("the other policy's file", "write assert unchanged-from previous.rvmp");
        var path = Take();
        var text = path.Kind == TokenKind.Text ? Unquote(path.Source) : path.Source;
        return new(new(text, path.Place), Accept("except") ? Condition() : null, place);
    }

    private Condition? When()
    {
        if (Accept("when")) return Condition();
        return (Condition?)Expected("`when`", "add the condition on the next line: `  when call = …`, or `  when true`");
    }

    private Located<string>? Name()
    {
        if (Current.Kind == TokenKind.Word && !Keywords.Conditions.Contains(Current.Source))
        {
            var word = Take();
            return new(word.Source, word.Place);
        }

        return (Located<string>?)Expected("a name", "a name begins with a letter, then letters, digits, `_` and `-`");
    }

    private string? Text(string what)
    {
        if (Current.Kind == TokenKind.Text) return Unquote(Take().Source);
        return (string?)Expected(what, $"add {what} in \"quotes\"");
    }

    private bool Equal()
    {
        if (Accept("=")) return true;
        Expected("`=`", "write NAME = VALUE");
        return false;
    }

    private void SkipToCondition()
    {
        while (!AtEnd && !Current.Is("when") && !Current.Is("except")) Take();
    }
}
