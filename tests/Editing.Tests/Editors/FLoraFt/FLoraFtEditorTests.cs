// Changes keep the shapes of the weights; no letter is needed.
using Harness.Editing;
using Harness.Editing.Editors.FLoraFt;
using Harness.Editing.Editors.FullFt;
using Harness.Editing.Pipelines;

namespace Harness.Tests.Editors.FLoraFt;

public sealed class FLoraFtEditorTests
{
    /// <summary>What the tests that hold for every editor run.</summary>
    public static FLoraFtOptions Small => new() { Rank = 2, Tuning = TinyOptions.Tuning };

    private static readonly FineTuningOptions Tuning = new()
    {
        BatchSize = 2,
        Epochs = 2,
        LearningRate = 1e-3,
        StopLoss = 0,
        Shuffle = false
    };

    [Fact]
    public void With_lambda_zero_it_is_full_fine_tuning()
    {
        using var tiny = new TinySession();
        using var full = EditorRegistry.Find("full-ft").Create(new FullFtOptions { Tuning = Tuning }).Edit(tiny.Session, TinySession.All);
        using var edit = EditorRegistry.Find("f-lora-ft").Create(new FLoraFtOptions { Lambda = 0, Tuning = Tuning })
            .Edit(tiny.Session, TinySession.All);
        Assert.All(full.Deltas.Zip(edit.Deltas),
            pair => Assert.Equal(pair.First.Whole_OI!.bytes.ToArray(), pair.Second.Whole_OI!.bytes.ToArray()));
    }

    [Fact]
    public void Forgets_by_as_many_steps_as_it_is_told_and_learns_with_all_weights()
    {
        using var tiny = new TinySession();
        var options = new FLoraFtOptions { Rank = 2, Lambda = 1, Forgetting = Tuning with { Epochs = 5 }, Tuning = Tuning };
        using var edit = EditorRegistry.Find("f-lora-ft").Create(options).Edit(tiny.Session, TinySession.All);
        Assert.Equal((5 * 2) + (2 * 2), edit.Figures["steps"]);
        Assert.Equal(tiny.Model.ParameterNames, edit.Deltas.Select(delta => delta.Parameter));
    }
}
