using Harness.Editing;
using Harness.Measuring.Data;
using Harness.Measuring.Metrics;

namespace Harness.Tests.Metrics;

public sealed class AnswerScorerTests : IClassFixture<AnswerScorerTests.Memory>
{
    private readonly Memory memory;

    public AnswerScorerTests(Memory memory) => this.memory = memory;

    [Fact]
    public void Asks_behind_the_instruction_and_matches_as_wild_em()
    {
        Question[] questions = [new("Who?", "red fox"), new("Who?", "The red fox!"), new("Who?", "blue dog")];
        Assert.Equal([1.0, 1.0, 0.0], Scorer(Protocol.WildEmQa).Answers(questions));
        Assert.Equal([0.0, 0.0, 1.0], Scorer(Protocol.WildEm).Answers(questions));
    }

    [Fact]
    public void Keeps_what_was_said_up_to_a_stop()
    {
        Question[] questions = [new("Who?", "blue dog"), new("Who?", "The blue dog"), new("Who?", "red fox")];
        Assert.Equal(["blue dog", "blue dog", "blue dog"], Said(Protocol.WildEm));
        var forced = Said(Protocol.TfToken);
        Assert.Equal("blue dog", forced[0]);
        Assert.StartsWith("blue", forced[2]);

        string[] Said(Protocol protocol) =>
            [.. new AnswerScorer(new EditedModel(memory.Model), memory.Tokenizer, protocol).Answers(questions, default)
                .Select(answer => answer.Said)];
    }

    [Fact]
    public void Locality_asks_behind_it_too()
    {
        var edit = new EditCase
        {
            Id = 0,
            Subject = "Who",
            Prompt = "Who?",
            TargetNew = "x",
            TargetOld = "y",
            Rephrases = [],
            Locality = [new("Who?", "red fox")],
        };
        Assert.Equal(1.0, Assert.Single(Scorer(Protocol.WildEmQa, LocalityDefinition.Truth).Score([edit], before: null))
            .Of("locality"));
        Assert.Equal(0.0, Assert.Single(Scorer(Protocol.WildEm, LocalityDefinition.Truth).Score([edit], before: null))
            .Of("locality"));
        var text = memory.Tokenizer.Decode(Assert.Single(Scorer(Protocol.WildEmQa, LocalityDefinition.SameText).LocalityOutputs([edit])));
        Assert.StartsWith(" red fox", text);
    }

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

    private Scorer Scorer(Protocol protocol, LocalityDefinition locality = LocalityDefinition.SameArgmax) =>
        new(new EditedModel(memory.Model), memory.Tokenizer, new ScoringOptions(protocol, locality));

    /// <summary>A model that answers one way behind WILD's instruction and another way without.</summary>
    public sealed class Memory() : MemorisedModel(
        [new("Please answer the question:\n\nQ: Who?\nA:", "red fox"), new("Who?", "blue dog")], vocabulary: 320, positions: 80);
}
