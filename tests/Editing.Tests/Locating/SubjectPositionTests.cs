using Harness.Editing;
using Harness.Editing.Locating;
using Harness.Models.Tokenizers;

namespace Harness.Tests.Locating;

public sealed class SubjectPositionTests
{
    // Merges make " Anna" one token and leave rarer words in bytes.
    private static readonly BpeTokenizer Tokenizer = BpeTokenizer.Train(Enumerable.Repeat("I know Anna. I know Anna.", 20), 270);

    [Theory]
    [InlineData("I know Anna.", "Anna")]
    [InlineData("I know Zoë Ćosić now", "Zoë Ćosić")]
    [InlineData("Anna", "Anna")]
    public void Is_the_token_with_the_subject_s_last_letter(string prompt, string subject)
    {
        var index = Find(prompt, subject, "");
        Assert.Equal(prompt[..(prompt.IndexOf(subject, StringComparison.Ordinal) + subject.Length)], TextUpTo(prompt, index));
    }

    [Fact]
    public void Counts_BOS_and_the_context()
    {
        Assert.Equal(Tokenizer.EncodeToIds("I know Anna").Count, Find("I know Anna.", "Anna", ""));
        Assert.Equal(Tokenizer.EncodeToIds("The I. I know Anna").Count, Find("I know Anna.", "Anna", "The I. "));
    }

    [Fact]
    public void Takes_the_token_that_spans_the_subject_s_end()
    {
        // " Ann" ends inside the token " Anna": that token is the subject's last.
        var ids = Tokenizer.EncodeToIds("I know Anna.");
        Assert.Contains(ids, id => Tokenizer.Decode([id]) == " Anna");
        Assert.Equal("I know Anna", TextUpTo("I know Anna.", Find("I know Anna.", "Ann", "")));
    }

    private static int Find(string prompt, string subject, string context) =>
        SubjectPosition.Find(Tokenizer, new EditRequest(0, subject, prompt, "x", "y"), context);

    // Position 0 is BOS, so that many ids come before and with the position.
    private static string TextUpTo(string prompt, int index) => Tokenizer.Decode(Tokenizer.EncodeToIds(prompt).Take(index));
}
