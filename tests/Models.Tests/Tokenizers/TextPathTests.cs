using System.Text;

namespace Harness.Tests.Tokenizers;

/// <summary>A text's whole way: added tokens, normalizer, pre-tokenizer, model, decoder. Ids of bytes are the bytes.</summary>
public sealed class TextPathTests
{
    private const string Prepend = """{"type":"Sequence","normalizers":[{"type":"Prepend","prepend":"_"},{"type":"Lowercase"}]}""";

    [Fact]
    public void Each_part_between_added_tokens_is_normalised_by_itself()
    {
        var tokenizer = TokenizerFile.Load(TokenizerFile.Bytes(("normalizer", Prepend)));
        Assert.Equal([.. "_ab"u8, 256, .. "_c"u8], tokenizer.EncodeToIds("AB</s>C"));
        Assert.Equal([256, 256], tokenizer.EncodeToIds("</s></s>"));
        Assert.Equal("_ab_c", tokenizer.Decode(tokenizer.EncodeToIds("AB</s>C")));
    }

    [Fact]
    public void A_normalised_token_is_sought_normalised_in_normalised_text_and_printed_so()
    {
        var added = $"[{TokenizerFile.Added(256, "</s>", "special")},{TokenizerFile.Added(257, "Word", "normalized")}]";
        var tokenizer = TokenizerFile.Load(TokenizerFile.Bytes(("normalizer", Prepend), ("added_tokens", added)));
        Assert.Equal([257, .. "s"u8], tokenizer.EncodeToIds("WORDs"));
        Assert.Equal([.. "_a word"u8], tokenizer.EncodeToIds("a word"));
        Assert.Equal("_word", tokenizer.Decode([257]));
    }

    [Fact]
    public void The_space_in_front_comes_first_only_or_always()
    {
        foreach (var (scheme, behind) in new[] { ("first", ""), ("always", "_") })
        {
            var metaspace = $$"""{"type":"Metaspace","replacement":"_","prepend_scheme":"{{scheme}}","split":false}""";
            var tokenizer = TokenizerFile.Load(TokenizerFile.Bytes(("pre_tokenizer", BeforeBytes(metaspace))));
            Assert.True(tokenizer.PrependsSpace);
            Assert.Equal([.. "_a"u8, 256, .. Encoding.UTF8.GetBytes(behind + "b")], tokenizer.EncodeToIds("a</s>b"));
        }
    }

    [Theory]
    [InlineData("normalizer", """{"type":"Prepend","prepend":"▁"}""", true)]
    [InlineData("normalizer", """{"type":"Prepend","prepend":"x"}""", false)]
    [InlineData("pre_tokenizer", """{"type":"Metaspace","replacement":"▁","prepend_scheme":"never"}""", false)]
    [InlineData("pre_tokenizer", """{"type":"Metaspace","replacement":"▁"}""", true)]
    [InlineData("pre_tokenizer", """{"type":"ByteLevel","add_prefix_space":true,"trim_offsets":true}""", true)]
    [InlineData("pre_tokenizer", "null", false)]
    public void Knows_whether_it_puts_a_space_in_front(string component, string json, bool expected) =>
        Assert.Equal(expected, TokenizerFile.Load(TokenizerFile.Bytes((component, json))).PrependsSpace);

    [Theory]
    [InlineData(true, "a12b", "a|1|2|b")]
    [InlineData(false, "a12b", "a|12|b")]
    [InlineData(true, "½x٣", "½|x|٣")]
    public void Digits_are_pieces_of_their_own(bool individual, string text, string pieces)
    {
        // A merge of the two digits and of x's neighbours would cross pieces if there were none.
        var digits = $$"""{"type":"Digits","individual_digits":{{(individual ? "true" : "false")}}}""";
        var root = TokenizerFile.Bytes(
            ("pre_tokenizer", BeforeBytes(digits)), ("model.vocab.12", "256"), ("model.vocab.a1", "257"),
            ("model.merges", """["1 2","a 1"]"""), ("added_tokens.0.id", "258"));
        var expected = pieces.Split('|')
            .SelectMany(piece => piece == "12" ? [256] : Encoding.UTF8.GetBytes(piece).Select(value => (int)value));
        Assert.Equal(expected, TokenizerFile.Load(root).EncodeToIds(text));
    }

    [Fact]
    public void Without_a_decoder_tokens_stand_apart() =>
        Assert.Equal("a Ġ", TokenizerFile.Load(TokenizerFile.Bytes(("decoder", "null"))).Decode([.. "a "u8]));

    [Fact]
    public void Ids_may_have_gaps()
    {
        var root = TokenizerFile.Bytes(("model.vocab.</s>", "300"), ("added_tokens.0.id", "300"));
        var tokenizer = TokenizerFile.Load(root);
        Assert.Equal((301, 300), (tokenizer.VocabularySize, tokenizer.EosId));
        Assert.Equal("ab", tokenizer.Decode(['a', 280, 'b', 300]));
    }

    [Fact]
    public void Expressions_that_never_end_are_input_errors()
    {
        const string Hostile = """{"type":"Split","pattern":{"Regex":"(a|aa)+b"},"behavior":"Isolated","invert":false}""";
        var tokenizer = TokenizerFile.Load(TokenizerFile.Bytes(("pre_tokenizer", Hostile)));
        Assert.Equal(['a'], tokenizer.EncodeToIds("a"));
        var error = Assert.Throws<InputException>(() => tokenizer.EncodeToIds(new string('a', 100)));
        Assert.Contains("json: pre_tokenizer.pattern: found an expression that takes more than 5 s", error.Message,
            StringComparison.Ordinal);
    }

    private static string BeforeBytes(string step) => $$"""{"type":"Sequence","pretokenizers":[{{step}},{{TokenizerFile.ByteLevel}}]}""";
}
