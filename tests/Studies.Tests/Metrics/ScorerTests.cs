using Harness.Models;
using Harness.Models.Tokenizers;
using Harness.Models.Training;
using Harness.Studies.Data;
using Harness.Studies.Metrics;

namespace Harness.Tests.Metrics;

/// <summary>A model that has memorised four answers; every expected score is worked out by hand from what it knows.</summary>
public sealed class ScorerTests : IClassFixture<ScorerTests.Memory>
{
    private readonly Memory memory;

    public ScorerTests(Memory memory) => this.memory = memory;

    [Fact]
    public void Tf_token_is_the_share_of_target_tokens_that_are_the_argmax()
    {
        // The model says "red fox"; of the target "red dog" the first of two tokens is right. "dog" comes from "blue dog".
        Assert.Equal(2, Tokens("red dog"));
        Assert.Equal(0.5, Answer(Protocol.TfToken, "Ann saw a", "red dog"));
        Assert.Equal(1.0, Answer(Protocol.TfToken, "Ann saw a", "red fox"));
    }

    [Fact]
    public void Tf_all_asks_for_every_token()
    {
        Assert.Equal(0.0, Answer(Protocol.TfAll, "Ann saw a", "red dog"));
        Assert.Equal(1.0, Answer(Protocol.TfAll, "Ann saw a", "red fox"));
    }

    [Fact]
    public void Wild_em_decodes_and_matches_after_normalisation()
    {
        Assert.Equal(1.0, Answer(Protocol.WildEm, "Ann saw a", "red fox"));
        Assert.Equal(1.0, Answer(Protocol.WildEm, "Ann saw a", "The Red Fox!"));
        Assert.Equal(0.0, Answer(Protocol.WildEm, "Ann saw a", "red"));
        Assert.Equal(0.0, Answer(Protocol.WildEm, "Ann saw a", "red fox dog"));
    }

    [Fact]
    public void Locality_counts_unchanged_argmax_tokens_whether_right_or_wrong() =>
        Assert.Equal([1.0, 0.5, 0.0], Scorer.Unchanged([[1, 2], [1, 2], [7]], [[1, 2], [1, 9], [8]]));

    [Fact]
    public void Rephrases_and_locality_questions_are_averaged_within_their_case()
    {
        var cases = new[]
        {
            new EditCase
            {
                Id = 4, Subject = "Ann", Prompt = "Ann saw a", TargetNew = "red fox", TargetOld = "x",
                Rephrases = ["Ann saw a", "Bob saw a"], Locality = [new("Cid saw a", "red dog"), new("Dee saw a", "blue fox")],
            },
        };
        var scorer = new Scorer(memory.Model, memory.Tokenizer, Protocol.TfAll);
        var before = scorer.LocalityOutputs(cases).Select(ids => ids.ToArray()).ToArray();
        before[1][0]++;

        // Reliability: right. Generality: "Ann" right, "Bob saw a blue dog" wrong. Locality: one question unchanged, the other in one token of two.
        Assert.Equal(new CaseScore(4, 1.0, 0.5, 0.75), Assert.Single(scorer.Score(cases, before)));
        Assert.Null(Assert.Single(scorer.Score(cases, before: null)).Locality);
    }

    private double Answer(Protocol protocol, string prompt, string answer) =>
        Assert.Single(new Scorer(memory.Model, memory.Tokenizer, protocol).Answers([new(prompt, answer)]));

    private int Tokens(string answer) => memory.Tokenizer.EncodeToIds(" " + answer).Count;

    public sealed class Memory : IDisposable
    {
        public Memory()
        {
            Question[] facts = [new("Ann saw a", "red fox"), new("Bob saw a", "blue dog"), new("Cid saw a", "red dog"), new("Dee saw a", "blue fox")];
            Tokenizer = BpeTokenizer.Train(facts.SelectMany(fact => Enumerable.Repeat($"{fact.Prompt} {fact.Answer}", 4)), 300);
            var shape = new TransformerConfig
            {
                Family = "llama",
                VocabularySize = Tokenizer.VocabularySize,
                Width = 32,
                MlpWidth = 64,
                Layers = 2,
                Heads = 2,
                KeyValueHeads = 2,
                MaxPositions = 32,
            };
            Model = Transformer.Create(shape, seed: 1);
            var examples = facts.Select(fact => TargetEncoding.Encode(Tokenizer, fact.Prompt, fact.Answer, appendEos: true)).ToArray();
            Trainer.Train(Model, examples, new TrainingOptions { Epochs = 150, BatchSize = 4, LearningRate = 1e-2 }, seed: 1, null, CancellationToken.None);
        }

        public Transformer Model { get; }

        public BpeTokenizer Tokenizer { get; }

        public void Dispose() => Model.Dispose();
    }
}
