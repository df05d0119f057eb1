using Harness.Editing;
using Harness.Editing.Editors.FtM;
using Harness.Editing.Pipelines;
using Harness.Models;

namespace Harness.Tests.Editors.FtM;

public sealed class FtMEditorTests
{
    /// <summary>What the tests that hold for every editor run.</summary>
    public static FtMOptions Small => new() { Layer = 1, Tuning = TinyOptions.Depth };

    [Fact]
    public void Is_depth_first_by_default_and_forgets_nothing_of_its_only_edit()
    {
        Assert.Equal((Pipeline.DepthFirst, 1),
            (new FtMOptions { Layer = 2 }.Tuning.Pipeline, new FtMOptions { Layer = 2 }.Tuning.EffectiveBatchSize));
        using var tiny = new TinySession();
        var tuning = new FineTuningOptions { Pipeline = Pipeline.DepthFirst, LearningRate = 1e-2, Steps = 100 };
        using var edit = EditorRegistry.Find("ft-m").Create(new FtMOptions { Layer = 2, Tuning = tuning })
            .Edit(tiny.Session, [TinySession.Ada]);
        Assert.Equal([Sites.DownProjection(2)], edit.Deltas.Select(delta => delta.Parameter));
        using var applied = edit.ApplyTo(tiny.Model);
        Assert.True(tiny.Answers(TinySession.Ada));
    }
}
