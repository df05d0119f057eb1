using Harness.Editing;
using Harness.Editing.Editors.LocFtBf;
using Harness.Editing.Editors.LocFtBfAug;
using Harness.Editing.Pipelines;

namespace Harness.Tests.Editors.LocFtBfAug;

public sealed class LocFtBfAugEditorTests
{
    /// <summary>What the tests that hold for every editor run.</summary>
    public static LocFtBfAugOptions Small => new() { Layer = 1, Contexts = TinyOptions.Contexts, Tuning = TinyOptions.Tuning };

    private static readonly FineTuningOptions Once = new() { BatchSize = 1, Epochs = 1, StopLoss = 0 };

    [Fact]
    public void Trains_on_six_samples_for_every_edit()
    {
        using var tiny = new TinySession();
        using var edit = Edit(tiny, new() { Layer = 1, Tuning = Once });
        Assert.Equal(6 * 3, edit.Figures["steps"]);
    }

    [Fact]
    public void Keeps_the_samples_of_an_edit_in_one_batch_depth_first()
    {
        var told = new List<int[]>();
        using var tiny = new TinySession();
        var tuning = Once with { Pipeline = Pipeline.DepthFirst, BatchSize = 2, Steps = 1, Order = EditOrder.Reversed };
        using var edit = EditorRegistry.Find("locft-bf-aug").Create(new LocFtBfAugOptions { Layer = 1, Tuning = tuning })
            .Edit(tiny.Session with { AfterBatch = (batch, _) => told.Add([.. batch.Select(request => request.Id)]) }, TinySession.All);
        Assert.Equal(2, edit.Figures["steps"]);
        Assert.Equal([[2, 1], [0]], told);
    }

    [Fact]
    public void Without_beginnings_it_is_LocFT_BF()
    {
        using var tiny = new TinySession();
        var tuning = new FineTuningOptions { LearningRate = 1e-3, Epochs = 2 };
        using var plain = EditorRegistry.Find("locft-bf").Create(new LocFtBfOptions { Layer = 1, Tuning = tuning })
            .Edit(tiny.Session, TinySession.All);
        using var none = Edit(tiny, new() { Layer = 1, Tuning = tuning, Contexts = new() { Lengths = [10], PerLength = 0 } });
        using var some = Edit(tiny, new() { Layer = 1, Tuning = tuning });
        Assert.Equal(Numbers.Of(plain.Deltas[0].Whole_OI!), Numbers.Of(none.Deltas[0].Whole_OI!));
        Assert.NotEqual(Numbers.Of(plain.Deltas[0].Whole_OI!), Numbers.Of(some.Deltas[0].Whole_OI!));
    }

    private static Edit Edit(TinySession tiny, LocFtBfAugOptions options) =>
        EditorRegistry.Find("locft-bf-aug").Create(options).Edit(tiny.Session, TinySession.All);
}
