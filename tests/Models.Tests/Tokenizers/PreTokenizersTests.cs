using System.Text;
using Harness.Models.Tokenizers;

namespace Harness.Tests.Tokenizers;

public sealed class PreTokenizersTests
{
    // The examples of Hugging Face's documentation, and their inversions as its library has them.
    [Theory]
    [InlineData(0, false, "the|final|countdown")]
    [InlineData(0, true, "-|-|-|-|-|-")]
    [InlineData(1, false, "-|the|-|-|final|-|countdown|-|-")]
    [InlineData(1, true, "-|the|-|-|final|-|countdown|-|-")]
    [InlineData(2, false, "-|the-|-|final-|countdown-|-")]
    [InlineData(2, true, "-the|-|-final|-countdown|-|-")]
    [InlineData(3, false, "-the|-|-final|-countdown|-|-")]
    [InlineData(3, true, "-|the-|-|final-|countdown-|-")]
    [InlineData(4, false, "-|the|--|final|-|countdown|--")]
    [InlineData(4, true, "-|the|--|final|-|countdown|--")]
    public void Split_does_with_matches_what_its_behavior_says(int behavior, bool invert, string expected) => Assert.Equal(
        expected.Split('|'), Pieces(new Split(new LiteralPattern("-"), (SplitBehavior)behavior, invert), "-the--final-countdown--"));

    [Theory]
    [InlineData("Hello (world)|a [b], c!? ok。z |x ]y", "Hello~ (~world~)|~a~ [b]~,~ c~!?~ ok~。~z~ |~x~ ]y")]
    [InlineData("a  b\n\nc", "a~ ~ b~\n\n~c")]
    public void Split_at_BLOOM_s_expression(string text, string expected)
    {
        var split = new Split(ScalarRegex.Create(" ?[^(\\s|[.,!?…。，、।۔،])]+", "test"), SplitBehavior.Isolated, invert: false);
        Assert.Equal(expected.Split('~'), Pieces(split, text));
    }

    [Theory]
    [InlineData("I'm 12, don't!", "I|'m| 12|,| don|'t|!")]
    [InlineData("a  b \n", "a| | b| \n")]
    [InlineData("'S it'sx", "'|S| it|'s|x")]
    [InlineData("²x𝒜é", "²|x𝒜é")]
    public void ByteLevel_splits_into_the_words_of_GPT_2(string text, string expected) =>
        Assert.Equal(expected.Split('|'), Pieces(new ByteLevel(addPrefixSpace: false, useRegex: true), text).Select(Unspell));

    [Fact]
    public void ByteLevel_spells_bytes_and_may_put_a_space_in_front()
    {
        Assert.Equal(["ĠÃ©"], Pieces(new ByteLevel(addPrefixSpace: true, useRegex: false), "\u00E9"));
        Assert.Equal(["Ġx"], Pieces(new ByteLevel(addPrefixSpace: true, useRegex: false), " x"));
        Assert.Equal(["Ċx"], Pieces(new ByteLevel(addPrefixSpace: false, useRegex: false), "\nx"));
    }

    [Theory]
    [InlineData(0, true, "a b  c", "▁a|▁b|▁|▁c")]
    [InlineData(0, false, "a b", "▁a▁b")]
    [InlineData(0, false, " a", "▁a")]
    [InlineData(1, false, "▁a", "▁a")]
    [InlineData(2, true, "a b", "a|▁b")]
    public void Metaspace_writes_spaces_and_puts_one_in_front(int scheme, bool split, string text, string expected) =>
        Assert.Equal(expected.Split('|'), Pieces(new Metaspace("▁", (PrependScheme)scheme, split), text));

    [Fact]
    public void Metaspace_knows_the_piece_that_the_text_begins_with()
    {
        var inside = new Piece("a".AsMemory(), AtStart: false);
        Assert.Equal("a", Run(new Metaspace("▁", PrependScheme.First, split: false), inside).Single().Text.ToString());
        Assert.Equal("▁a", Run(new Metaspace("▁", PrependScheme.Always, split: false), inside).Single().Text.ToString());
        var split = Run(new Split(new LiteralPattern(" "), SplitBehavior.Isolated, invert: false), new("a b".AsMemory(), AtStart: true));
        Assert.Equal([true, false, false], split.Select(piece => piece.AtStart));
    }

    private static IEnumerable<string> Pieces(IPreTokenizer tokenizer, string text) =>
        Run(tokenizer, new Piece(text.AsMemory(), AtStart: true)).Select(piece => piece.Text.ToString());

    private static List<Piece> Run(IPreTokenizer tokenizer, Piece piece)
    {
        List<Piece> pieces = [];
        tokenizer.Split(piece, pieces);
        return pieces;
    }

    private static string Unspell(string letters)
    {
        List<byte> bytes = [];
        Assert.True(ByteAlphabet.TryRead(letters, bytes));
        return Encoding.UTF8.GetString([.. bytes]);
    }
}
