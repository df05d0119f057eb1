// V = vocabulary, D = width.
using Harness.Editing;
using Harness.Models;
using Harness.Models.Tokenizers;
using static TorchSharp.torch;

namespace Harness.Tests.Capability;

/// <summary>
/// A model whose next token depends on the last one alone, with probabilities that a test sets: embeddings are unit vectors, layers add
/// nothing, and the head is the table of log-probabilities. Its words are the letters a to h, one token each with the space before.
/// </summary>
internal sealed class Chain : IDisposable
{
    // Of tokens that a row does not name: nothing in sum.
    private const float Unlikely = -60;

    private readonly int width;

    /// <summary>Makes a model in which all tokens are equally likely after each.</summary>
    public Chain(int positions = 16)
    {
        Tokenizer = BpeTokenizer.Train(Enumerable.Repeat("a b c d e f g h", 8), 280);
        width = Tokenizer.VocabularySize + (Tokenizer.VocabularySize % 2);
        Model = Transformer.Create(
            new TransformerConfig
            {
                Family = "llama",
                VocabularySize = Tokenizer.VocabularySize,
                Width = width,
                MlpWidth = 4,
                Layers = 1,
                Heads = 1,
                KeyValueHeads = 1,
                MaxPositions = positions,
                NormEpsilon = 1e-12,
            },
            seed: 1);
        using var gradientless = no_grad();
        foreach (var name in Model.ParameterNames.Where(name => Model.Parameter(name).dim() == 2)) Model.Parameter(name).zero_();
        using var units_VD = eye(Tokenizer.VocabularySize, width);
        Model.Parameter(Sites.Embedding).copy_(units_VD);
    }

    public Transformer Model { get; }

    public BpeTokenizer Tokenizer { get; }

    /// <summary>What follows the id that begins a text.</summary>
    public int Begin => Tokenizer.BosId!.Value;

    /// <summary>The one token of a text: "a" at the beginning, " b" behind a word.</summary>
    public int Id(string text) => Assert.Single(Tokenizer.EncodeToIds(text));

    /// <summary>Sets the probabilities behind a token.</summary>
    public Chain Set(string previous, params (string Next, double Probability)[] row) =>
        Set(Id(previous), [.. row.Select(one => (Id(one.Next), one.Probability))]);

    /// <summary>Sets the probabilities behind an id.</summary>
    public Chain Set(int previous, params (int Next, double Probability)[] row)
    {
        using var gradientless = no_grad();
        var column = Column(row);
        using var values_V = tensor(column);
        using var place_V = Model.Parameter(Sites.Head).narrow(1, previous, 1).squeeze(1);
        place_V.copy_(values_V);
        return this;
    }

    /// <summary>An edit that multiplies probabilities behind a token; the test sees to it that they add up to 1.</summary>
    public Edit Scale(string previous, params (string Next, double Factor)[] row)
    {
        var change = new float[Tokenizer.VocabularySize, width];
        foreach (var (next, factor) in row) change[Id(next), Id(previous)] = (float)(Math.Log(factor) / Math.Sqrt(width));
        using var change_VD = tensor(change);
        return new Edit([WeightDelta.Dense(Sites.Head, change_VD)], new Dictionary<string, double>());
    }

    public void Dispose() => Model.Dispose();

    // The final norm makes √D of a unit vector's 1.
    private float[] Column((int Next, double Probability)[] row)
    {
        var column = Enumerable.Repeat(Unlikely / MathF.Sqrt(width), Tokenizer.VocabularySize).ToArray();
        foreach (var (next, probability) in row) column[next] = (float)(Math.Log(probability) / Math.Sqrt(width));
        return column;
    }
}
