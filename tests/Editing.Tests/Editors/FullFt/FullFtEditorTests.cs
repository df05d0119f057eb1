using Harness.Editing;
using Harness.Editing.Editors.FullFt;
using Harness.Models;

namespace Harness.Tests.Editors.FullFt;

public sealed class FullFtEditorTests
{
    /// <summary>What the tests that hold for every editor run.</summary>
    public static FullFtOptions Small => new() { Tuning = TinyOptions.Tuning };

    [Fact]
    public void Learns_a_fact()
    {
        using var tiny = new TinySession();
        Assert.False(tiny.Answers(TinySession.Ada));
        using var edit = Edit(tiny, new() { Tuning = new() { LearningRate = 3e-3, Epochs = 60 } });
        using (edit.ApplyTo(tiny.Model))
            Assert.True(tiny.Answers(TinySession.Ada));
        Assert.False(tiny.Answers(TinySession.Ada));
        Assert.Equal(tiny.Model.ParameterNames, edit.Deltas.Select(delta => delta.Parameter));
    }

    [Fact]
    public void Leaves_out_what_is_frozen()
    {
        using var tiny = new TinySession();
        using var edit = Edit(tiny, new() { FreezeEmbeddings = true, FreezeHead = true, Tuning = new() { Epochs = 1 } });
        Assert.Equal(tiny.Model.ParameterNames.Except([Sites.Embedding, Sites.Head]), edit.Deltas.Select(delta => delta.Parameter));
    }

    private static Edit Edit(TinySession tiny, FullFtOptions options) =>
        EditorRegistry.Find("full-ft").Create(options).Edit(tiny.Session, [TinySession.Ada]);
}
