using Harness.Editing;
using Harness.Editing.Editors.LocFtBf;
using Harness.Editing.Editors.Memit;
using Harness.Editing.Editors.Rome;
using static TorchSharp.torch;

namespace Harness.Tests;

/// <summary>Collections beside an edit must not change it: a scalar that is freed while native code reads it would.</summary>
public sealed class CollectionStressTests
{
    private const int Rounds = 5;

    private static readonly Dictionary<string, object> Options = new()
    {
        ["locft-bf"] = new LocFtBfOptions { Layer = 1, Tuning = new() { LearningRate = 1e-3, Epochs = 10 } },
        ["rome"] = new RomeOptions { Layer = 1, Value = new() { Steps = 10 }, Contexts = new() { Lengths = [4], PerLength = 1 } },
        ["memit"] = new MemitOptions { Layers = [0, 1], Value = new() { Steps = 10 }, Contexts = new() { Lengths = [4], PerLength = 1 } },
    };

    [Theory]
    [InlineData("locft-bf")]
    [InlineData("rome")]
    [InlineData("memit")]
    public void An_edit_gives_the_same_bytes_while_other_threads_allocate_and_collect(string name)
    {
        var quiet = Edit(name);
        using var collector = new Collector();
        var before = Collector.Collections;
        for (var round = 0; round < Rounds; round++) Assert.Equal(quiet, Edit(name));
        Assert.True(Collector.Collections > before, "found no collection during the edits, expected some");
    }

    private static List<byte[]> Edit(string name)
    {
        using var tiny = new TinySession();
        using var scope = NewDisposeScope();
        using var edit = EditorRegistry.Find(name).Create(Options[name]).Edit(tiny.Session, TinySession.All);
        return [.. edit.Deltas.Select(delta => delta.ToDense().bytes.ToArray())];
    }
}
