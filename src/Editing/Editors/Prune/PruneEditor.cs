// O = rows of the weight, I = columns, R = rank of the change, S = min(O, I).
using Harness.Editing.Locating;
using Harness.Models;
using static TorchSharp.torch;

namespace Harness.Editing.Editors.Prune;

/// <summary>
/// PRUNE: ROME or MEMIT run to the end, then of the sum of all changes the singular values above the weight's own largest one are brought
/// down to just above it: σ ← log σ − log σmax + σmax. Further edits go on from what is not restrained; who asks after a batch is shown
/// what is.
/// </summary>
internal sealed class PruneEditor(PruneOptions options) : IEditor
{
    /// <summary>How the harness knows it.</summary>
    internal static EditorDescriptor Descriptor => EditorDescriptor.Locating<PruneOptions>(
        "prune", options => new PruneEditor(options), options => options.Layers,
        open: OpenOption.Layers("memit.layers", 4, 8) with { Unless = "rome" });

    /// <inheritdoc/>
    public Edit Edit(EditSession session, IReadOnlyList<EditRequest> requests)
    {
        using var guard = no_grad();
        using var scope = NewDisposeScope();
        var update = options.Update(session, "prune");
        using var original = new WeightSnapshot(session.Model, [.. update.Layers.Select(Sites.DownProjection)]);
        var told = session.AfterBatch is null ? session
            : session with { AfterBatch = (batch, module) => Show(session, original, batch, module) };
        using var whole = Batches.Run(told, requests, update);
        return new Edit([.. whole.Deltas.Select(delta => Restrained(delta, original.Original(delta.Parameter)))], whole.Figures);
    }

    /// <summary>The change with its large singular values brought down, as a product of its rank where that is smaller.</summary>
    /// <param name="delta">ΔW; stays the caller's.</param>
    /// <param name="weight_OI">W before all changes, [O, I].</param>
    internal WeightDelta Restrained(WeightDelta delta, Tensor weight_OI)
    {
        using var scope = NewDisposeScope();
        var limit = linalg.svdvals(weight_OI.cpu().to(ScalarType.Float64)).max().AsDouble();
        var (left_OS, values_S, right_SI) = linalg.svd(delta.ToDense().to(ScalarType.Float64), fullMatrices: false);
        var restrained_S = where(
            values_S.gt(Held(limit)), ((values_S / Held(limit)).log() / Held(Math.Log(options.LogBase))).Plus(Held(limit)), values_S);
        var rank = delta.IsLowRank ? Math.Min(delta.Left_OR!.shape[1], values_S.shape[0]) : values_S.shape[0];
        return WeightDelta.FromFactors(
            delta.Parameter,
            (left_OS * restrained_S).narrow(1, 0, rank).to(ScalarType.Float32),
            right_SI.narrow(0, 0, rank).to(ScalarType.Float32));
    }

    private void Show(EditSession session, WeightSnapshot original, IReadOnlyList<EditRequest> batch, EditModule? module)
    {
        using var free = new WeightSnapshot(session.Model, [.. original.Names]);
        foreach (var delta in original.Deltas())
        {
            using var whole = delta;
            using var restrained = Restrained(whole, original.Original(delta.Parameter));
            var weight_OI = session.Model.Parameter(delta.Parameter);
            weight_OI.copy_(original.Original(delta.Parameter));
            restrained.AddTo(weight_OI);
        }

        session.AfterBatch!(batch, module);
    }
}
