using Harness.Models;
using Harness.Models.Checkpoints;
using Harness.Models.Tokenizers;
using Harness.Models.Weights;
using static TorchSharp.torch;

namespace Harness.Tests.Weights;

/// <summary>The grouped model as a checkpoint of some dtype, and its weights as they are read from there.</summary>
internal sealed class StoredModel : IDisposable
{
    private readonly string file;
    private readonly WeightTable table;

    public StoredModel(string folder, ScalarType dtype, bool streamed = true, long cacheBytes = 0)
    {
        (file, var tokenizer) = (Path.Combine(folder, "model.safetensors"), BpeTokenizer.Train(["a b c d"], 258));
        using var scope = NewDisposeScope();
        using (var model = TinyModels.Lively(TinyModels.Grouped with { VocabularySize = tokenizer.VocabularySize }))
            model.Save(folder, tokenizer);
        (string, Tensor)[] converted;
        using (var stored = SafetensorsFile.Open(file)) converted = [.. stored.Names.Select(name => (name, stored.Read(name).to(dtype)))];
        SafetensorsFile.Write(file, converted);
        var (config, checkpoint, tensors, _) = TransformerFolder.Open(folder);
        Options = new LoadOptions { Streamed = streamed, CacheBytes = cacheBytes };
        table = new WeightTable(ParameterLayout.Of(config), checkpoint, tensors, Options);
    }

    public LoadOptions Options { get; }

    public IReadOnlyList<string> Names => table.Names;

    public Weight Weight(string name) => table[name];

    /// <summary>Shortens the file to its header.</summary>
    public void BreakOff()
    {
        // The checkpoint holds it open for reading, which a file system of Linux lets others write to.
        using var shortened = new FileStream(file, FileMode.Open, FileAccess.Write, FileShare.ReadWrite);
        shortened.SetLength(16);
    }

    public void Dispose() => table.Dispose();
}
