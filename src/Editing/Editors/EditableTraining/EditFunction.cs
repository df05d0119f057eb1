// N = answer tokens, V = vocabulary, B = batch, L = last positions, D = model width.
using Harness.Editing.Pipelines;
using Harness.Models;
using static TorchSharp.torch;

namespace Harness.Editing.Editors.EditableTraining;

/// <summary>
/// Edit^k_α(θ, l_e): at most k steps of gradient descent on the weights of one location, until l_e(θ̂) ≤ 0 (Sinitsin et al. 2020, section
/// 3); and the gradients through those steps, for the training.
/// </summary>
internal sealed class EditFunction
{
    private readonly EditSession session;
    private readonly EditablePhaseOptions options;
    private readonly IReadOnlyList<Tensor> weights;

    /// <summary>The function of a session's model.</summary>
    /// <exception cref="InputException">The model lacks the layer or the module, or the layer has experts.</exception>
    public EditFunction(EditSession session, EditablePhaseOptions options)
    {
        (this.session, this.options) = (session, options);
        Layers.Check(session, "editable-training", [options.Layer]);
        Names = new TunedLocation(options.Layer, options.Module).Names(session, "editable-training");
        weights = [.. Names.Select(session.Model.Parameter)];
    }

    /// <summary>What edits change, in the model's order.</summary>
    public IReadOnlyList<string> Names { get; }

    /// <summary>
    /// l_e at the live weights: max(0, margin + max log p(y|x) − log p(y_ref|x)) with y other than y_ref, mean over an edit's answer
    /// tokens, then over the edits. It is 0 where every wanted token is the argmax.
    /// </summary>
    /// <param name="edits">Prompts with the wanted answers.</param>
    /// <returns>In nats, a scalar with a graph, owned by the caller's dispose scope.</returns>
    public Tensor Constraint(IReadOnlyList<Sequence> edits)
    {
        session.Cancellation.ThrowIfCancellationRequested();
        using var scope = NewDisposeScope();
        var (logits_NV, labels_N) = Answers(session.Model, edits);
        var wanted_N1 = labels_N.unsqueeze(1);
        var others_NV = logits_NV.scatter(1, wanted_N1, zeros_like(logits_NV).fill_(Held(double.NegativeInfinity)));
        var lead_N = logits_NV.gather(1, wanted_N1).squeeze(1) - others_NV.amax([1L]);
        var shares = edits.SelectMany(
            edit => Enumerable.Repeat(1f / (edits.Count * edit.TargetLength), edit.TargetLength)).ToArray();
        return (lead_N.SubtractedFrom(Held(options.Margin)).clamp_min(Held(0)) * tensor(shares, device: logits_NV.device)).sum()
            .MoveToOuterDisposeScope();
    }

    /// <summary>Logits that predict the answers of sequences, at the live weights, with their graph.</summary>
    /// <returns>[N, V] and the answers' ids [N], owned by the caller's dispose scope.</returns>
    public static (Tensor Logits_NV, Tensor Labels_N) Answers(Transformer model, IReadOnlyList<Sequence> sequences)
    {
        using var scope = NewDisposeScope();
        var batch = new TokenBatch(sequences, model.Device);
        var last = batch.LastPositions;
        var hidden_BLD = model.Run(model.Embed(batch.Tokens_BT), 0, model.Config.Layers, last: last);
        var logits_NV = model.Head(TokenBatch.Select(hidden_BLD, batch.TargetRows(last)));
        return (logits_NV.MoveToOuterDisposeScope(), batch.TargetLabels_N.MoveToOuterDisposeScope());
    }

    /// <summary>Edits the live weights, which require gradients.</summary>
    /// <param name="edits">Prompts with the wanted answers.</param>
    /// <returns>Steps that were taken, and l_e behind them, in nats.</returns>
    /// <exception cref="InputException">l_e is no number any more.</exception>
    public (int Steps, double Constraint) Run(IReadOnlyList<Sequence> edits)
    {
        for (var taken = 0; ; taken++)
        {
            if (Step(edits, taken) is { } constraint)
                return (taken, constraint);
        }
    }

    /// <summary>
    /// Edits, does what is done at θ̂ and goes back, so that the gradients by θ̂ that it left become those by θ. A step
    /// θ' = θ − α ∇l_e(θ) makes v of v': v = v' − α ∇(∇l_e(θ) · v'), for weights that are not edited too; the sign's derivative is 0.
    /// </summary>
    /// <param name="edits">Prompts with the wanted answers.</param>
    /// <param name="behind">Adds gradients to those of the live weights, which are 0 or none before.</param>
    /// <param name="taken">Steps before.</param>
    /// <returns>Steps of the whole edit.</returns>
    public int Through(IReadOnlyList<Sequence> edits, Action behind, int taken = 0)
    {
        int steps;
        using (new WeightSnapshot(session.Model, Names))
        {
            if (Step(edits, taken) is not null)
            {
                behind();
                return taken;
            }

            steps = Through(edits, behind, taken + 1);
        }

        if (options.Rule == EditRule.Sgd)
        {
            using var recording = enable_grad();
            using var scope = NewDisposeScope();
            var later = weights.Select(weight => weight.grad!.clone()).ToList();
            var gradients = autograd.grad([Constraint(edits)], [.. weights], retain_graph: true, create_graph: true);
            var products = gradients.Zip(later, (gradient, value) => (gradient * value).sum());
            (stack(products).sum() * Held(-options.EditRate)).backward();
        }

        return steps;
    }

    // Takes a step; where the edit has ended before it, takes none and gives l_e.
    private double? Step(IReadOnlyList<Sequence> edits, int taken)
    {
        using var recording = enable_grad();
        using var scope = NewDisposeScope();
        var constraint = Constraint(edits);
        var value = constraint.AsDouble();
        if (!double.IsFinite(value))
            throw new InputException("Editor 'editable-training': the edit's loss is not finite, expected a finite one; "
                + "lower its edit-rate or the training's learning-rate.");
        if (value <= 0 || taken == options.EditSteps)
            return value;

        var gradients = autograd.grad([constraint], [.. weights]);
        using var guard = no_grad();
        foreach (var (weight, gradient) in weights.Zip(gradients))
            weight.add_(options.Rule == EditRule.Sgd ? gradient : gradient.sign(), Held(-options.EditRate));
        return null;
    }
}
