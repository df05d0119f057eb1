using Harness.Editing;
using Harness.Editing.Editors.LocFtBf;
using Harness.Models;
using Harness.Models.Tokenizers;

namespace Harness.Tests.Docs.Guides;

public sealed class EditAModelTests : IDisposable
{
    private readonly DirectoryInfo root = Directory.CreateTempSubdirectory();

    public EditAModelTests()
    {
        string[] texts = ["Ada Byron was born in London.", "Alan Turing was born in London.", "The birthplace of Ada Byron is Paris."];
        var tokenizer = BpeTokenizer.Train(Enumerable.Repeat(texts, 4).SelectMany(some => some), 400);
        var shape = new TransformerConfig
        {
            Family = "llama",
            VocabularySize = tokenizer.VocabularySize,
            Width = 32,
            MlpWidth = 64,
            Layers = 3,
            Heads = 4,
            KeyValueHeads = 4,
            MaxPositions = 64,
            InitializerRange = 0.2,
        };
        Directory.CreateDirectory(Folder);
        using var model = Transformer.Create(shape, seed: 3);
        model.Save(Folder, tokenizer);
    }

    private string Folder => Path.Combine(root.FullName, "model");

    [Fact]
    public void Edits_asks_before_and_after_and_saves_what_loads_again()
    {
        var edited = Path.Combine(root.FullName, "edited");
        var (before, after) = EditAModel.Run(Folder, edited);
        Assert.NotEqual("Paris", before);
        Assert.Equal("Paris", after);
        using var model = Transformer.Load(Folder);
        using var copy = Transformer.Load(edited);
        var changed = model.ParameterNames.Where(name => model.Sha256Of(name) != copy.Sha256Of(name));
        Assert.Equal(["model.layers.1.mlp.down_proj.weight"], changed);
    }

    [Fact]
    public void Scores_and_reverts()
    {
        using var model = Transformer.Load(Folder);
        var tokenizer = BpeTokenizer.LoadFolder(Folder);
        var options = new LocFtBfOptions { Layer = 1, Tuning = new() { LearningRate = 1e-2, Epochs = 50 } };
        var one = EditAModel.Case;
        using var edit = EditorRegistry.Find("locft-bf").Create(options).Edit(
            new EditSession { Model = model, Tokenizer = tokenizer, Seed = 1 },
            [new EditRequest(one.Id, one.Subject, one.Prompt, one.TargetNew, one.TargetOld)]);
        string[] Hashes() => [.. model.ParameterNames.Select(model.Sha256Of)];
        var unedited = Hashes();
        var scores = EditAModel.Score(model, tokenizer, edit, [one]);
        Assert.Equal(1, scores[0]);
        EditAModel.Keep(model, edit, Path.Combine(root.FullName, "edit.safetensors"));
        Assert.Equal(unedited, Hashes());
    }

    public void Dispose() => root.Delete(recursive: true);
}
