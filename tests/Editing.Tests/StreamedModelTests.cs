using Harness.Editing;
using Harness.Editing.Editors.FtC;
using Harness.Editing.Editors.LocFtBf;
using Harness.Editing.Editors.Lora;
using Harness.Editing.Editors.Rome;
using Harness.Models;
using Harness.Models.Checkpoints;
using static TorchSharp.torch;

namespace Harness.Tests;

/// <summary>An editor does the same on a model whose weights stay in bfloat16 files as on the same values in memory.</summary>
public sealed class StreamedModelTests : IDisposable
{
    private static readonly Dictionary<string, object> Options = new()
    {
        ["locft-bf"] = new LocFtBfOptions { Layer = 1, Tuning = new() { LearningRate = 1e-3, Epochs = 4 } },
        ["ft-c"] = new FtCOptions { Layer = 2, Tuning = new() { LearningRate = 1e-3, Epochs = 4 } },
        ["lora"] = new LoraOptions { Tuning = new() { LearningRate = 1e-3, Epochs = 2 } },
        ["rome"] = new RomeOptions { Layer = 1, Value = new() { Steps = 4 }, Contexts = new() { Lengths = [4], PerLength = 1 } },
    };

    private readonly string folder = Directory.CreateTempSubdirectory().FullName;

    public StreamedModelTests()
    {
        using var tiny = new TinySession();
        tiny.Model.Save(folder, tiny.Session.Tokenizer);
        var file = Path.Combine(folder, "model.safetensors");
        using var scope = NewDisposeScope();
        (string, Tensor)[] half;
        using (var stored = SafetensorsFile.Open(file))
            half = [.. stored.Names.Select(name => (name, stored.Read(name).to(ScalarType.BFloat16)))];
        SafetensorsFile.Write(file, half);
    }

    public static TheoryData<string, long> Cases
    {
        get
        {
            var cases = new TheoryData<string, long>();
            foreach (var name in Options.Keys)
                foreach (var cache in new[] { 0L, 20_000, 1 << 30 }) cases.Add(name, cache);
            return cases;
        }
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void Editing_gives_the_same_change(string name, long cacheBytes)
    {
        using var tiny = new TinySession();
        using var scope = NewDisposeScope();
        using var whole = Transformer.Load(folder);
        using var streamed = Transformer.Load(folder, new LoadOptions { Streamed = true, CacheBytes = cacheBytes });
        var editor = EditorRegistry.Find(name).Create(Options[name]);
        using var expected = editor.Edit(tiny.Session with { Model = whole }, TinySession.All);
        using var edit = editor.Edit(tiny.Session with { Model = streamed }, TinySession.All);
        Assert.Equal(expected.Deltas.Select(delta => delta.Parameter), edit.Deltas.Select(delta => delta.Parameter));
        foreach (var (one, other) in expected.Deltas.Zip(edit.Deltas))
        {
            using var inner = NewDisposeScope();
            var size = one.ToDense().abs().max().AsDouble();
            Assert.InRange((one.ToDense() - other.ToDense()).abs().max().AsDouble(), 0, 2e-3 * size);
            Assert.True(size > 0);
        }
    }

    [Fact]
    public void Nothing_stays_in_memory_when_the_model_goes()
    {
        using var tiny = new TinySession();
        GC.Collect();
        GC.WaitForPendingFinalizers();
        var before = Tensor.TotalCount;
        using (var streamed = Transformer.Load(folder, new LoadOptions { Streamed = true, CacheBytes = 1 << 20 }))
        {
            using var edit = EditorRegistry.Find("locft-bf").Create(Options["locft-bf"])
                .Edit(tiny.Session with { Model = streamed }, TinySession.All);
        }

        Assert.Equal(before, Tensor.TotalCount);
    }

    public void Dispose() => Directory.Delete(folder, recursive: true);
}
