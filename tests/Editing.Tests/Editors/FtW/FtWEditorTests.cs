// The weights keep their shapes; no letter is needed.
using Harness.Editing;
using Harness.Editing.Editors.FtW;
using Harness.Editing.Pipelines;
using Harness.Models;

namespace Harness.Tests.Editors.FtW;

public sealed class FtWEditorTests
{
    /// <summary>What the tests that hold for every editor run.</summary>
    public static FtWOptions Small => new() { Layer = 1, Tuning = TinyOptions.Depth };

    private static readonly FineTuningOptions OneStep =
        new() { Pipeline = Pipeline.DepthFirst, BatchSize = 3, Steps = 1, Optimiser = OptimiserKind.Sgd, LearningRate = 0.1, StopLoss = 0 };

    [Fact]
    public void A_step_takes_away_the_learning_rate_times_the_decay_of_every_weight_of_the_block()
    {
        using var tiny = new TinySession();
        using var plain = Edit(tiny, 0);
        using var decayed = Edit(tiny, 0.3);
        Assert.Equal(tiny.Model.ParameterNames.Where(name => name.StartsWith(Sites.LayerPrefix(1), StringComparison.Ordinal)),
            decayed.Deltas.Select(delta => delta.Parameter));
        foreach (var (without, with) in plain.Deltas.Zip(decayed.Deltas))
        {
            var weights = Numbers.Of(tiny.Model.Parameter(with.Parameter));
            var differences = Numbers.Of(with.Whole_OI!).Zip(Numbers.Of(without.Whole_OI!), (a, b) => a - b);
            Assert.All(differences.Zip(weights), pair => Assert.Equal(-0.1 * 0.3 * pair.Second, pair.First, 1e-6));
        }
    }

    [Fact]
    public void Decays_by_the_law_for_as_many_edits_as_are_tuned_together()
    {
        var breadth = new FtWOptions { Layer = 1, Tuning = new() };
        Assert.Equal(0.02124, breadth.Decay(100), 1e-5);
        Assert.Equal(1.16870, new FtWOptions { Layer = 1 }.Decay(100), 1e-5);
        Assert.Equal(breadth.Decay(10), ((FtWOptions)breadth.Sequential(10)).Decay(100));
        Assert.Equal(0.5, (breadth with { WeightDecay = 0.5 }).Decay(100));
    }

    [Fact]
    public void Refuses_a_second_decay()
    {
        var error = Assert.Throws<InputException>(
            () => EditorRegistry.Find("ft-w").Create(new FtWOptions { Layer = 1, Tuning = new() { WeightDecay = 0.1 } }));
        Assert.Equal("Options of editor 'ft-w': tuning.weight-decay: found 0.1, expected 0: set weight-decay beside tuning.",
            error.Message);
    }

    private static Edit Edit(TinySession tiny, double decay) =>
        EditorRegistry.Find("ft-w").Create(new FtWOptions { Layer = 1, WeightDecay = decay, Tuning = OneStep })
            .Edit(tiny.Session, TinySession.All);
}
