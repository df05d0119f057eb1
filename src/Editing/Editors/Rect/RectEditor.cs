// O = rows of the weight, I = columns, K = all its entries.
using Harness.Models;
using static TorchSharp.torch;

namespace Harness.Editing.Editors.Rect;

/// <summary>
/// RECT: of what ROME or MEMIT would add in a batch, only the entries that change their weight the most for its size. The next batch starts
/// from the weights with these alone.
/// </summary>
internal sealed class RectEditor(RectOptions options) : IEditor
{
    /// <summary>How the harness knows it.</summary>
    internal static EditorDescriptor Descriptor => EditorDescriptor.Locating<RectOptions>(
        "rect", options => new RectEditor(options), options => options.Layers,
        open: OpenOption.Layers("memit.layers", 4, 8) with { Unless = "rome" });

    /// <inheritdoc/>
    public Edit Edit(EditSession session, IReadOnlyList<EditRequest> requests)
    {
        using var guard = no_grad();
        using var scope = NewDisposeScope();
        var update = options.Update(session, "rect");
        var names = update.Layers.Select(Sites.DownProjection).ToList();
        using var original = new WeightSnapshot(session.Model, names);
        var sums = names.ToDictionary(name => name, name => zeros([.. session.Model.ShapeOf(name)]));
        var loss = Locating.Batches.Run(session, requests, update.BatchSize, Batch);
        return new Edit([.. names.Select(name => WeightDelta.Dense(name, sums[name]))], new Dictionary<string, double> { ["loss"] = loss });

        double Batch(IReadOnlyList<EditRequest> batch)
        {
            using var whole = new DeltaSum();
            double losses;
            using (new WeightSnapshot(session.Model, names))
                losses = update.Apply(batch, whole);
            foreach (var delta in whole.Total(names))
            {
                using var inner = NewDisposeScope();
                using var owned = delta;
                var weight_OI = session.Model.Parameter(delta.Parameter);
                using var kept = WeightDelta.Dense(delta.Parameter, Kept(delta.ToDense(), weight_OI.cpu().to(ScalarType.Float32), options));
                kept.AddTo(weight_OI);
                sums[delta.Parameter].PlusInPlace(kept.Whole_OI!);
            }

            return losses;
        }
    }

    /// <summary>The change without its entries of least |ΔW / (W + ε)|: ⌊(1 − keep)·n⌋ of n are dropped.</summary>
    /// <param name="delta_OI">ΔW, [O, I] float32.</param>
    /// <param name="weight_OI">W before it, [O, I] float32.</param>
    /// <param name="options">Share and ε.</param>
    /// <returns>[O, I], owned by the caller's dispose scope.</returns>
    internal static Tensor Kept(Tensor delta_OI, Tensor weight_OI, RectOptions options)
    {
        using var scope = NewDisposeScope();
        var delta_K = delta_OI.reshape(-1);
        var change_K = (delta_OI / weight_OI.Plus(Held(options.Epsilon))).abs().reshape(-1);
        var count = delta_K.shape[0] - (long)(delta_K.shape[0] * (1 - options.Keep));
        var places = change_K.topk((int)count).indexes;
        var kept_K = zeros_like(delta_K).index_copy_(0, places, delta_K.index_select(0, places));
        return kept_K.view(delta_OI.shape).MoveToOuterDisposeScope();
    }
}
