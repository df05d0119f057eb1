using Harness.Models;
using Harness.Models.Checkpoints;
using Harness.Models.Tokenizers;
using static TorchSharp.torch;

namespace Harness.Tests;

public sealed class EditedFolderTests : IDisposable
{
    private readonly string root = Directory.CreateTempSubdirectory().FullName;

    private string Source => Path.Combine(root, "source");

    private string Target => Path.Combine(root, "target");

    [Theory]
    [InlineData("llama")]
    [InlineData("gpt2")]
    [InlineData("bloom")]
    public void Only_the_changed_values_differ_and_the_copy_answers_like_the_edited_model(string family)
    {
        using var scope = NewDisposeScope();
        Save(family);
        using var model = Transformer.Load(Source, new LoadOptions { Streamed = true });
        string[] changed = [Sites.Key(1), Sites.DownProjection(0)];
        using (no_grad())
            foreach (var name in changed) model.Parameter(name).mul_(Held(1.5));
        var before = Bytes(Source);
        EditedFolder.Write(model, Source, Target, changed);
        Assert.Equal(before, Bytes(Source));

        using var copy = Transformer.Load(Target);
        using var original = Transformer.Load(Source);
        Assert.All(model.ParameterNames, name => Assert.Equal(
            !changed.Contains(name), TinyModels.Same(copy.Parameter(name), original.Parameter(name))));
        var tokens_BT = TinyModels.Tensor(TinyModels.Tokens(2, 6));
        Assert.True(TinyModels.Same(model.Logits(tokens_BT), copy.Logits(tokens_BT)));
        Assert.Equal(Bytes(Source).Keys, Bytes(Target).Keys);
        Assert.All(before.Where(file => file.Key != "model.safetensors"), file => Assert.Equal(file.Value, Bytes(Target)[file.Key]));
    }

    [Fact]
    public void Half_precision_stays_and_the_model_can_be_rounded_to_it()
    {
        using var scope = NewDisposeScope();
        Save("llama");
        var file = Path.Combine(Source, "model.safetensors");
        (string, Tensor)[] half;
        using (var stored = SafetensorsFile.Open(file)) half = [.. stored.Names.Select(name => (name, stored.Read(name).to(ScalarType.BFloat16)))];
        SafetensorsFile.Write(file, half);

        using var model = Transformer.Load(Source, new LoadOptions { Streamed = true });
        string[] changed = [Sites.DownProjection(1)];
        using (no_grad()) model.Parameter(changed[0]).mul_(Held(1.2345));
        using var unrounded = model.Parameter(changed[0]).clone();
        model.RoundToStored(changed);
        Assert.False(TinyModels.Same(unrounded, model.Parameter(changed[0])));
        EditedFolder.Write(model, Source, Target, changed);
        using var written = SafetensorsFile.Open(Path.Combine(Target, "model.safetensors"));
        Assert.All(written.Names, name => Assert.Equal(ScalarType.BFloat16, written.DtypeOf(name)));
        using var copy = Transformer.Load(Target);
        Assert.True(TinyModels.Same(model.Parameter(changed[0]), copy.Parameter(changed[0])));
    }

    [Fact]
    public void Other_weights_are_left_out_and_nothing_is_overwritten()
    {
        using var scope = NewDisposeScope();
        Save("llama");
        File.WriteAllText(Path.Combine(Source, "pytorch_model.bin"), "old");
        using var model = Transformer.Load(Source);
        Assert.Equal(["pytorch_model.bin"], EditedFolder.Write(model, Source, Target, []));
        Assert.False(File.Exists(Path.Combine(Target, "pytorch_model.bin")));
        var fault = Assert.Throws<InputException>(() => EditedFolder.Write(model, Source, Target, []));
        Assert.Equal($"{Target}: found something there already, expected a new or empty folder; name another one", fault.Message);
    }

    public void Dispose() => Directory.Delete(root, recursive: true);

    private void Save(string family)
    {
        var shape = TinyModels.Grouped with { Family = family, KeyValueHeads = 4, MlpWidth = 64, VocabularySize = 300 };
        using var model = TinyModels.Lively(shape);
        Directory.CreateDirectory(Source);
        model.Save(Source, BpeTokenizer.Train(["one two three"], 258));
    }

    private static SortedDictionary<string, string> Bytes(string folder) => new(Directory.GetFiles(folder)
        .ToDictionary(file => Path.GetFileName(file), file => Convert.ToHexString(File.ReadAllBytes(file))), StringComparer.Ordinal);
}
