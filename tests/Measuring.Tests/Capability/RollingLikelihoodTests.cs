using Harness.Editing;
using Harness.Measuring.Capability;

namespace Harness.Tests.Capability;

public sealed class RollingLikelihoodTests
{
    [Fact]
    public void Sums_every_token_and_counts_words_and_bytes_of_the_raw_text()
    {
        using var chain = new Chain();
        chain.Set(chain.Begin, (chain.Id("a"), 0.5), (chain.Begin, 0.5)).Set("a", (" b", 0.25), (" c", 0.75));
        var bare = RollingLikelihood.Run(new EditedModel(chain.Model), chain.Tokenizer, ["a b", "a", ""], tokenizerPrefix: false);

        // ½ · ¼; the words of an empty text are one empty word, as Python's re.split gives them.
        Assert.Equal([3 * Math.Log(0.5), Math.Log(0.5), 0], bare.Select(score => score.LogLikelihood), (x, y) => Math.Abs(x - y) < 1e-5);
        Assert.Equal([2, 1, 1], bare.Select(score => score.Words));
        Assert.Equal([3, 1, 0], bare.Select(score => score.Bytes));
        Assert.Equal(2, RollingLikelihood.WordPerplexity(bare), 1e-4);
        Assert.Equal(2, RollingLikelihood.BytePerplexity(bare), 1e-4);
        Assert.Equal(1, RollingLikelihood.BitsPerByte(bare), 1e-4);

        // The tokenizer's own prefix is one more token, ½.
        Assert.Equal([chain.Begin], chain.Tokenizer.Prefix);
        var whole = RollingLikelihood.Run(new EditedModel(chain.Model), chain.Tokenizer, ["a b"]);
        Assert.Equal(4 * Math.Log(0.5), whole[0].LogLikelihood, 1e-5);
    }

    [Theory]
    [InlineData(" a  b\n", 4, 6)]
    [InlineData("ä\u00a0b\u001cc", 3, 7)]
    public void Words_are_one_more_than_runs_of_white_space(string text, int words, int bytes)
    {
        using var chain = new Chain();
        var score = Assert.Single(RollingLikelihood.Run(new EditedModel(chain.Model), chain.Tokenizer, [text]));
        Assert.Equal((words, bytes), (score.Words, score.Bytes));
    }
}
