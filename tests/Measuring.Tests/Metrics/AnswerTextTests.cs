using Harness.Measuring.Metrics;

namespace Harness.Tests.Metrics;

public class AnswerTextTests
{
    [Theory]
    [InlineData("The Red Fox!", "red fox")]
    [InlineData("  a  New-York ", "newyork")]
    [InlineData("An apple, the pear and A fig", "apple pear and fig")]
    [InlineData("Zürich…", "zürich…")]
    [InlineData("the", "")]
    public void Normalises_as_SQuAD_does(string text, string expected) => Assert.Equal(expected, AnswerText.Normalise(text));

    [Theory]
    [InlineData("Paris. It is", "Paris")]
    [InlineData("Paris\nQ:", "Paris")]
    [InlineData("Paris", "Paris")]
    public void Ends_an_answer_at_a_full_stop_or_a_newline(string text, string expected) =>
        Assert.Equal(expected, AnswerText.UpToStop(text));
}
