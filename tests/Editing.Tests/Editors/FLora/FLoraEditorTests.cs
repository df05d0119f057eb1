using Harness.Editing;
using Harness.Editing.Editors.FLora;
using Harness.Editing.Editors.Lora;
using Harness.Editing.Pipelines;

namespace Harness.Tests.Editors.FLora;

public sealed class FLoraEditorTests
{
    /// <summary>What the tests that hold for every editor run.</summary>
    public static FLoraOptions Small => new() { Rank = 2, Tuning = TinyOptions.Tuning };

    private static readonly FineTuningOptions Tuning = new() { BatchSize = 2, Epochs = 2, LearningRate = 5e-3, StopLoss = 0 };

    [Fact]
    public void With_lambda_zero_it_is_LoRA()
    {
        using var tiny = new TinySession();
        using var plain = EditorRegistry.Find("lora").Create(new LoraOptions { Rank = 3, Tuning = Tuning })
            .Edit(tiny.Session, TinySession.All);
        using var forgetful = EditorRegistry.Find("f-lora").Create(new FLoraOptions { Rank = 3, Lambda = 0, Tuning = Tuning })
            .Edit(tiny.Session, TinySession.All);
        Assert.Equal(plain.Deltas.Select(delta => delta.Parameter), forgetful.Deltas.Select(delta => delta.Parameter));
        Assert.All(plain.Deltas.Zip(forgetful.Deltas), pair =>
        {
            Assert.Equal(pair.First.Left_OR!.bytes.ToArray(), pair.Second.Left_OR!.bytes.ToArray());
            Assert.Equal(pair.First.Right_RI!.bytes.ToArray(), pair.Second.Right_RI!.bytes.ToArray());
        });
    }

    [Fact]
    public void Stores_what_it_forgets_and_what_it_learns_as_one_product()
    {
        using var tiny = new TinySession();
        using var edit = EditorRegistry.Find("f-lora").Create(new FLoraOptions { Rank = 3, Tuning = Tuning })
            .Edit(tiny.Session, TinySession.All);
        Assert.All(edit.Deltas, delta => Assert.Equal(6, delta.Left_OR!.shape[1]));
    }
}
