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
        Assert.Equal([text], new ByteLevelDecoder().Decode([.. tokens.Split('|')]));

    [Fact]
    public void Metaspace_drops_the_space_that_encoding_put_in_front()
    {
        Assert.Equal(["a", " b", " "], new MetaspaceDecoder("▁", dropsFirst: true).Decode(["▁a", "▁b", "▁"]));
        Assert.Equal([" a", " b"], new MetaspaceDecoder("▁", dropsFirst: false).Decode(["▁a", "▁b"]));
    }

    [Fact]
    public void ByteFallback_joins_bytes_or_marks_each()
    {
        var decoder = new ByteFallbackDecoder();
        Assert.Equal(["a", "é", "b"], decoder.Decode(["a", "<0xC3>", "<0xA9>", "b"]));
        Assert.Equal(["\uFFFD\uFFFD", "b", "\uFFFD"], decoder.Decode(["<0x41>", "<0xA9>", "b", "<0xE2>"]));
        Assert.Equal(["<0x4>", "<0xGG>", "A"], decoder.Decode(["<0x4>", "<0xGG>", "<0x41>"]));
    }

    [Fact]
    public void Replace_Fuse_and_Strip_work_on_tokens()
    {
        Assert.Equal([" a", " b"], new ReplaceDecoder(new Replace(new LiteralPattern("▁"), " ")).Decode(["▁a", "▁b"]));
        Assert.Equal(["ab"], new FuseDecoder().Decode(["a", "b"]));
        Assert.Equal([""], new FuseDecoder().Decode([]));
        Assert.Equal([" a ", "b", ""], new StripDecoder(" ", start: 1, stop: 0).Decode(["  a ", "b", " "]));
        Assert.Equal(["a", " "], new StripDecoder(" ", start: 1, stop: 2).Decode([" a  ", "    "]));
    }
}
