// B = batch, T = positions, D = model width, V = vocabulary, N = answer tokens, L = those of kept prompts, O, I = shape of a matrix.
using Harness.Editing.Gradients;
using Harness.Editing.Pipelines;
using Harness.Models;
using static TorchSharp.torch;

namespace Harness.Editing.Hypernetworks;

/// <summary>What an <see cref="EditObjective"/> came to.</summary>
/// <param name="Gradients_OI">By each edited matrix, float32; owned by the caller's dispose scope.</param>
/// <param name="Edit">Weighted negative log-likelihood of the wanted answers, in nats.</param>
/// <param name="Locality">Weighted divergence on the kept prompts, in nats.</param>
internal sealed record ObjectiveResult(IReadOnlyList<Tensor> Gradients_OI, double Edit, double Locality);

/// <summary>
/// How good an edited model is: cross entropy of the wanted answers, and KL(before ‖ after) on the answers of prompts that are to be kept,
/// each as the mean over a sequence's answer tokens. Layers below the first edited one are run without gradients.
/// </summary>
/// <param name="session">The model.</param>
/// <param name="matrices">The edited matrices, which require gradients while it is used.</param>
internal sealed class EditObjective(EditSession session, IReadOnlyList<EditedMatrix> matrices)
{
    private readonly Transformer model = session.Model;

    /// <summary>Log-probabilities at the answers of the kept prompts, at the present weights.</summary>
    /// <returns>[L, V], owned by the caller's dispose scope.</returns>
    public Tensor Before(IReadOnlyList<WeightedSequence> kept)
    {
        using var guard = no_grad();
        using var scope = NewDisposeScope();
        return kept.Count == 0
            ? zeros(0, model.Config.VocabularySize, device: model.Device).MoveToOuterDisposeScope()
            : Answers(kept).LogProbabilities_NV.MoveToOuterDisposeScope();
    }

    /// <summary>The objective at the present weights, and its gradients.</summary>
    /// <param name="wanted">At least one.</param>
    /// <param name="kept">May be empty.</param>
    /// <param name="before_LV">What <see cref="Before"/> gave for <paramref name="kept"/>.</param>
    public ObjectiveResult Run(IReadOnlyList<WeightedSequence> wanted, IReadOnlyList<WeightedSequence> kept, Tensor before_LV)
    {
        session.Cancellation.ThrowIfCancellationRequested();
        using var scope = NewDisposeScope();
        using var gradients = enable_grad();
        var (after_NV, labels_N) = Answers([.. wanted, .. kept]);
        var split = after_NV.shape[0] - before_LV.shape[0];
        var nll_N = after_NV.narrow(0, 0, split).gather(1, labels_N.narrow(0, 0, split).unsqueeze(1)).squeeze(1).neg();
        var edit = (nll_N * Shares(wanted)).sum();
        var loss = edit;
        var locality = 0.0;
        if (kept.Count > 0)
        {
            var divergence_L = (before_LV.exp() * (before_LV - after_NV.narrow(0, split, before_LV.shape[0]))).sum(1L);
            var weighted = (divergence_L * Shares(kept)).sum();
            locality = weighted.AsDouble();
            loss = edit.Plus(weighted);
        }

        var found = autograd.grad([loss], [.. matrices.Select(matrix => model.Parameter(matrix.Parameter))]);
        return new([.. found.Select(gradient_OI => gradient_OI.MoveToOuterDisposeScope())], edit.AsDouble(), locality);
    }

    /// <summary>Adds changes to the live weights.</summary>
    /// <param name="changes_OI">By each edited matrix.</param>
    public void Apply(IReadOnlyList<Tensor> changes_OI)
    {
        using var guard = no_grad();
        foreach (var (matrix, change_OI) in matrices.Zip(changes_OI))
            model.Parameter(matrix.Parameter).PlusInPlace(change_OI.to(ScalarType.Float32));
    }

    /// <summary>Requires the gradients of the edited matrices until the result is disposed.</summary>
    public IDisposable Require() => new TrainedWeights(model, [.. matrices.Select(matrix => matrix.Parameter)]);

    /// <summary>
    /// Hands the gradient by the changes of the weights on to what made them, (Σ G ⊙ ΔW) backward: the same as if the model had been run on
    /// W + ΔW with one graph.
    /// </summary>
    /// <param name="gradients_OI">By each edited matrix.</param>
    /// <param name="changes_OI">The changes, with their graph.</param>
    public static void HandOn(IReadOnlyList<Tensor> gradients_OI, IReadOnlyList<Tensor> changes_OI) => autograd.backward(
        [.. changes_OI], [.. gradients_OI.Zip(changes_OI, (gradient_OI, change_OI) => gradient_OI.to(change_OI.dtype))]);

    private (Tensor LogProbabilities_NV, Tensor Labels_N) Answers(IReadOnlyList<WeightedSequence> sequences)
    {
        using var scope = NewDisposeScope();
        var batch = new TokenBatch([.. sequences.Select(one => one.Sequence)], model.Device);
        var first = matrices.Min(matrix => matrix.Layer);
        var hidden_BTD = model.Run(Below(batch.Tokens_BT, first), first, model.Config.Layers);
        var logits_NV = model.Head(TokenBatch.Select(hidden_BTD, batch.TargetRows_N));
        return (logits_NV.log_softmax(-1).MoveToOuterDisposeScope(), batch.TargetLabels_N.MoveToOuterDisposeScope());
    }

    private Tensor Below(Tensor tokens_BT, int layer)
    {
        using var guard = no_grad();
        return model.Run(model.Embed(tokens_BT), 0, layer);
    }

    private Tensor Shares(IReadOnlyList<WeightedSequence> sequences) => tensor(
        sequences.SelectMany(one => Enumerable.Repeat((float)(one.Weight / one.Sequence.TargetLength), one.Sequence.TargetLength))
            .ToArray(),
        device: model.Device);
}
