using Harness.Measuring.Yaml;

namespace Harness.Tests.Yaml;

public sealed class YamlReaderTests
{
    [Fact]
    public void Maps_lists_and_values_have_their_places_and_aliases_stand_for_their_anchors()
    {
        var map = Read("layer: &n 4\nsearch:\n  steps: [*n, 'two', ~]");
        Assert.Equal(["layer", "search"], map.Keys);
        var steps = Assert.IsType<YamlList>(Assert.IsType<YamlMap>(map.Find("search")).Find("steps"));
        Assert.Equal(["t.yaml(3,10)", "t.yaml(1,8)", "t.yaml(3,15)", "t.yaml(3,22)"],
            steps.Items.Prepend(steps).Select(item => item.Place.ToString()));
        Assert.Equal(["'4'", "the text 'two'", "nothing"], steps.Items.Select(item => item.Description));
    }

    [Theory]
    [InlineData("layer: 1\nshare: 1\nlayer: 2", "t.yaml(3,1): duplicate key 'layer'; it stands in line 1 already. Remove one of them.")]
    [InlineData("{ layer: !!int 1 }", "t.yaml(1,10): found the tag 'tag:yaml.org,2002:int', expected a plain value; "
        + "code and types are not understood here, write what it stands for.")]
    [InlineData("[1]", "t.yaml(1,1): found a list, expected keys and values.")]
    [InlineData("", "t.yaml(1,1): found nothing, expected keys and values.")]
    [InlineData("layer: 1\n---\nlayer: 2", "t.yaml(2,1): a second document begins here; expected one document per file.")]
    public void Says_where_what_was_found_and_what_was_expected(string yaml, string message) =>
        Assert.Equal(message, Assert.Throws<InputException>(() => Read(yaml)).Message);

    [Theory]
    [InlineData("layer: [1,\nshare: 2", "t.yaml(1,10): not valid YAML after this; a bracket or quote may be missing.")]
    [InlineData("layer: 1\n\tshare: 2", "t.yaml(1,8): not valid YAML: ")]
    [InlineData("layer: *n", "t.yaml(1,8): not valid YAML: alias '*n' has no anchor before it.")]
    public void Broken_syntax_names_its_place(string yaml, string message) =>
        Assert.StartsWith(message, Assert.Throws<InputException>(() => Read(yaml)).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData("[", "")]
    [InlineData("{a: ", "layer: 1\nnote: ")]
    [InlineData("- ", "")]
    public void Depth_is_bounded(string opening, string before)
    {
        var (deepest, deeper) = (Nested(64 - (before.Length > 0 ? 1 : 0)), Nested(100_000));
        Assert.DoesNotContain("nest deeper", Assert.Throws<InputException>(() => Read(deepest)).Message, StringComparison.Ordinal);
        Assert.EndsWith(": not valid YAML: lists and maps nest deeper than 64.", Assert.Throws<InputException>(() => Read(deeper)).Message,
            StringComparison.Ordinal);

        string Nested(int depth) => before + string.Concat(Enumerable.Repeat(opening, depth)) + (opening == "- " ? "x" : "");
    }

    [Fact]
    public void What_aliases_of_aliases_stand_for_is_bounded()
    {
        var lines = Enumerable.Range(0, 9)
            .Select(i => $"k{i}: &a{i} [{string.Join(", ", Enumerable.Repeat(i == 0 ? "x" : $"*a{i - 1}", 9))}]");
        Assert.StartsWith(
            "t.yaml(7,", Assert.Throws<InputException>(() => Read(string.Join('\n', lines))).Message, StringComparison.Ordinal);
        Assert.Contains("more than 1000000 values", Assert.Throws<InputException>(() => Read(string.Join('\n', lines))).Message,
            StringComparison.Ordinal);
        Assert.Contains("alias '*a' has no anchor before it", Assert.Throws<InputException>(() => Read("layer: &a [*a]")).Message,
            StringComparison.Ordinal);
    }

    private static YamlMap Read(string yaml)
    {
        var errors = new DeclarationErrors();
        var map = YamlReader.ReadText(yaml, "t.yaml", errors);
        errors.ThrowIfAny();
        return map!;
    }
}
