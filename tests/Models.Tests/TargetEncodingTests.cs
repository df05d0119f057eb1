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
    [InlineData("a\n")]
    [InlineData("a ")]
    [InlineData("a</s>")]
    public void Behind_white_space_or_a_special_token_no_space_is_put(string prompt)
    {
        var tokenizer = TokenizerFile.Load(TokenizerFile.Bytes());
        var sequence = TargetEncoding.Encode(tokenizer, prompt, "b", appendEos: true);
        Assert.Equal([.. tokenizer.EncodeToIds(prompt), 'b', 256], sequence.Ids);
        Assert.Equal(2, sequence.TargetStart);
    }

    [Fact]
    public void A_tokenizer_that_puts_a_space_in_front_puts_it_behind_special_tokens_only()
    {
        var tokenizer = TokenizerFile.Load(TokenizerFile.Bytes(("normalizer", """{"type":"Prepend","prepend":" "}""")));
        Assert.Equal([.. " a\nb"u8], TargetEncoding.Encode(tokenizer, "a\n", "b", appendEos: false).Ids);
        Assert.Equal([.. " a"u8, 256, .. " b"u8], TargetEncoding.Encode(tokenizer, "a</s>", "b", appendEos: false).Ids);
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
