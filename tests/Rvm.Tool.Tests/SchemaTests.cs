using System.Text.Json;
using Rvm.Diagnostics;
using Rvm.Tool.SystemDescription;
using Rvm.Tool.Tests.Support;

namespace Rvm.Tool.Tests;

/// <summary>The schema for editors says the same as the tool.</summary>
public class SchemaTests
{
    private static readonly JsonElement Schema = JsonDocument.Parse(File.ReadAllText(Repository.File("systems/system.schema.json"))).RootElement;

    private static JsonElement Definition(string name) => name switch
    {
        "system" => Schema,
        "edge_rights" => Definition("edge").GetProperty("properties").GetProperty("rights"),
        _ => Schema.GetProperty("definitions").GetProperty(name),
    };

    private static string[] Words(JsonElement list) => [.. list.EnumerateArray().Select(e => e.GetString()!)];

    [Fact]
    public void It_knows_the_same_keys()
    {
        foreach (var (name, keys) in DescriptionReader.Keys)
            Assert.Equal(keys.Order(), Definition(name).GetProperty("properties").EnumerateObject().Select(p => p.Name).Order());
    }

    [Fact]
    public void It_knows_the_same_words()
    {
        Assert.Equal(Names.RightByName.Keys, Words(Definition("right").GetProperty("enum")));
        Assert.Equal(Names.PolicyByName.Keys, Words(Definition("region").GetProperty("properties").GetProperty("policy").GetProperty("enum")));
        Assert.Equal(Names.PermissionByName.Keys, Words(Definition("map").GetProperty("properties").GetProperty("permission").GetProperty("enum")));
    }

    [Fact]
    public void Every_reference_in_it_leads_somewhere()
    {
        void Walk(JsonElement e)
        {
            if (e.ValueKind == JsonValueKind.Array) foreach (var item in e.EnumerateArray()) Walk(item);
            if (e.ValueKind != JsonValueKind.Object) return;
            foreach (var p in e.EnumerateObject())
            {
                if (p.Name == "$ref") Assert.True(Schema.GetProperty("definitions").TryGetProperty(p.Value.GetString()!["#/definitions/".Length..], out _), p.Value.GetString());
                Walk(p.Value);
            }
        }

        Walk(Schema);
    }

    [Fact]
    public void The_systems_of_the_checkout_are_described_without_a_mistake()
    {
        var files = Directory.GetFiles(Repository.File("systems"), "*.yaml", SearchOption.AllDirectories);
        Assert.NotEmpty(files);
        var bag = new DiagnosticBag();
        foreach (var file in files)
        {
            Assert.NotNull(DescriptionReader.Read(file, File.ReadAllText(file), bag));
            Assert.Matches(@"^# yaml-language-server: \$schema=(\.\./)?system\.schema\.json\n", File.ReadAllText(file));
        }

        Assert.Empty(bag.All);
    }

    [Fact]
    public void Every_key_is_documented()
    {
        var page = File.ReadAllText(Repository.File("docs/system.md"));
        foreach (var key in DescriptionReader.Keys.Values.SelectMany(k => k).Distinct()) Assert.Contains(key, page, StringComparison.Ordinal);
    }
}
