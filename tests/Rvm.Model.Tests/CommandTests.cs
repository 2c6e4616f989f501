using System.Text.Json;

namespace Rvm.Model.Tests;

/// <summary>The program: its exit status, its table, its JSON, its complaints.</summary>
public class CommandTests
{
    private static (int Exit, string Output, string Errors) Run(params string[] arguments)
    {
        using StringWriter output = new(), errors = new();
        return (Program.Run(arguments, output, errors), output.ToString(), errors.ToString());
    }

    [Fact]
    public void A_table_for_people()
    {
        var (exit, text, _) = Run("pair", "--depth", "2");
        Assert.Equal(0, exit);
        Assert.Contains("holds as far as searched: depth 2", text, StringComparison.Ordinal);
    }

    [Fact]
    public void Json_for_programs()
    {
        var (exit, text, _) = Run("pair", "--depth", "2", "--format", "json");
        Assert.Equal(0, exit);
        var row = JsonDocument.Parse(text).RootElement[0];
        Assert.Equal(2, row.GetProperty("depth").GetInt32());
        Assert.Equal(row.GetProperty("states").GetInt32(), row.GetProperty("layers").EnumerateArray().Sum(l => l.GetInt32()));
        Assert.False(row.GetProperty("complete").GetBoolean());
    }

    [Fact]
    public void The_number_of_workers_changes_nothing()
    {
        static string Layers(string workers) => JsonDocument.Parse(Run("pair", "--depth", "4", "--workers", workers, "--format", "json").Output).RootElement[0].GetProperty("layers").ToString();
        Assert.Equal(Layers("1"), Layers("2"));
    }

    [Theory]
    [InlineData("did you mean `pair`", "par")]
    [InlineData("add --depth", "--exact")]
    [InlineData("use --workers", "--workers", "0")]
    [InlineData("see --help", "--format", "xml")]
    public void Bad_arguments_get_a_mend(string mend, params string[] arguments)
    {
        var (exit, _, errors) = Run(arguments);
        Assert.Equal(2, exit);
        Assert.Contains(mend, errors, StringComparison.Ordinal);
    }
}
