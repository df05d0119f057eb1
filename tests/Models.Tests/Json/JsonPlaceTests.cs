using System.Text;
using System.Text.Json;
using Harness.Models.Json;

namespace Harness.Tests.Json;

public sealed class JsonPlaceTests
{
    private static readonly JsonVoice Quoted = new("mend it", ", field '", "'");

    [Fact]
    public void Reads_what_is_there()
    {
        var root = Parse("""{"a": "x", "b": [1, -2.5], "c": {"d": true}, "e": null}""");
        Assert.Equal("x", root["a"].Text());
        Assert.Equal(1, root["b"].Items.First().Integer());
        Assert.Equal(-2.5, root["b"].Items.Last().Number());
        Assert.True(root["c"]["d"].Flag());
        Assert.Equal(["a", "b", "c", "e"], root.Fields.Select(field => field.Name));
        Assert.True(root["e"] is { IsGiven: true, Optional: null });
        Assert.True(root["f"] is { IsGiven: false, Optional: null });
        Assert.Equal((7, 0.5, true), (root["e"].Integer(7), root["f"].Number(0.5), root["e"].Flag(true)));
    }

    [Theory]
    [InlineData("""{"a": 1}""", "t.json: a: found 1, expected a text; mend it")]
    [InlineData("{}", "t.json: a: found nothing, expected a text; mend it")]
    [InlineData("[1]", "t.json: found [1], expected an object; mend it")]
    [InlineData("""{"a": "x", "a": "y"}""", "t.json: found 'a' more than once, expected it once; mend it")]
    [InlineData("""{"a": "\ud800"}""", "t.json: a: found text that is no Unicode, expected valid UTF-8 and whole surrogate pairs; " +
        "mend it")]
    [InlineData("""{"\ud800": 1}""", "t.json: found text that is no Unicode, expected valid UTF-8 and whole surrogate pairs; " +
        "mend it")]
    [InlineData("{\n \"a\": x}", "t.json: found no valid JSON at line 2, byte 7 ('x' is an invalid start of a value), expected a " +
        "test; mend it")]
    [InlineData("GGUF", "t.json: a GGUF file, which is llama.cpp's; take the safetensors checkpoint that it was made from")]
    public void Says_where_what_was_found_what_was_expected_and_what_to_do(string json, string message) =>
        Assert.Equal(message, Assert.Throws<InputException>(() => Parse(json)["a"].Text()).Message);

    [Fact]
    public void Names_places_by_their_path()
    {
        var root = Parse("""{"a": {"b c": [{"d": 1.5}]}}""");
        var place = root["a"]["b c"].Items.Single()["d"];
        Assert.Equal("t.json: a 'b c'[0].d: found 1.5, expected a whole number; mend it", Fault(() => place.Integer()));
        Assert.Equal("t.json: a: found {\"b c\": [{\"d\": 1.5}]}, expected a list; mend it", Fault(() => root["a"].Items.Count()));
        Assert.Equal("t.json, field 'a': found 1, expected true or false; mend it",
            Fault(() => JsonPlace.Of("t.json", JsonElement.Parse("""{"a": 1}"""), Quoted)["a"].Flag()));
        var list = JsonPlace.Of("t.json", JsonElement.Parse("[300]"), Quoted).Items.Single();
        Assert.Equal("t.json, field '[0]': found 300, expected a whole number from 0 to 255; mend it", Fault(() => list.Integer(0, 255L)));
        Assert.Equal("t.json, field '[0]': found a large number, expected a small one; wait",
            list.Error("a large\nnumber", "a small one", "wait").Message);
    }

    [Fact]
    public void Refuses_what_nobody_asked_for()
    {
        var root = Parse("""{"asked": 1, "layer": 2, "layr": 3}""");
        _ = root["asked"];
        Assert.Equal("t.json: found the unknown key 'layr'; did you mean 'layer'?, expected only layer, asked; take layr out",
            Fault(() => root.Only(null, unknown => $"take {unknown[0]} out", "layer")));
        Assert.Same(root, root.Only("none", _ => "", "layer", "layr"));
    }

    [Fact]
    public void A_file_that_cannot_be_read_is_named() => Assert.Equal(
        "/none/x.json: found no readable file (its folder does not exist), expected one; check the path and its permissions",
        Fault(() => JsonPlace.Read("/none/x.json", Quoted)));

    private static JsonPlace Parse(string json) => JsonPlace.Parse("t.json", Encoding.UTF8.GetBytes(json), new("mend it"), "a test");

    private static string Fault(Func<object?> act) => Assert.Throws<InputException>(act).Message;
}
