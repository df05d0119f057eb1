using Harness.Measuring.Data;
using Harness.Models;
using Harness.Models.Tokenizers;
using Harness.Models.Training;

namespace Harness.Tests.Metrics;

/// <summary>A model that has memorised some answers, each with its end.</summary>
public abstract class MemorisedModel : IDisposable
{
    protected MemorisedModel(Question[] facts, int vocabulary, int positions)
    {
        Tokenizer = BpeTokenizer.Train(facts.SelectMany(fact => Enumerable.Repeat($"{fact.Prompt} {fact.Answer}", 4)), vocabulary);
        var shape = new TransformerConfig
        {
            Family = "llama",
            VocabularySize = Tokenizer.VocabularySize,
            Width = 32,
            MlpWidth = 64,
            Layers = 2,
            Heads = 2,
            KeyValueHeads = 2,
            MaxPositions = positions,
        };
        Model = Transformer.Create(shape, seed: 1);
        var examples = facts.Select(fact => TargetEncoding.Encode(Tokenizer, fact.Prompt, fact.Answer, appendEos: true)).ToArray();
        Trainer.Train(Model, examples, new TrainingOptions { Epochs = 150, BatchSize = 4, LearningRate = 1e-2 }, seed: 1, null,
            CancellationToken.None);
    }

    public Transformer Model { get; }

    public BpeTokenizer Tokenizer { get; }

    public void Dispose()
    {
        Model.Dispose();
        GC.SuppressFinalize(this);
    }
}
