using Harness.Editing;
using Harness.Editing.Editors.FullFt;
using Harness.Editing.Editors.RecAdam;
using Harness.Editing.Pipelines;
using Harness.Models;

namespace Harness.Tests.Editors.RecAdam;

public sealed class RecAdamEditorTests
{
    /// <summary>What the tests that hold for every editor run.</summary>
    public static RecAdamOptions Small => new() { Pull = 100, AnnealingMiddle = 2, Tuning = TinyOptions.Tuning };

    private static readonly RecAdamOptions Steady = new() { Annealing = Annealing.Constant, Pull = 100, Tuning = TinyOptions.Tuning };

    [Fact]
    public void Without_pull_and_at_full_weight_it_is_full_fine_tuning()
    {
        using var tiny = new TinySession();
        using var edit = Edit(tiny, Steady with { Pull = 0, ConstantWeight = 1 });
        using var full = FullFt(tiny, TinyOptions.Tuning);
        Assert.All(edit.Deltas.Zip(full.Deltas), pair => Assert.Equal(Numbers.Of(pair.Second.Whole_OI!), Numbers.Of(pair.First.Whole_OI!)));
    }

    [Fact]
    public void An_update_is_Adam_s_by_weight_and_then_goes_a_share_of_the_way_back()
    {
        using var tiny = new TinySession();
        var once = TinyOptions.Tuning with { Epochs = 1, BatchSize = 3, LearningRate = 1e-3 };
        using var edit = Edit(tiny, Steady with { ConstantWeight = 0.75, Pull = 800, Tuning = once });

        // λ η for Adam, and η (1 − λ) γ = 0.2 of the change back.
        using var adam = FullFt(tiny, once with { LearningRate = 0.75e-3 });
        Assert.Equal(adam.Deltas.Select(delta => delta.Parameter), edit.Deltas.Select(delta => delta.Parameter));
        Assert.All(edit.Deltas.Zip(adam.Deltas), pair =>
            Assert.All(Numbers.Of(pair.First.Whole_OI!).Zip(Numbers.Of(pair.Second.Whole_OI!)),
                change => Assert.Equal(0.8 * change.Second, change.First, 1e-6)));
    }

    [Theory]
    [InlineData(Annealing.Sigmoid, 0.5, 4, 2, 0.26894142)]
    [InlineData(Annealing.Sigmoid, 0.5, 4, 4, 0.5)]
    [InlineData(Annealing.Linear, 0.5, 4, 1, 0.25)]
    [InlineData(Annealing.Linear, 0.5, 4, 9, 1)]
    [InlineData(Annealing.Constant, 0.5, 4, 9, 0.4)]
    public void The_edits_weight_grows(Annealing annealing, double rate, double middle, int update, double expected)
    {
        var options = new RecAdamOptions { Annealing = annealing, AnnealingRate = rate, AnnealingMiddle = middle, ConstantWeight = 0.4 };
        Assert.Equal(expected, options.Weight(update), 1e-8);
    }

    [Fact]
    public void Tunes_the_layers_that_it_is_told()
    {
        using var tiny = new TinySession();
        using var edit = Edit(tiny, Steady with { Layers = [2] });
        Assert.Equal(
            tiny.Model.ParameterNames.Where(name => name.StartsWith(Sites.LayerPrefix(2), StringComparison.Ordinal)),
            edit.Deltas.Select(delta => delta.Parameter));
        var error = Assert.Throws<InputException>(() => Edit(tiny, Steady with { Layers = [2, 3] }));
        Assert.Equal("Editor 'recadam': found layer 3, expected 0 to 2: the model has 3 layers.", error.Message);
    }

    [Fact]
    public void Refuses_a_pull_that_overshoots()
    {
        var error = Assert.Throws<InputException>(() =>
            EditorRegistry.Find("recadam").Create(new RecAdamOptions { Layers = [], Tuning = new() { LearningRate = 1e-3 } }));
        Assert.Equal(
            "Options of editor 'recadam': layers: found [], expected at least one layer, from 0, none twice; pull · tuning.learning-rate: "
            + "found 5, expected at most 2: each way back overshoots by more otherwise; lower one of them.", error.Message);
    }

    private static Edit Edit(TinySession tiny, RecAdamOptions options) =>
        EditorRegistry.Find("recadam").Create(options).Edit(tiny.Session, TinySession.All);

    private static Edit FullFt(TinySession tiny, FineTuningOptions tuning) =>
        EditorRegistry.Find("full-ft").Create(new FullFtOptions { Tuning = tuning }).Edit(tiny.Session, TinySession.All);
}
