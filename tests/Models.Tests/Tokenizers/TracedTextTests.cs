using System.Text.Json.Nodes;
using Harness.Models.Tokenizers;

namespace Harness.Tests.Tokenizers;

/// <summary>Tokens with their offsets into the text that was given. Tokens of bytes are spelled in the byte alphabet.</summary>
public sealed class TracedTextTests
{
    [Theory]
    [InlineData("null", "a b", "a@0-1 Ġ@1-2 b@2-3")]
    [InlineData("null", "é😀", "Ã@0-1 ©@0-1 ð@1-3 Ł@1-3 ĺ@1-3 Ģ@1-3")]
    [InlineData("""{"type":"NFC"}""", "e\u0301x", "Ã@0-2 ©@0-2 x@2-3")]
    [InlineData("""{"type":"NFC"}""", "s\u0307\u0323.", "á@0-3 ¹@0-3 ©@0-3 .@3-4")]
    [InlineData("""{"type":"NFD"}""", "x\u00E9", "x@0-1 e@1-2 Ì@1-2 ģ@1-2")]
    [InlineData("""{"type":"NFD"}""", "a\u0301\u0323", "a@0-1 Ì@2-3 £@2-3 Ì@1-2 ģ@1-2")] // the marks change places
    [InlineData("""{"type":"NFKC"}""", "\uFB01x", "f@0-1 i@0-1 x@1-2")]
    [InlineData("""{"type":"Lowercase"}""", "A\u0130B", "a@0-1 i@1-2 Ì@1-2 ĩ@1-2 b@2-3")]
    [InlineData("""{"type":"Prepend","prepend":"_"}""", "ab", "_@0-0 a@0-1 b@1-2")]
    [InlineData("""{"type":"Replace","pattern":{"Regex":" {2,}"},"content":"<>"}""", "a   b", "a@0-1 <@1-4 >@1-4 b@4-5")]
    [InlineData("""{"type":"Replace","pattern":{"String":"-"},"content":""}""", "a-b", "a@0-1 b@2-3")]
    [InlineData("""{"type":"Replace","pattern":{"Regex":"(?=b)"},"content":"_"}""", "ab", "a@0-1 _@1-1 b@1-2")]
    [InlineData("""{"type":"Strip","strip_left":true,"strip_right":true}""", "  a ", "a@2-3")]
    [InlineData(
        """{"type":"Sequence","normalizers":[{"type":"NFKC"},{"type":"Prepend","prepend":"_"},{"type":"Lowercase"},{"type":"Strip","strip_left":false,"strip_right":true}]}""",
        "Ⅷ 𝒜 ", "_@0-0 v@0-1 i@0-1 i@0-1 i@0-1 Ġ@1-2 a@2-4")]
    public void Go_through_every_normalizer(string normalizer, string text, string expected) =>
        Assert.Equal(expected, Show(TokenizerFile.Load(TokenizerFile.Bytes(("normalizer", normalizer))), text));

    [Theory]
    [InlineData("""{"type":"Metaspace","replacement":"_","prepend_scheme":"first","split":false}""", "a b", "_@0-0 a@0-1 _@1-2 b@2-3")]
    [InlineData("""{"type":"Split","pattern":{"String":" "},"behavior":"Removed","invert":false}""", "a b", "a@0-1 b@2-3")]
    [InlineData("""{"type":"Split","pattern":{"String":"b"},"behavior":"MergedWithPrevious","invert":false}""", "abc", "ab@0-2 c@2-3")]
    [InlineData("""{"type":"ByteLevel","add_prefix_space":true,"trim_offsets":true,"use_regex":false}""", "a", "Ä@0-0 ł@0-0 a@0-1")]
    public void Go_through_every_pre_tokenizer(string step, string text, string expected)
    {
        var root = TokenizerFile.Bytes(
            ("pre_tokenizer", $$"""{"type":"Sequence","pretokenizers":[{{step}},{{TokenizerFile.ByteLevel}}]}"""),
                ("model.vocab.ab", "256"),
            ("model.merges", """["a b"]"""), ("added_tokens.0.id", "257"));
        Assert.Equal(expected, Show(TokenizerFile.Load(root), text));
    }

