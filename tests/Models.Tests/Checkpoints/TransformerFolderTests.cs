using Harness.Models;
using Harness.Models.Tokenizers;

namespace Harness.Tests.Checkpoints;

public sealed class TransformerFolderTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory().FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public void A_shape_that_its_family_cannot_have_is_refused() => Assert.Equal(
        "model shape: mlp-width is 24; expected 64 for the family bloom",
        Assert.Throws<InputException>(
            () => Transformer.Create(TinyModels.Grouped with { Family = "bloom", KeyValueHeads = 4 }, seed: 1)).Message);

    [Fact]
    public void A_tokenizer_with_more_ids_than_the_model_is_refused_and_nothing_is_written()
    {
        using var model = Transformer.Create(TinyModels.Grouped, 1);
        var tokenizer = BpeTokenizer.Train(["a text"], 300);
        Assert.Equal($"{folder}: the tokenizer has {tokenizer.VocabularySize} ids; the model has 40",
            Assert.Throws<InputException>(() => model.Save(folder, tokenizer)).Message);
        Assert.Empty(Directory.GetFiles(folder));
    }

    [Fact]
    public void What_is_written_has_the_names_of_transformers_and_is_read_back()
    {
        var tokenizer = BpeTokenizer.Train(["a text"], 300);
        using var model = Transformer.Create(TinyModels.Grouped with { VocabularySize = tokenizer.VocabularySize }, 1);
        model.Save(folder, tokenizer);
        Assert.Equal(["config.json", "model.safetensors", "tokenizer.json"],
            Directory.GetFiles(folder).Select(file => Path.GetFileName(file)).Order(StringComparer.Ordinal));
        using var read = Transformer.Load(folder);
        Assert.Equal(model.Config, read.Config);
        Assert.All(model.ParameterNames, name => Assert.True(TinyModels.Same(model.Parameter(name), read.Parameter(name))));
    }
}
