using Harness.Reports;

namespace Harness.Tests.Reports;

public sealed class ShownNameTests
{
    [Theory]
    [InlineData("tiny-llama2", 812_345L, "tiny-llama2, 0.8 M, for LLaMA-2-7B", "tiny-llama2|0.8 M, for|LLaMA-2-7B")]
    [InlineData("small-llama2", 1_950_000L, "small-llama2, 2.0 M, for LLaMA-2-7B", "small-llama2|2.0 M, for|LLaMA-2-7B")]
    [InlineData("toy", 42_400L, "toy, 42 k, for LLaMA-2-7B", "toy|42 k, for|LLaMA-2-7B")]
    [InlineData("half", 3_520_000_000L, "half, 3.5 B, for LLaMA-2-7B", "half|3.5 B, for|LLaMA-2-7B")]
    [InlineData("world", null, "world, for LLaMA-2-7B", "world|for|LLaMA-2-7B")]
    [InlineData(null, null, "LLaMA-2-7B", "LLaMA-2-7B")]
    public void A_stand_in_says_its_size_and_what_it_stands_for_and_the_papers_own_stands_alone(
        string? standIn, long? parameters, string text, string lines)
    {
        var name = new ShownName("LLaMA-2-7B", standIn, parameters);
        Assert.Equal(text, name.Text);
        Assert.Equal(text, $"{name}");
        Assert.Equal(lines, string.Join('|', name.Lines));
    }
}
