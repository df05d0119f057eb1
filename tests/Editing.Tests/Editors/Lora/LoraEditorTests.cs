using Harness.Editing;
using Harness.Editing.Editors.Lora;
using Harness.Editing.Pipelines;
using Harness.Models;

namespace Harness.Tests.Editors.Lora;

public sealed class LoraEditorTests
{
    /// <summary>What the tests that hold for every editor run.</summary>
    public static LoraOptions Small => new() { Tuning = TinyOptions.Tuning };

    [Theory]
    [InlineData(LowRankStart.Kaiming)]
    [InlineData(LowRankStart.Gaussian)]
    public void Changes_query_and_value_by_its_rank(LowRankStart start)
    {
        using var tiny = new TinySession();
        using var edit = Edit(tiny, new() { Rank = 3, Start = start, Tuning = new() { LearningRate = 5e-3, Epochs = 5 } });
        Assert.Equal(
            Enumerable.Range(0, 3).SelectMany(layer => new[] { Sites.Query(layer), Sites.Value(layer) }),
            edit.Deltas.Select(delta => delta.Parameter));
        foreach (var delta in edit.Deltas)
        {
            using var dense_OI = delta.ToDense();
            var singular = Numbers.Singular(dense_OI);
            Assert.True(singular[2] > 1e-4 * singular[0]);
            Assert.InRange(singular[3] / singular[0], 0, 1e-5);
        }
    }

    [Fact]
    public void Learns_a_fact_depth_first_which_the_stored_change_repeats()
    {
        using var tiny = new TinySession();
        var tuning = new FineTuningOptions { Pipeline = Pipeline.DepthFirst, LearningRate = 1e-2, Steps = 70 };
        using var edit = Edit(tiny, new() { Dropout = 0, Tuning = tuning });
        Assert.InRange(edit.Figures["loss"], 0, 0.5);
        using var applied = edit.ApplyTo(tiny.Model);
        var sequence = TargetEncoding.Encode(tiny.Session.Tokenizer, TinySession.Ada.Prompt, TinySession.Ada.TargetNew, appendEos: true);
        var loss = TeacherForcing.Run(tiny.Model, [sequence])[0].MeanNll;
        Assert.True(loss <= edit.Figures["loss"] + 1e-4, FormattableString.Invariant($"{loss} after {edit.Figures["loss"]}"));
    }

    private static Edit Edit(TinySession tiny, LoraOptions options) =>
        EditorRegistry.Find("lora").Create(options).Edit(tiny.Session, [TinySession.Ada]);
}
