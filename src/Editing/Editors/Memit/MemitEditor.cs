// I = MLP width, O = model width, N = requests of a batch.
using Harness.Editing.Locating;
using Harness.Models;
using static TorchSharp.torch;

namespace Harness.Editing.Editors.Memit;

/// <summary>
/// MEMIT: wanted residual streams z behind the last layer for all requests at once, then layer by layer the least-squares change that moves
/// the streams a share of the rest of the way.
/// </summary>
internal sealed class MemitEditor(MemitOptions options) : IEditor
{
    /// <inheritdoc/>
    public Edit Edit(EditSession session, IReadOnlyList<EditRequest> requests)
    {
        Editing.Layers.Check(session, "memit", options.Layers);
        using var guard = no_grad();
        using var scope = NewDisposeScope();
        foreach (var layer in options.Layers)
            KeyCovariance.Of(session, "memit", layer);
        var contexts = Contexts.Sample(session, options.Contexts);
        using var original = new WeightSnapshot(session.Model, [.. options.Layers.Select(Sites.DownProjection)]);
        var factors = options.Layers.Select(_ => (Lefts: new List<Tensor>(), Rights: new List<Tensor>())).ToArray();
        var (losses, done) = (0.0, 0);
        foreach (var batch in requests.Chunk(options.BatchSize == 0 ? requests.Count : options.BatchSize))
        {
            losses += Batch(session, batch, contexts, factors);
            done += batch.Length;
            session.Progress?.Report(FormattableString.Invariant($"edit {done}/{requests.Count} loss {losses / done:0.000}"));
        }

        var deltas = factors.Zip(options.Layers, (pair, layer) =>
            WeightDelta.FromFactors(Sites.DownProjection(layer), cat(pair.Lefts, 1), cat(pair.Rights)));
        return new Edit([.. deltas], new Dictionary<string, double> { ["loss"] = losses / requests.Count });
    }

    // Edits the live weights for one batch and adds each layer's factors, which the caller's scope owns; returns the sum of the losses.
    private double Batch(
        EditSession session, EditRequest[] batch, IReadOnlyList<string> contexts, (List<Tensor> Lefts, List<Tensor> Rights)[] factors)
    {
        var (model, last) = (session.Model, options.Layers[^1]);
        var plain = batch.Select(request => SubjectPrompt.Of(session, request, "")).ToList();
        var hidden_NO = SubjectPrompt.Outputs(model, plain, last);
        var (delta_NO, losses) = new ValueSearch(session, options.Value, contexts).Run(batch, last, hidden_NO);
        for (var i = 0; i < options.Layers.Count; i++)
        {
            session.Cancellation.ThrowIfCancellationRequested();
            using var inner = NewDisposeScope();
            var layer = options.Layers[i];
            var keys_NI = MeanKeys(session, batch, contexts, layer);
            var missing_NO = hidden_NO + delta_NO - SubjectPrompt.Outputs(model, plain, last);
            var rest_NO = missing_NO.to(ScalarType.Float64) / (options.Layers.Count - i);
            var keys_IN = keys_NI.t();
            var matrix_II = KeyCovariance.Of(session, "memit", layer) * options.CovarianceWeight + keys_IN.matmul(keys_NI);
            var right_IN = KeyCovariance.Solve(matrix_II, keys_IN, "count more tokens");
            var (left_ON, right_NI) = (rest_NO.t().to(ScalarType.Float32).contiguous(), right_IN.t().to(ScalarType.Float32).contiguous());
            using (var step = WeightDelta.LowRank(Sites.DownProjection(layer), left_ON, right_NI))
                step.AddTo(model.Parameter(step.Parameter));
            factors[i].Lefts.Add(left_ON.MoveToOuterDisposeScope());
            factors[i].Rights.Add(right_NI.MoveToOuterDisposeScope());
        }

        return losses.Sum();
    }

    // The plain prompt weighs one half, the sampled contexts share the other.
    private static Tensor MeanKeys(EditSession session, EditRequest[] batch, IReadOnlyList<string> contexts, int layer)
    {
        using var scope = NewDisposeScope();
        var prompts = batch.SelectMany(request => contexts.Select(context => SubjectPrompt.Of(session, request, context))).ToList();
        var keys_NCI = SubjectPrompt.Keys(session.Model, prompts, layer).to(ScalarType.Float64).view(batch.Length, contexts.Count, -1);
        var plain_NI = keys_NCI.select(1, 0);
        return contexts.Count == 1
            ? plain_NI.clone().MoveToOuterDisposeScope()
            : ((plain_NI + keys_NCI.narrow(1, 1, contexts.Count - 1).mean([1])) / 2).MoveToOuterDisposeScope();
    }
}
