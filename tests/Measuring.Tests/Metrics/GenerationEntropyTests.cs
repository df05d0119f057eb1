using Harness.Measuring.Metrics;

namespace Harness.Tests.Metrics;

public class GenerationEntropyTests
{
    [Fact]
    public void Is_the_weighted_mean_of_bigram_and_trigram_entropies()
    {
        // "a b a b": bigrams ab (twice), ba; trigrams aba, bab.
        var bigrams = -((2.0 / 3 * Math.Log2(2.0 / 3)) + (1.0 / 3 * Math.Log2(1.0 / 3)));
        Assert.Equal(bigrams, GenerationEntropy.Entropy(["a", "b", "a", "b"], 2), 1e-12);
        Assert.Equal(1.0, GenerationEntropy.Entropy(["a", "b", "a", "b"], 3), 1e-12);
        Assert.Equal(((2.0 / 3 * bigrams) + (4.0 / 3 * 1)) / 2, GenerationEntropy.Of("a b a b"), 1e-12);
        Assert.Equal(0.9727652780181, GenerationEntropy.Of("a b a b"), 1e-9);
    }

    [Theory]
    [InlineData("", 0)]
    [InlineData("one", 0)]
    [InlineData("one two", 0)]
    [InlineData("ha ha ha ha ha ha", 0)]
    [InlineData("a b c", 1.0 / 3)]
    public void Repetition_and_texts_too_short_have_little(string text, double expected) =>
        Assert.Equal(expected, GenerationEntropy.Of(text), 1e-12);

    [Fact]
    public void Without_repetition_it_is_the_mean_of_the_two_logarithms()
    {
        var words = Enumerable.Range(0, 66).Select(i => $"w{i}");
        Assert.Equal(((2.0 / 3 * Math.Log2(65)) + (4.0 / 3 * 6)) / 2, GenerationEntropy.Of(string.Join(' ', words)), 1e-12);
    }

    [Fact]
    public void Words_are_runs_of_letters_and_digits_and_single_signs() =>
        Assert.Equal(["It's", "3", ",", "no", "-", "é", "."], GenerationEntropy.Words("It's 3, no-é.\n"));
}
