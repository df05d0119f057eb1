using Harness.Models;
using Harness.Models.Tokenizers;
using Harness.Tests.Tokenizers;

namespace Harness.Tests;

public class TargetEncodingTests
{
    private static readonly BpeTokenizer Tokenizer = BpeTokenizer.Train(["The capital of France is Paris"], 280);

    [Fact]
    public void Is_the_prefix_then_the_prompt_then_the_target_behind_a_space()
    {
        var prompt = Tokenizer.EncodeToIds("The capital of France is");
        var target = Tokenizer.EncodeToIds(" Paris");
        var sequence = TargetEncoding.Encode(Tokenizer, "The capital of France is", "Paris", appendEos: true);
        Assert.Equal([.. Tokenizer.Prefix, .. prompt, .. target, Tokenizer.EosId], sequence.Ids);
        Assert.Equal(1 + prompt.Count, sequence.TargetStart);
        Assert.Equal(target.Count + 1, sequence.TargetLength);
    }

    [Fact]
    public void A_target_that_brings_its_space_gets_no_second_one()
    {
        var bare = TargetEncoding.Encode(Tokenizer, "The", "Paris", appendEos: false);
        Assert.Equal(bare.Ids, TargetEncoding.Encode(Tokenizer, "The", " Paris", appendEos: false).Ids);
    }

    [Fact]
    public void A_tokenizer_that_puts_a_space_in_front_is_given_none()
    {
        var tokenizer = TokenizerFile.Load(TokenizerFile.Bytes(("normalizer", """{"type":"Prepend","prepend":" "}""")));
        foreach (var target in new[] { "b", " b" })
        {
            var sequence = TargetEncoding.Encode(tokenizer, "a", target, appendEos: true);
            Assert.Equal([.. " a b"u8, 256], sequence.Ids);
            Assert.Equal(2, sequence.TargetStart);
        }
    }

    [Theory]
    [InlineData("normalizer", """{"type":"Prepend","prepend":" "}""")]
    [InlineData("normalizer", """{"type":"Sequence","normalizers":[{"type":"NFC"},{"type":"Prepend","prepend":" "}]}""")]
    [InlineData("pre_tokenizer", """{"type":"ByteLevel","add_prefix_space":true,"trim_offsets":true,"use_regex":true}""")]
    [InlineData("pre_tokenizer",
        """{"type":"Sequence","pretokenizers":[{"type":"Metaspace","replacement":" ","prepend_scheme":"first"},{"type":"ByteLevel","add_prefix_space":false,"trim_offsets":true,"use_regex":false}]}""")]
    [InlineData("pre_tokenizer",
        """{"type":"Sequence","pretokenizers":[{"type":"Metaspace","replacement":" ","prepend_scheme":"always"},{"type":"ByteLevel","add_prefix_space":false,"trim_offsets":true,"use_regex":false}]}""")]
    [InlineData("decoder", TokenizerFile.ByteLevel)]
    public void Whoever_puts_the_space_the_rule_says_whether_there_is_one(string path, string json)
    {
        var tokenizer = TokenizerFile.Load(TokenizerFile.Bytes((path, json)));
        foreach (var (prompt, target, rule, expected) in new[]
        {
            ("a", "b c", TargetSpace.Auto, "a b c"), ("a\n", "b c", TargetSpace.Auto, "a\nb c"), ("a", "  b", TargetSpace.Auto, "a  b"),
                ("首", "新", TargetSpace.Auto, "首新"),
            ("a", "b", TargetSpace.Never, "ab"), ("a", " b", TargetSpace.Never, "a b"), ("首", "新", TargetSpace.Always, "首 新"),
                ("a", " b", TargetSpace.Always, "a b"),
        })
        {
            var sequence = TargetEncoding.Encode(tokenizer, prompt, target, appendEos: true, rule);
            var first = tokenizer.PrependsSpace ? " " : "";
            Assert.Equal([.. System.Text.Encoding.UTF8.GetBytes(first + expected), 256], sequence.Ids);
            Assert.Equal(System.Text.Encoding.UTF8.GetByteCount(first + prompt), sequence.TargetStart);
        }
    }

    [Fact]
    public void Behind_a_special_token_the_tokenizer_goes_on_as_it_would_in_one_text()
    {
        var plain = TokenizerFile.Load(TokenizerFile.Bytes());
        Assert.Equal([.. "a"u8, 256, 'b', 256], TargetEncoding.Encode(plain, "a</s>", "b", appendEos: true).Ids);
        Assert.Equal([.. "a"u8, 256, .. " b"u8], TargetEncoding.Encode(plain, "a</s>", "b", appendEos: false, TargetSpace.Always).Ids);
        var prepending = TokenizerFile.Load(TokenizerFile.Bytes(("normalizer", """{"type":"Prepend","prepend":" "}""")));
        Assert.Equal([.. " a"u8, 256, .. " b"u8], TargetEncoding.Encode(prepending, "a</s>", "b", appendEos: false).Ids);
    }

    [Fact]
    public void Something_must_stand_before_the_target()
    {
        var tokenizer = TokenizerFile.Load(TokenizerFile.Bytes());
        Assert.Equal([.. "a b"u8], TargetEncoding.Encode(tokenizer, "a", "b", appendEos: false).Ids);
        Assert.Equal(
            "found an empty prompt for the target 'b', expected text, as this tokenizer puts nothing before it; correct the record",
            Assert.Throws<InputException>(() => TargetEncoding.Encode(tokenizer, "", "b", appendEos: false)).Message);
    }
}
