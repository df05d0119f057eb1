using System.Buffers;
using Microsoft.ML.Tokenizers;

namespace Harness.Tests.Tokenizers;

/// <summary>What a <see cref="Tokenizer"/> of .NET offers beside ids: counts, places by count, decoding into a buffer.</summary>
public sealed class TokenCountTests
{
    // Bytes, so that the tokens of "a😀b" are a, four of the emoji, b.
    private static readonly Tokenizer Bytes = TokenizerFile.Load(TokenizerFile.Bytes());

    [Fact]
    public void A_text_and_a_span_of_it_are_the_same()
    {
        Assert.Equal(Bytes.EncodeToIds("a😀b"), Bytes.EncodeToIds("a😀b".AsSpan()));
        Assert.Equal((6, 6, 0), (Bytes.CountTokens("a😀b"), Bytes.CountTokens("a😀b".AsSpan()), Bytes.CountTokens("")));
        Assert.Equal(6, Bytes.EncodeToTokens("a😀b".AsSpan(), out _).Count);
    }

    [Theory]
    [InlineData(1, 1, 1)]
    [InlineData(2, 1, 1)] // the emoji is taken whole or not at all
    [InlineData(5, 5, 3)]
    [InlineData(6, 6, 4)]
    [InlineData(100, 6, 4)]
    public void The_first_tokens_end_between_characters(int most, int count, int index)
    {
        Assert.Equal(count, Bytes.EncodeToIds("a😀b", most, out var normalized, out var consumed).Count);
        Assert.Equal((null, index), (normalized, consumed));
        Assert.Equal(index, Bytes.GetIndexByTokenCount("a😀b", most, out _, out var counted));
        Assert.Equal(count, counted);
    }

    [Theory]
    [InlineData(1, 1, 3)]
    [InlineData(4, 1, 3)]
    [InlineData(5, 5, 1)]
    [InlineData(100, 6, 0)]
    public void The_last_tokens_begin_between_characters(int most, int count, int index)
    {
        Assert.Equal(index, Bytes.GetIndexByTokenCountFromEnd("a😀b", most, out _, out var counted));
        Assert.Equal(count, counted);
    }

    [Fact]
    public void No_token_may_fit()
    {
        Assert.Equal(0, Bytes.GetIndexByTokenCount("😀b", 2, out _, out var first));
        Assert.Equal(3, Bytes.GetIndexByTokenCountFromEnd("a😀", 2, out _, out var last));
        Assert.Equal((0, 0), (first, last));
    }

    [Fact]
    public void Decodes_into_a_buffer_that_is_large_enough()
    {
        var buffer = new char[4];
        Assert.Equal(OperationStatus.Done, Bytes.Decode(Bytes.EncodeToIds("a😀b"), buffer, out var ids, out var chars));
        Assert.Equal((6, 4, "a😀b"), (ids, chars, new string(buffer)));
        Assert.Equal(OperationStatus.DestinationTooSmall, Bytes.Decode(Bytes.EncodeToIds("a😀bc"), buffer, out ids, out chars));
        Assert.Equal((0, 0), (ids, chars));
    }

    [Fact]
    public void Normalisation_can_be_left_out_but_not_pre_tokenization()
    {
        var tokenizer = TokenizerFile.Load(TokenizerFile.Bytes(("normalizer", """{"type":"Lowercase"}""")));
        Assert.Equal("ab", tokenizer.Normalizer.Normalize("AB"));
        Assert.Equal(['a'], tokenizer.EncodeToIds("A"));
        Assert.Equal(['A'], tokenizer.EncodeToIds("A", considerNormalization: false));
        Assert.Equal(
            "encoding without pre-tokenization: the vocabulary spells what that writes; leave it on",
            Assert.Throws<NotSupportedException>(() => tokenizer.EncodeToIds("A", considerPreTokenization: false)).Message);
    }
}
