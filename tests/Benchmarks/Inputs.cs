using System.Text.Json.Nodes;
using Harness.Editing;
using Harness.Measuring.Data;
using Harness.Measuring.Worlds;
using Harness.Models;
using Harness.Models.Tokenizers;
using Harness.Models.Training;

namespace Harness.Benchmarks;

/// <summary>What several benchmarks share: facts, their tokenizer and models; made on first use.</summary>
internal sealed class Inputs : IDisposable
{
    private static readonly int[] ContextLengths = [5, 10];
    /// <summary>Seed of everything.</summary>
    public const long Seed = 1;
    private const int Edits = 100, VocabularySize = 1500, Epochs = 16, BeginningsPerLength = 10;
    private readonly Lazy<FactData> facts = new(Generate);
    private readonly Lazy<BpeTokenizer> tokenizer;
    private readonly Lazy<Transformer> knowing;
    private readonly Lazy<Transformer> small = new(() => Transformer.Create(SmallShape, Seed));
    private readonly Lazy<Transformer> gpt2 = new(() => Transformer.Create(Gpt2Small, Seed));

    public Inputs()
    {
        tokenizer = new(() => BpeTokenizer.Train(
            Facts.Knowledge.Select(question => $"{question.Prompt} {question.Answer}")
                .Concat(Facts.Cases.Select(edit => $"{edit.Prompt} {edit.TargetNew}")),
            VocabularySize));
        knowing = new(Train);
    }

    /// <summary>The embedded scale's world in zsRE's schema: 1 000 facts in six phrasings, 100 edits.</summary>
    public FactData Facts => facts.Value;

    /// <summary>Trained on the facts.</summary>
    public BpeTokenizer Tokenizer => tokenizer.Value;

    /// <summary>The embedded scale's model tiny-llama2 (experiments/models.yaml), untrained.</summary>
    public TransformerConfig Tiny => new()
    {
        Family = "llama",
        VocabularySize = Tokenizer.VocabularySize,
        Width = 128,
        MlpWidth = 384,
        Layers = 4,
        Heads = 4,
        KeyValueHeads = 4,
        MaxPositions = 64,
        TiedHead = true,
        InitializerRange = 0.08,
    };

    /// <summary>How the embedded scale trains it.</summary>
    public static TrainingOptions TinyTraining { get; } = new() { BatchSize = 64, LearningRate = 3e-3 };

    /// <summary>The shape of GPT-2 small, with random weights: no trained ones are at hand.</summary>
    public static TransformerConfig Gpt2Small { get; } = new()
    {
        Family = "gpt2",
        VocabularySize = 50257,
        Width = 768,
        MlpWidth = 3072,
        Layers = 12,
        Heads = 12,
        KeyValueHeads = 12,
        MaxPositions = 1024,
        TiedHead = true,
    };

    /// <summary>A model of that shape.</summary>
    public Transformer Gpt2 => gpt2.Value;

    /// <summary>A model of the small scale's shape small-llama2 (experiments/models.yaml), with random weights.</summary>
    public Transformer Small => small.Value;

    /// <summary>
    /// Contexts as ROME's: the plain prompt, ten beginnings of five tokens and ten of ten, each with a full stop; cut from the facts.
    /// </summary>
    public IReadOnlyList<string> Contexts
    {
        get
        {
            var texts = Facts.Knowledge.Chunk(Facts.Knowledge.Count / BeginningsPerLength).Take(BeginningsPerLength)
                .Select(chunk => Tokenizer.EncodeToIds($"{chunk[0].Prompt} {chunk[0].Answer}, {chunk[1].Prompt}")).ToList();
            string Beginning(IReadOnlyList<int> ids, int length) => Tokenizer.Decode(ids.Take(length)) + ". ";
            return ["", .. texts.Select(ids => Beginning(ids, 5)), .. texts.Select(ids => Beginning(ids, 10))];
        }
    }

    /// <summary>tiny-llama2, trained until it knows the facts.</summary>
    public Transformer Knowing => knowing.Value;

    /// <summary>A session on a model.</summary>
    public EditSession Session(Transformer model) => new() { Model = model, Tokenizer = Tokenizer, Seed = Seed };

    /// <summary>The edits as requests.</summary>
    public IReadOnlyList<EditRequest> Requests(int count) =>
        [.. Facts.Cases.Take(count).Select(edit => new EditRequest(edit.Id, edit.Subject, edit.Prompt, edit.TargetNew, edit.TargetOld))];

    /// <summary>Prompts with answers and the end token, as training takes them.</summary>
    public Sequence Encode(string prompt, string answer) => TargetEncoding.Encode(Tokenizer, prompt, answer, appendEos: true);

    /// <summary>A sequence as the peers read it.</summary>
    public static JsonObject Json(Sequence sequence) => new() { ["ids"] = Json(sequence.Ids), ["start"] = sequence.TargetStart };

    /// <summary>Numbers as the peers read them.</summary>
    public static JsonArray Json<T>(IEnumerable<T> values) => new([.. values.Select(value => JsonValue.Create(value))]);

    /// <summary>Writes a model and the peer's other inputs.</summary>
    public void Write(string folder, Transformer model, JsonObject inputs)
    {
        model.Save(folder, Tokenizer);
        File.WriteAllText(Path.Combine(folder, "inputs.json"), inputs.ToJsonString());
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var model in new[] { knowing, small, gpt2 })
        {
            if (model.IsValueCreated)
                model.Value.Dispose();
        }
    }

    private static TransformerConfig SmallShape => new()
    {
        Family = "llama",
        VocabularySize = 4096,
        Width = 160,
        MlpWidth = 448,
        Layers = 4,
        Heads = 4,
        KeyValueHeads = 4,
        MaxPositions = 128,
        InitializerRange = 0.08,
    };

    private static FactData Generate()
    {
        var options = new WorldOptions { Entities = 250, FactsPerEntity = 4, Phrasings = 3, OtherFormPhrasings = 3 };
        return WorldDatasets.ToZsre(WorldGenerator.Generate(options, Seed), Edits, Seed);
    }

    private Transformer Train()
    {
        Console.WriteLine("training tiny-llama2 on the facts ...");
        var model = Transformer.Create(Tiny, Seed);
        Sequence[] examples = [.. Facts.Knowledge.Select(question => Encode(question.Prompt, question.Answer))];
        Trainer.Train(model, examples, TinyTraining with { Epochs = Epochs, StopLoss = 1e-3 }, Seed);
        return model;
    }
}
