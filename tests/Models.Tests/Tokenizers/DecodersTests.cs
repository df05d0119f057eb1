using System.Text.Json;
using Harness.Models.Json;
using Harness.Models.Tokenizers;

namespace Harness.Tests.Tokenizers;

public sealed class DecodersTests
{
    [Theory]
    [InlineData("Ġthe|Ċ|Ã|©", " the\né")]
    [InlineData("Ã|x", "\uFFFDx")] // a character cut in two
    [InlineData("a b|日", "a b日")] // letters outside the alphabet: as they are
    [InlineData("é", "\uFFFD")] // the letter of byte E9
    public void ByteLevel_reads_the_byte_alphabet(string tokens, string text) =>
        Assert.Equal([text], Decode("""{"type":"ByteLevel"}""", tokens.Split('|')));

    [Fact]
    public void Metaspace_drops_the_space_that_encoding_put_in_front()
    {
        Assert.Equal(["a", " b", " "], Decode("""{"type":"Metaspace","replacement":"▁"}""", "▁a", "▁b", "▁"));
        Assert.Equal([" a", " b"], Decode("""{"type":"Metaspace","replacement":"▁","prepend_scheme":"never"}""", "▁a", "▁b"));
    }

    [Fact]
    public void ByteFallback_joins_bytes_or_marks_each()
    {
        const string Decoder = """{"type":"ByteFallback"}""";
        Assert.Equal(["a", "é", "b"], Decode(Decoder, "a", "<0xC3>", "<0xA9>", "b"));
        Assert.Equal(["\uFFFD\uFFFD", "b", "\uFFFD"], Decode(Decoder, "<0x41>", "<0xA9>", "b", "<0xE2>"));
        Assert.Equal(["<0x4>", "<0xGG>", "A"], Decode(Decoder, "<0x4>", "<0xGG>", "<0x41>"));
    }

    [Fact]
    public void Replace_Fuse_and_Strip_work_on_tokens()
    {
        Assert.Equal([" a", " b"], Decode("""{"type":"Replace","pattern":{"String":"▁"},"content":" "}""", "▁a", "▁b"));
        Assert.Equal(["ab"], Decode("""{"type":"Fuse"}""", "a", "b"));
        Assert.Equal([""], Decode("""{"type":"Fuse"}"""));
        Assert.Equal([" a ", "b", ""], Decode("""{"type":"Strip","content":" ","start":1,"stop":0}""", "  a ", "b", " "));
        Assert.Equal(["a", " "], Decode("""{"type":"Strip","content":" ","start":1,"stop":2}""", " a  ", "    "));
    }

    private static List<string> Decode(string decoder, params string[] tokens) =>
        Decoders.Read(JsonPlace.Of("tokenizer.json", JsonElement.Parse(decoder), TokenizerJson.Voice))
            .Aggregate(tokens.ToList(), (current, step) => step(current));
}
