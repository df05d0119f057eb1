using Harness.Measuring.Data;
using Harness.Measuring.Worlds;

namespace Harness.Tests.Data;

public sealed class FactDataFolderTests : IDisposable
{
    private static readonly World World = WorldGenerator.Generate(new WorldOptions(), seed: 5);

    private static readonly FactData Data = WorldDatasets.ToZsre(World, edits: 3, seed: 1) with
    {
        Texts = ["two\nlines \u2028 \"é\"", "b"],
    };

    private readonly string folder = Directory.CreateTempSubdirectory("folder").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public void Reads_what_was_written_and_writes_the_same_bytes_again()
    {
        FactDataFolder.Write(Data, folder);
        var bytes = Directory.GetFiles(folder).Order().Select(File.ReadAllBytes).ToList();
        Assert.Equal(
            ["cases.jsonl", "examples.jsonl", "held-out.jsonl", "knowledge.jsonl", "probes.jsonl", "recall.jsonl", "texts.jsonl",
                "unseen.jsonl"],
            Directory.GetFiles(folder).Select(Path.GetFileName).Order());
        Assert.Equal(2, File.ReadAllLines(Path.Combine(folder, "texts.jsonl")).Length);

        var again = FactDataFolder.Read(folder);
        Assert.Equal(CanonicalJson.ToText(Data), CanonicalJson.ToText(again));
        FactDataFolder.Write(again, folder);
        Assert.Equal(bytes, Directory.GetFiles(folder).Order().Select(File.ReadAllBytes));
    }

    [Fact]
    public void A_case_keeps_what_is_one_hop_away_and_its_generation_prompts()
    {
        var bare = Data.Cases[0];
        var rich = bare with { Portability = [new Question("a", "b")], GenerationPrompts = ["c"] };
        FactDataFolder.Write(Data with { Cases = [bare, rich] }, folder);
        var lines = File.ReadAllLines(Path.Combine(folder, "cases.jsonl"));
        Assert.DoesNotContain("portability", lines[0], StringComparison.Ordinal);
        Assert.Contains("\"generation-prompts\":[\"c\"]", lines[1], StringComparison.Ordinal);
        Assert.Contains("\"portability\":[{\"answer\":\"b\",\"prompt\":\"a\"}]", lines[1], StringComparison.Ordinal);
        var again = FactDataFolder.Read(folder).Cases;
        Assert.Empty(again[0].Portability);
        Assert.Equal(rich.Portability, again[1].Portability);
        Assert.Equal(rich.GenerationPrompts, again[1].GenerationPrompts);
    }

    [Fact]
    public void A_case_keeps_its_tests_and_one_that_has_none_is_written_without()
    {
        var bare = Data.Cases[0];
        var test = new CriterionTest("multi-hop", [new("a", "b") { Aliases = ["c"] }, new("d", "e")])
        {
            IsWhole = true,
            Conditions = [new("f", "g")],
        };
        var rich = bare with { Tests = [test, new("preservation", [new("h", "i")])], Group = "7" };
        FactDataFolder.Write(Data with { Cases = [bare, rich] }, folder);
        var lines = File.ReadAllLines(Path.Combine(folder, "cases.jsonl"));
        Assert.DoesNotContain("tests", lines[0], StringComparison.Ordinal);
        Assert.DoesNotContain("group", lines[0], StringComparison.Ordinal);
        Assert.DoesNotContain("aliases", lines[0], StringComparison.Ordinal);
        Assert.Contains("\"group\":\"7\"", lines[1], StringComparison.Ordinal);
        Assert.Contains(
            "\"tests\":[{\"conditions\":[{\"answer\":\"g\",\"prompt\":\"f\"}],\"criterion\":\"multi-hop\",\"is-whole\":true,"
            + "\"questions\":[{\"aliases\":[\"c\"],\"answer\":\"b\",\"prompt\":\"a\"},{\"answer\":\"e\",\"prompt\":\"d\"}]},"
            + "{\"criterion\":\"preservation\",\"questions\":[{\"answer\":\"i\",\"prompt\":\"h\"}]}]",
            lines[1], StringComparison.Ordinal);
        var again = FactDataFolder.Read(folder).Cases;
        Assert.Empty(again[0].Tests);
        Assert.Equal(["b", "c"], again[1].Tests[0].Questions[0].Accepted);
        Assert.Equal(CanonicalJson.ToText(rich), CanonicalJson.ToText(again[1]));
    }

    [Theory]
    [InlineData("knowledge.jsonl", 2, "{\"prompt\":\"a\"}", "found '{\"prompt\":\"a\"}', expected a question (")]
    [InlineData("recall.jsonl", 3, "", "found an empty line, expected a question (")]
    [InlineData("cases.jsonl", 1, "{\"id\":\"x\"}", "found '{\"id\":\"x\"}', expected an edit case (")]
    [InlineData("probes.jsonl", 1, "{\"kind\":\"unrelated\"}", "found '{\"kind\":\"unrelated\"}', expected a probe (")]
    [InlineData("texts.jsonl", 2, "5", "found '5', expected a text (")]
    [InlineData("texts.jsonl", 1, "null", "found 'null', expected a text (")]
    public void A_malformed_line_is_an_error_that_names_file_and_line(string name, int number, string line, string text)
    {
        FactDataFolder.Write(Data, folder);
        var file = Path.Combine(folder, name);
        var lines = File.ReadAllLines(file);
        lines[number - 1] = line;
        File.WriteAllText(file, string.Join('\n', lines) + "\n");
        Assert.StartsWith($"{file}({number}): {text}", Assert.Throws<InputException>(() => FactDataFolder.Read(folder)).Message);
    }

    [Fact]
    public void A_cut_or_missing_file_is_an_error_that_names_it()
    {
        FactDataFolder.Write(Data, folder);
        var file = Path.Combine(folder, "texts.jsonl");
        File.WriteAllText(file, "\"a\"\n\"b\"");
        Assert.StartsWith($"{file}(2): found a last line without its end, expected a text", Error());
        File.Delete(file);
        Assert.StartsWith($"{file}: found no readable file (", Error());

        string Error() => Assert.Throws<InputException>(() => FactDataFolder.Read(folder)).Message;
    }
}
