using Rvm.Diagnostics;

namespace Rvm.Policy.Language;

/// <summary>A policy's text and what it says; names are not resolved.</summary>
/// <param name="Tokens">All tokens, comments included.</param>
public sealed record SyntaxTree(string File, string Text, IReadOnlyList<Token> Tokens, IReadOnlyList<Statement> Statements);

/// <summary>A part of a policy's text.</summary>
public abstract record Syntax(Place Place);

/// <summary>A number with its unit, or a name, or an operation.</summary>
public abstract record Expression(Place Place) : Syntax(Place);

/// <summary>Digits with an optional unit, as written.</summary>
public sealed record NumberExpression(string Source, Place Place) : Expression(Place);

/// <summary>A name; <paramref name="Quoted"/>: a partition's name in quotes.</summary>
public sealed record NameExpression(string Name, bool Quoted, Place Place) : Expression(Place);

/// <summary><c>+</c>, <c>-</c> or <c>*</c>.</summary>
public sealed record BinaryExpression(Expression Left, char Operator, Expression Right, Place Place) : Expression(Place);

/// <summary><c>low..high</c>.</summary>
public sealed record RangeExpression(Expression Low, Expression High, Place Place) : Expression(Place);

/// <summary><c>{a, b, c}</c>.</summary>
public sealed record SetExpression(IReadOnlyList<Expression> Items, Place Place) : Expression(Place);

/// <summary>A condition.</summary>
public abstract record Condition(Place Place) : Syntax(Place);

/// <summary><c>true</c> or <c>false</c>.</summary>
public sealed record TruthCondition(bool Value, Place Place) : Condition(Place);

/// <summary><c>not inner</c>.</summary>
public sealed record NotCondition(Condition Inner, Place Place) : Condition(Place);

/// <summary><c>a and b and …</c>; at least two parts.</summary>
public sealed record AndCondition(IReadOnlyList<Condition> Parts, Place Place) : Condition(Place);

/// <summary><c>a or b or …</c>; at least two parts.</summary>
public sealed record OrCondition(IReadOnlyList<Condition> Parts, Place Place) : Condition(Place);

/// <summary><c>left operator right</c>, the operator being one of <c>= != &lt; &lt;= &gt; &gt;=</c>.</summary>
public sealed record CompareCondition(Expression Left, string Operator, Expression Right, Place Place) : Condition(Place);

/// <summary><c>left in set</c>: a set, a range or a group's name.</summary>
public sealed record InCondition(Expression Left, Expression Set, Place Place) : Condition(Place);

/// <summary><c>left has set</c> or <c>left has any set</c>.</summary>
public sealed record HasCondition(Expression Left, bool Any, Expression Set, Place Place) : Condition(Place);

/// <summary>Stands where a condition could not be read; the error is reported.</summary>
public sealed record BrokenCondition(Place Place) : Condition(Place);

/// <summary>A statement: it begins in column 1.</summary>
public abstract record Statement(Place Place) : Syntax(Place);

/// <summary><c>policy NAME "TEXT"</c>.</summary>
public sealed record PolicyStatement(Located<string> Name, string Text, Place Place) : Statement(Place);

/// <summary><c>const NAME = EXPRESSION</c>.</summary>
public sealed record ConstStatement(Located<string> Name, Expression Value, Place Place) : Statement(Place);

/// <summary><c>partition NAME = NUMBER</c>; <paramref name="Quoted"/>: the name stands in quotes.</summary>
public sealed record PartitionStatement(Located<string> Name, bool Quoted, NumberExpression Number, Place Place) : Statement(Place);

/// <summary><c>group NAME = MEMBER, …</c>.</summary>
public sealed record GroupStatement(Located<string> Name, IReadOnlyList<NameExpression> Members, Place Place) : Statement(Place);

/// <summary><c>govern CALL, …</c>.</summary>
public sealed record GovernStatement(IReadOnlyList<Located<string>> Calls, Place Place) : Statement(Place);

/// <summary><c>deep CALL, …</c>.</summary>
public sealed record DeepStatement(IReadOnlyList<Located<string>> Calls, Place Place) : Statement(Place);

/// <summary><c>permit NAME "REASON" when CONDITION</c>, or <c>forbid …</c>.</summary>
public sealed record RuleStatement(bool Permits, Located<string> Name, string Reason, Condition Condition, Place Place) : Statement(Place);

/// <summary><c>assert never NAME "REASON" when CONDITION</c>, or <c>assert always …</c>.</summary>
public sealed record AssertStatement(bool Always, Located<string> Name, string Reason, Condition Condition, Place Place) : Statement(Place);

/// <summary><c>assert unchanged-from FILE [except CONDITION]</c>.</summary>
public sealed record UnchangedStatement(Located<string> Path, Condition? Except, Place Place) : Statement(Place);

/// <summary><c>allow CHECK "REASON"</c>.</summary>
public sealed record AllowStatement(Located<string> Check, string Reason, Place Place) : Statement(Place);

/// <summary>Stands where a statement could not be read; the error is reported.</summary>
/// <param name="Keyword">Its first word.</param>
/// <param name="Name">What it would have named; empty when unknown.</param>
public sealed record BrokenStatement(string Keyword, string Name, Place Place) : Statement(Place);