    [Fact]
    public void Added_tokens_have_theirs_with_the_white_space_that_they_take()
    {
        var added = $"[{TokenizerFile.Added(256, "</s>", "special")}," +
            $"{TokenizerFile.Added(257, "<m>", "lstrip rstrip")},{TokenizerFile.Added(258, "Wörd", "normalized")}]";
        var root = TokenizerFile.Bytes(
            ("added_tokens", added), ("normalizer", """{"type":"Sequence","normalizers":[{"type":"NFD"},{"type":"Lowercase"}]}"""));
        var tokenizer = TokenizerFile.Load(root);
        Assert.Equal("a@0-1 <m>@1-6 </s>@6-10 b@10-11", Show(tokenizer, "A <m> </s>b"));
        Assert.Equal("x@0-1 Wörd@1-5 x@5-6", Show(tokenizer, "xWÖRDx"));
    }

    [Theory]
    [InlineData(true, "xya", "<unk>@0-2 a@2-3")]
    [InlineData(false, "xya", "<unk>@0-1 <unk>@1-2 a@2-3")]
    [InlineData(true, "aéxb", "a@0-1 <0xC3>@1-2 <0xA9>@1-2 <unk>@2-3 b@3-4")]
    [InlineData(true, "xéyb", "<0xC3>@1-2 <0xA9>@1-2 <unk>@0-3 b@3-4")] // bytes do not end the wait for the next unknown one
    public void Unknown_characters_and_bytes_have_their_character_s(bool fuses, string text, string expected)
    {
        var root = TokenizerFile.Bytes();
        TokenizerFile.Set(root, "pre_tokenizer", null);
        TokenizerFile.Set(root, "model.vocab", JsonNode.Parse("""{"a":0,"b":1,"<unk>":2,"<0xC3>":3,"<0xA9>":4,"</s>":5}"""));
        TokenizerFile.Set(root, "added_tokens.0.id", 5);
        TokenizerFile.Set(root, "model.unk_token", "<unk>");
        TokenizerFile.Set(root, "model.fuse_unk", fuses);
        TokenizerFile.Set(root, "model.byte_fallback", true);
        Assert.Equal(expected, Show(TokenizerFile.Load(root), text));
    }

    [Fact]
    public void Characters_without_a_token_have_no_offsets()
    {
        var root = TokenizerFile.Bytes(
            ("pre_tokenizer", "null"), ("model.vocab", """{"a":0,"b":1,"</s>":2}"""), ("added_tokens.0.id", "2"));
        Assert.Equal("a@0-1 b@2-3", Show(TokenizerFile.Load(root), "axb"));
    }

    [Fact]
    public void Ids_are_the_same_and_whole_characters_are_covered_in_every_form()
    {
        foreach (var file in TokenizerFile.Samples())
        {
            var tokenizer = BpeTokenizer.Load(file);
            foreach (var text in TextMaker.Make(seed: 3, count: 400))
            {
                var tokens = tokenizer.EncodeToTokens(text, out var normalized);
                Assert.Null(normalized);
                Assert.Equal(tokenizer.EncodeToIds(text), tokens.Select(token => token.Id));
                Assert.Equal(tokens.Select(token => tokenizer.IdOf(token.Value)), tokens.Select(token => (int?)token.Id));
                foreach (var token in tokens)
                {
                    var (start, length) = token.Offset.GetOffsetAndLength(text.Length);
                    Assert.False(IsInsidePair(text, start) || IsInsidePair(text, start + length), $"{file}: {token} cuts a pair in {text}");
                }
            }
        }
    }

    [Fact]
    public void Byte_level_tokens_cover_the_text_in_order()
    {
        var tokenizer = BpeTokenizer.Load(TokenizerFile.Sample("form-gpt2"));
        foreach (var text in TextMaker.Make(seed: 4, count: 400))
        {
            var at = 0;
            foreach (var token in tokenizer.EncodeToTokens(text, out _))
            {
                Assert.True(token.Offset.Start.Value <= at && token.Offset.End.Value >= at, $"{token.Offset} behind {at} in {text}");
                at = token.Offset.End.Value;
            }

            Assert.Equal(text.Length, at);
        }
    }

    private static bool IsInsidePair(string text, int at) => at > 0 && at < text.Length && char.IsSurrogatePair(text[at - 1], text[at]);

    private static string Show(BpeTokenizer tokenizer, string text) =>
        string.Join(' ', tokenizer.EncodeToTokens(text, out _).Select(token => $"{token.Value}@{token.Offset.Start}-{token.Offset.End}"));
}
