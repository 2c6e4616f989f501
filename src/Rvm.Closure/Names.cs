using Microsoft.Dafny;

namespace Rvm.Closure;

/// <summary>Which of Dafny's declarations are symbols of the program, and under which symbol the others go.</summary>
internal static class Names
{
    /// <summary>The declaration that stands for this one, or null when it belongs to no symbol: type parameters, modules, what is built into Dafny.</summary>
    public static Declaration? Symbol(Declaration declaration) => declaration switch
    {
        ModuleDecl or TypeParameter or DefaultClassDecl or ValuetypeDecl or ArrowTypeDecl or TupleTypeDecl or ArrayClassDecl => null,
        DatatypeCtor constructor => Symbol(constructor.EnclosingDatatype!),
        NonNullTypeDecl type => Symbol((Declaration)type.Class),
        PrefixLemma prefix => prefix.ExtremeLemma,
        PrefixPredicate prefix => prefix.ExtremePred,
        Lemma or TwoStateLemma when Revealed((MethodOrConstructor)declaration) is { } function => function,
        SpecialField field => field.EnclosingClass is { } type ? Symbol(type) : null,
        MemberDecl member => member.EnclosingClass is { } type && !IsBuiltIn(type.EnclosingModuleDefinition) ? member : null,
        TopLevelDecl type => !IsBuiltIn(type.EnclosingModuleDefinition) ? type : null,
        _ => null,
    };

    /// <summary>The module of what every program has: sequences, sets, arrays, tuples.</summary>
    public static bool IsBuiltIn(ModuleDefinition module) => module.Name == "_System";

    /// <summary>The function that a generated lemma reveals.</summary>
    private static Declaration? Revealed(MethodOrConstructor lemma) =>
        Attributes.Contains(lemma.Attributes, "opaque_reveal") && lemma.EnclosingClass is TopLevelDeclWithMembers type
            ? type.Members.Find(m => HideRevealStmt.RevealLemmaPrefix + m.Name == lemma.Name)
            : null;

    public static string Of(Declaration declaration) => declaration switch
    {
        MemberDecl member => member.FullDafnyName,
        TopLevelDecl type => type.FullDafnyName,
        _ => declaration.Name,
    };

    public static string Kind(Declaration declaration) => declaration switch
    {
        TwoStateLemma => "lemma",
        ConstantField => "const",
        Field => "field",
        MemberDecl member => member.WhatKind,
        TopLevelDecl type => type.WhatKind,
        _ => "declaration",
    };
}
