using Harness.Editing;
using Harness.Editing.Editors.Lora;
using Harness.Editing.Pipelines;
using Harness.Models;

namespace Harness.Tests.Pipelines;

public sealed class LowRankAdaptersTests
{
    [Fact]
    public void Adapts_the_chosen_projections_of_the_chosen_layers()
    {
        using var tiny = new TinySession();
        var options = CanonicalJson.FromText<LoraOptions>(
            """{"rank":2,"layers":[2,1],"projections":["down","key"],"tuning":{"epochs":1}}""");
        using var edit = EditorRegistry.Find("lora").Create(options).Edit(tiny.Session, TinySession.All);
        Assert.Equal(
            [Sites.Key(1), Sites.DownProjection(1), Sites.Key(2), Sites.DownProjection(2)], edit.Deltas.Select(delta => delta.Parameter));
    }

    [Fact]
    public void Names_what_the_model_lacks()
    {
        using var tiny = new TinySession();
        var layer = Assert.Throws<InputException>(() => new LowRankTargets([0, 3], LowRankTargets.QueryAndValue).Names(tiny.Model));
        Assert.Equal("layers: found 3, expected 0 to 2: the model has 3 layers.", layer.Message);
        var options = new LoraOptions { Layers = [], Projections = [AdaptedProjection.Key, AdaptedProjection.Key] };
        var error = Assert.Throws<InputException>(() => EditorRegistry.Find("lora").Create(options));
        Assert.Equal(
            "Options of editor 'lora': layers: found [], expected at least one layer, from 0, none twice; " +
                "projections: found [key, key], expected at least one, none twice.",
            error.Message);
    }

    [Fact]
    public void A_frozen_prefix_below_the_first_adapted_layer_changes_nothing()
    {
        Assert.Equal(2, new LowRankTargets([2], LowRankTargets.QueryAndValue).FirstLayer);
        using var tiny = new TinySession();
        var tuning = new FineTuningOptions { LearningRate = 5e-3, Epochs = 3 };
        using var edit = EditorRegistry.Find("lora").Create(new LoraOptions { Rank = 2, Dropout = 0, Layers = [2], Tuning = tuning })
            .Edit(tiny.Session, TinySession.All);
        using var applied = edit.ApplyTo(tiny.Model);
        using var forward = new TrainingForward(
            tiny.Model, TrainingSamples.New(tiny.Session, TinySession.All, true), 0, LossAverage.Sample);
        using var loss = forward.Loss([0, 1, 2]);
        Assert.True(loss.AsDouble() < edit.Figures["loss"] + 1e-4);
    }
}
