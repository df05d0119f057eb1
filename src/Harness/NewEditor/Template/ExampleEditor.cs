// O = model width, I = MLP width.
using Harness.Editing.Pipelines;
using Harness.Models;
using static TorchSharp.torch;

namespace Harness.Editing.Editors.Example;

/// <summary>
/// example: the down-projection W of one layer is fine-tuned on the new answers, and a share of the change is kept: W + α (FT{W} − W). It
/// works as it stands. Replace by: the method in a sentence, and its equation.
/// </summary>
internal sealed class ExampleEditor(ExampleOptions options) : IEditor
{
    /// <summary>How the harness knows it.</summary>
    internal static EditorDescriptor Descriptor => EditorDescriptor.Of<ExampleOptions>(
        "example", options => new ExampleEditor(options), open: OpenOption.LayerAt("layer", 2, 3, "two thirds"));

    /// <inheritdoc/>
    public Edit Edit(EditSession session, IReadOnlyList<EditRequest> requests)
    {
        Layers.Check(session, "example", [options.Layer]);
        using var scope = NewDisposeScope();
        var weight = Sites.DownProjection(options.Layer);
        using var tuned = new TunedWeights(session.Model, [weight]);
        var samples = TrainingSamples.New(session, requests, options.Tuning.AppendEos);
        var result = new FineTuner(session, options.Tuning).Run(samples, tuned.Trained);
        return new Edit([WeightDelta.Dense(weight, Kept(tuned.Dense()[0], options.Share))], result.Figures);
    }

    /// <summary>α ΔW. Replace by: the equations of the method, one method each.</summary>
    /// <param name="change_OI">ΔW, [O, I].</param>
    /// <param name="share">α.</param>
    /// <returns>[O, I], owned by the caller's dispose scope.</returns>
    internal static Tensor Kept(Tensor change_OI, double share)
    {
        using var scope = NewDisposeScope();
        return (change_OI * Held(share)).MoveToOuterDisposeScope();
    }
}
