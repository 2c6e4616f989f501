using System.Text.Json.Serialization;

namespace Rvm.Tool.Closure;

/// <summary>A declaration of the resolved program.</summary>
/// <param name="Digest">of what it says and of the names that this refers to: the same words that mean another declaration have another digest</param>
/// <param name="Text">what it says, when the meaning of a theorem rests on it</param>
/// <param name="Trusted">extern, axiom or no-body, when it is believed instead of proved</param>
public sealed record ClosureSymbol(string Name, string Kind, string File, int Line, bool Ghost, string Digest, string? Text, string? Trusted);

/// <summary>What a theorem of spec/Theorem.dfy rests on. Numbers are indices into the symbols of the report.</summary>
/// <param name="Statement">what it says, normalised: one space between tokens, no comments</param>
/// <param name="Digest">of the statement</param>
/// <param name="MeaningDigest">of the statement and of every definition that its meaning rests on</param>
/// <param name="Meaning">definitions, types, constants and contracts that decide what the sentence says</param>
/// <param name="Proof">what, besides, its proof uses: lemmas, contracts and code, directly or not</param>
/// <param name="Trusted">those of both that are believed: externs with their contracts, axioms, declarations without a body</param>
/// <param name="Lemmas">how many lemmas are among the proof</param>
/// <param name="Obligations">how many obligations all of it has, in how many units; how many of them have no current proof</param>
public sealed record TheoremClosure(
    string Theorem, string Sentence, string Group, string File, int Line, string Statement, string Digest, string MeaningDigest,
    [property: JsonConverter(typeof(CompactNumbers))] IReadOnlyList<int> Meaning,
    [property: JsonConverter(typeof(CompactNumbers))] IReadOnlyList<int> Proof,
    [property: JsonConverter(typeof(CompactNumbers))] IReadOnlyList<int> Trusted,
    int Lemmas, int Obligations, int Unproved, long Units, string? Heaviest);

/// <summary>Writes a list of numbers on one line.</summary>
public sealed class CompactNumbers : JsonConverter<IReadOnlyList<int>>
{
    public override IReadOnlyList<int> Read(ref System.Text.Json.Utf8JsonReader reader, Type typeToConvert, System.Text.Json.JsonSerializerOptions options) =>
        System.Text.Json.JsonSerializer.Deserialize<int[]>(ref reader) ?? [];

    public override void Write(System.Text.Json.Utf8JsonWriter writer, IReadOnlyList<int> value, System.Text.Json.JsonSerializerOptions options) =>
        writer.WriteRawValue($"[{string.Join(',', value)}]");
}
