using Harness.Editing;
using Harness.Editing.Editors.DftFt;
using Harness.Editing.Editors.DftLora;
using Harness.Models;

namespace Harness.Tests.Editors.DftLora;

public sealed class DftLoraEditorTests
{
    /// <summary>What the tests that hold for every editor run.</summary>
    public static DftLoraOptions Small => new() { MaxRounds = 2, InnerLearningRate = 1e-3, Ranking = Ranking.WholeModel };

    [Fact]
    public void Masks_the_merged_products_so_that_the_change_is_dense()
    {
        using var tiny = new TinySession();
        var options = new DftLoraOptions { Rank = 2, InnerLearningRate = 5e-3, MaxRounds = 1, TopShare = 0.25 };
        using var edit = EditorRegistry.Find("dft-lora").Create(options).Edit(tiny.Session, TinySession.All);
        Assert.Equal(
            Enumerable.Range(0, 3).SelectMany(layer => new[] { Sites.Query(layer), Sites.Value(layer) }),
            edit.Deltas.Select(delta => delta.Parameter));
        Assert.All(edit.Deltas, delta =>
        {
            var changes = Numbers.Of(delta.Whole_OI!);
            Assert.InRange(changes.Count(change => change != 0), 1, changes.Length / 4);
            Assert.True(Numbers.Singular(delta.Whole_OI!)[2] > 0);
        });
    }

    [Fact]
    public void Refuses_to_keep_the_state_of_adapters_that_do_not_live_on()
    {
        var options = new DftLoraOptions { KeepOptimiserState = true, TopShare = 0 };
        var error = Assert.Throws<InputException>(() => EditorRegistry.Find("dft-lora").Create(options));
        Assert.Equal(
            "Options of editor 'dft-lora': top-share: found 0, expected above 0 and at most 1; "
            + "keep-optimiser-state: found true, expected false: every round has new adapters.", error.Message);
    }
}
