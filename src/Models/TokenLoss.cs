// B = batch, T = positions, L = last positions, D = model width, V = vocabulary, N = target tokens, M = prompt tokens.
using static TorchSharp.torch;

namespace Harness.Models;

/// <summary>
/// Negative log-likelihood (nats) of a batch's tokens, from the residual stream after the last layer. The head runs at the labelled
/// positions only.
/// </summary>
public static class TokenLoss
{
    /// <summary>Mean over all target tokens of the batch, a scalar with gradients.</summary>
    /// <param name="model">The model.</param>
    /// <param name="hidden_BTD">[B, T, D] float32, after the last layer.</param>
    /// <param name="batch">The batch whose tokens gave the hidden states.</param>
    public static Tensor Mean(Transformer model, Tensor hidden_BTD, TokenBatch batch)
    {
        using var scope = NewDisposeScope();
        return Losses(model, hidden_BTD, batch.TargetRows_N, batch.TargetLabels_N).mean().MoveToOuterDisposeScope();
    }

    /// <summary>One loss per label, [N] float32 with gradients.</summary>
    /// <param name="model">The model.</param>
    /// <param name="hidden_ND">[N, D] float32, after the last layer, where the labels are predicted.</param>
    /// <param name="labels_N">[N] Int64.</param>
    public static Tensor PerLabel(Transformer model, Tensor hidden_ND, Tensor labels_N)
    {
        using var logits_NV = model.Head(hidden_ND);
        return nn.functional.cross_entropy(logits_NV, labels_N, reduction: nn.Reduction.None);
    }

    /// <summary>Mean over the target tokens + <paramref name="promptWeight"/> × mean over the prompt tokens.</summary>
    /// <returns>The sum, a scalar with gradients, and the targets' part without.</returns>
    public static (Tensor Loss, Tensor TargetLoss) WithPrompt(Transformer model, Tensor hidden_BTD, TokenBatch batch, double promptWeight)
    {
        using var scope = NewDisposeScope();
        var (targets, prompts) = (batch.TargetLabels_N.shape[0], batch.PromptLabels_M.shape[0]);
        if (promptWeight == 0 || prompts == 0)
        {
            var mean = Mean(model, hidden_BTD, batch);
            return (mean.MoveToOuterDisposeScope(), mean.detach().MoveToOuterDisposeScope());
        }

        // One pass through the head for both.
        var rows = cat([batch.TargetRows_N, batch.PromptRows_M]);
        var losses = Losses(model, hidden_BTD, rows, cat([batch.TargetLabels_N, batch.PromptLabels_M]));
        var target = losses.narrow(0, 0, targets).mean();
        var loss = target.Plus(losses.narrow(0, targets, prompts).mean() * Held(promptWeight));
        return (loss.MoveToOuterDisposeScope(), target.detach().MoveToOuterDisposeScope());
    }

    /// <summary>Mean over the target tokens, for which the last layer computes the positions from the first target on only.</summary>
    /// <param name="model">The model.</param>
    /// <param name="embedded_BTD">[B, T, D] float32, before the first layer.</param>
    /// <param name="batch">The batch whose tokens gave the embeddings.</param>
    /// <returns>The mean, a scalar with gradients, and the same without.</returns>
    public static (Tensor Loss, Tensor TargetLoss) OfTargets(Transformer model, Tensor embedded_BTD, TokenBatch batch)
    {
        using var scope = NewDisposeScope();
        var last = batch.LastPositions;
        var hidden_BLD = model.Run(embedded_BTD, 0, model.Config.Layers, last: last);
        var mean = Losses(model, hidden_BLD, batch.TargetRows(last), batch.TargetLabels_N).mean();
        return (mean.MoveToOuterDisposeScope(), mean.detach().MoveToOuterDisposeScope());
    }

    private static Tensor Losses(Transformer model, Tensor hidden_BTD, Tensor rows_N, Tensor labels_N)
    {
        using var hidden_ND = TokenBatch.Select(hidden_BTD, rows_N);
        return PerLabel(model, hidden_ND, labels_N);
    }
}
