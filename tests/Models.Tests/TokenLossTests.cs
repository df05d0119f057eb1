// B = batch, T = positions, D = model width.
using Harness.Models;
using static TorchSharp.torch;

namespace Harness.Tests;

public class TokenLossTests
{
    [Fact]
    public void Is_the_mean_surprise_of_targets_plus_the_weighted_mean_of_prompts()
    {
        using var scope = NewDisposeScope();
        using var model = TinyModels.Lively(TinyModels.Grouped);
        Sequence[] sequences = [new([0, 5, 6, 7, 8], 3), new([0, 9, 4], 2)];
        var batch = new TokenBatch(sequences);
        var hidden_BTD = model.Run(model.Embed(batch.Tokens_BT), 0, 2);

        // By the definition: −log softmax of the reference model, for each labelled position.
        var reference = new ReferenceLlama(model);
        var surprises = sequences.Select(sequence =>
        {
            var logits = reference.Logits([.. sequence.Ids.Select(id => (long)id)]);
            return sequence.Ids.Skip(1).Select((id, t) => Math.Log(logits[t].Sum(Math.Exp)) - logits[t][id]).ToArray();
        }).ToArray();
        double[] targets = [surprises[0][2], surprises[0][3], surprises[1][1]];
        double[] prompts = [surprises[0][0], surprises[0][1], surprises[1][0]];

        var (loss, targetLoss) = TokenLoss.WithPrompt(model, hidden_BTD, batch, promptWeight: 0.25);
        Assert.Equal(targets.Average() + (0.25 * prompts.Average()), loss.AsDouble(), 1e-4);
        Assert.Equal(targets.Average(), targetLoss.AsDouble(), 1e-4);
        Assert.Equal(targets.Average(), TokenLoss.Mean(model, hidden_BTD, batch).AsDouble(), 1e-4);
        Assert.Equal(targets.Average(), TokenLoss.WithPrompt(model, hidden_BTD, batch, promptWeight: 0).Loss.AsDouble(), 1e-4);
        Assert.Equal(targets.Average(), TokenLoss.OfTargets(model, model.Embed(batch.Tokens_BT), batch).Loss.AsDouble(), 1e-4);
        var each = TokenLoss.PerLabel(model, TokenBatch.Select(hidden_BTD, batch.TargetRows_N), batch.TargetLabels_N).data<float>()
            .ToArray().Select(value => (double)value);
        Assert.Equal(targets, each, (a, b) => Math.Abs(a - b) < 1e-4);
    }
}
