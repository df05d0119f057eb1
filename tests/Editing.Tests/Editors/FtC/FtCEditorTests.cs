using Harness.Editing;
using Harness.Editing.Editors.FtC;
using Harness.Models;

namespace Harness.Tests.Editors.FtC;

public sealed class FtCEditorTests
{
    /// <summary>What the tests that hold for every editor run.</summary>
    public static FtCOptions Small => new() { Layer = 1, Tuning = TinyOptions.Tuning };

    [Fact]
    public void Stays_in_the_ball_around_the_original_weight()
    {
        using var tiny = new TinySession();
        var options = new FtCOptions { Layer = 1, Epsilon = 2e-3, Tuning = new() { LearningRate = 1e-3, Epochs = 10, StopLoss = 0 } };
        using var edit = EditorRegistry.Find("ft-c").Create(options).Edit(tiny.Session, TinySession.All);
        var delta = Assert.Single(edit.Deltas);
        Assert.Equal(Sites.DownProjection(1), delta.Parameter);
        var changes = Numbers.Of(delta.Whole_OI!).Select(Math.Abs).ToList();

        // Half a unit in the last place of a weight near 1 comes on top of ε.
        Assert.InRange(changes.Max(), 1.99e-3, 2e-3 + 6e-8);
        Assert.True(changes.Count(change => change > 1.99e-3) > 10);
    }

    [Fact]
    public void Names_a_layer_that_has_experts_and_no_one_down_projection()
    {
        using var tiny = new TinySession();
        using var mixed = tiny.WithExperts();
        var error = Assert.Throws<InputException>(
            () => EditorRegistry.Find("ft-c").Create(Small).Edit(tiny.Session with { Model = mixed }, TinySession.All));
        Assert.StartsWith("Editor 'ft-c': found experts in layer ", error.Message, StringComparison.Ordinal);
    }
}
