using Harness.Models;
using Harness.Models.Tokenizers;
using Harness.Stages;

namespace Harness.Tests.Stages;

public sealed class StageCellsTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("parameter-count-").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Theory]
    [InlineData(true, 0)]
    [InlineData(false, 300 * 8)]
    public void Every_weight_of_a_model_counts_once(bool tied, long head)
    {
        var shape = new TransformerConfig
        {
            Family = "llama",
            VocabularySize = 300,
            Width = 8,
            MlpWidth = 12,
            Layers = 2,
            Heads = 2,
            KeyValueHeads = 1,
            MaxPositions = 16,
            TiedHead = tied,
        };
        using (var model = Transformer.Create(shape, seed: 1)) model.Save(folder, BpeTokenizer.Train(["a text"], 300));

        // Queries and outputs 8 × 8, keys and values 4 × 8, gate, up and down 12 × 8, two norms in each layer and one behind them.
        const long Layer = (2 * 64) + (2 * 32) + (3 * 96) + (2 * 8);
        Assert.Equal((300 * 8) + (2 * Layer) + 8 + head, StageCells.ParametersOf(folder));
    }
}
