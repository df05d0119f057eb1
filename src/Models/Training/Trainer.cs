// B = batch, T = positions, D = model width.
using System.Globalization;
using Harness.Models.Training.Optimisers;
using static TorchSharp.torch;

namespace Harness.Models.Training;

/// <summary>What a training run came to.</summary>
/// <param name="Epochs">Epochs done.</param>
/// <param name="Steps">Optimiser steps done.</param>
/// <param name="Loss">Mean target loss of the last epoch, in nats per token, measured while training.</param>
public sealed record TrainingSummary(int Epochs, int Steps, double Loss);

/// <summary>Trains every parameter of a model on sequences: next-token loss on targets, and on prompts with a smaller weight.</summary>
public static class Trainer
{
    /// <summary>
    /// Trains in place. The same model, examples, options and seed give the same weights, bit for bit, on one machine and thread count.
    /// </summary>
    /// <param name="model">Trained in place; its parameters need gradients during the call only.</param>
    /// <param name="examples">At least one.</param>
    /// <param name="options">See <see cref="TrainingOptions"/>.</param>
    /// <param name="seed">Seed of the order of examples.</param>
    /// <param name="progress">Gets one line per epoch: <c>epoch 3/22 loss 0.412</c>.</param>
    /// <param name="cancellation">Looked at before every step.</param>
    /// <exception cref="InputException">Options out of range, no examples, or a loss that is no longer a number.</exception>
    public static TrainingSummary Train(
        Transformer model, IReadOnlyList<Sequence> examples, TrainingOptions options, long seed,
        IProgress<string>? progress = null, CancellationToken cancellation = default)
    {
        options.Validate();
        if (examples.Count == 0) throw new InputException("training: found no examples; expected at least one");
        var plan = new BatchPlan(examples, options.BatchSize, options.PoolBatches, seed);
        var schedule = new LearningRateSchedule(options, plan.Count * options.Epochs);
        Tensor[] parameters = [.. model.ParameterNames.Select(name => model.Parameter(name))];

        using var scope = NewDisposeScope();
        using var gradients = enable_grad();
        foreach (var parameter in parameters) parameter.requires_grad = true;
        try
        {
            using var optimiser = new AdamW(
                parameters, options.LearningRate, options.Beta1, options.Beta2, options.Epsilon, options.WeightDecay);
            var (step, loss) = (0, double.NaN);
            for (var epoch = 0; epoch < options.Epochs; epoch++)
            {
                var (sum, tokens) = (0.0, 0L);
                foreach (var examplesOfStep in plan.Epoch(epoch))
                {
                    cancellation.ThrowIfCancellationRequested();
                    optimiser.LearningRate = schedule.At(step);
                    var targets = examplesOfStep.Sum(example => (long)example.TargetLength);
                    sum += Step(model, parameters, optimiser, examplesOfStep, options, ++step) * targets;
                    tokens += targets;
                }

                loss = sum / tokens;
                progress?.Report(string.Create(CultureInfo.InvariantCulture, $"epoch {epoch + 1}/{options.Epochs} loss {loss:F3}"));
                if (loss < options.StopLoss) return new TrainingSummary(epoch + 1, step, loss);
            }

            return new TrainingSummary(options.Epochs, step, loss);
        }
        finally
        {
            ForgetGradients(parameters);
            foreach (var parameter in parameters) parameter.requires_grad = false;
        }
    }

    // One optimiser step; returns the mean target loss before it.
    private static double Step(
        Transformer model, Tensor[] parameters, Optimiser optimiser, Sequence[] examples, TrainingOptions options, int number)
    {
        using var scope = NewDisposeScope();
        var batch = new TokenBatch(examples, model.Device);
        var embedded_BTD = model.Embed(batch.Tokens_BT);
        var (loss, targetLoss) = number % options.PromptEvery == 0
            ? TokenLoss.WithPrompt(model, model.Run(embedded_BTD, 0, model.Config.Layers), batch, options.PromptLoss * options.PromptEvery)
            : TokenLoss.OfTargets(model, embedded_BTD, batch);
        loss.backward();
        var measured = targetLoss.AsDouble();
        if (!double.IsFinite(measured))
        {
            throw new InputException(
                FormattableString.Invariant(
                    $"training: the loss is {measured} at step {number}; lower learning-rate ({options.LearningRate})"));
        }

        if (options.GradientClip > 0) Optimiser.ClipGradients(parameters, options.GradientClip);
        optimiser.Step();
        ForgetGradients(parameters);
        return measured;
    }

    // Dropped, not zeroed: the next step's gradients are then taken over instead of added.
    private static void ForgetGradients(Tensor[] parameters)
    {
        foreach (var parameter in parameters) parameter.grad = null;
    }
}

/// <summary>
/// Which examples share a step: shuffled, cut into pools, sorted by length within a pool, cut into batches, and the batches shuffled.
/// </summary>
internal sealed class BatchPlan(IReadOnlyList<Sequence> examples, int batchSize, int poolBatches, long seed)
{
    /// <summary>Number of batches in every epoch.</summary>
    public int Count => (examples.Count + batchSize - 1) / batchSize;

    /// <summary>The batches of one epoch; every example is in exactly one.</summary>
    public IReadOnlyList<Sequence[]> Epoch(int epoch)
    {
        var random = new SeededRandom(seed, $"training/epoch/{epoch}");
        var order = Enumerable.Range(0, examples.Count).ToArray();
        random.Shuffle(order);
        var batches = order.Chunk(batchSize * poolBatches)
            .SelectMany(pool => pool.Select(i => examples[i]).OrderBy(example => example.Ids.Length).Chunk(batchSize))
            .ToList();
        random.Shuffle(batches);
        return batches;
    }
}

/// <summary>
/// Linear warm-up to the peak, the peak, then linearly down to a share of it (Hägele et al. 2024): facts are learnt all at once, late, and
/// a rate that falls from the start delays that.
/// </summary>
internal sealed class LearningRateSchedule(TrainingOptions options, int steps)
{
    private const int WarmupAtMostOneStepIn = 10;

    private readonly int warmup = Math.Min(options.WarmupSteps, steps / WarmupAtMostOneStepIn);

    /// <summary>Learning rate of a step, counted from 0.</summary>
    public double At(int step)
    {
        if (step < warmup) return options.LearningRate * (step + 1) / warmup;
        var left = Math.Clamp((steps - step) / Math.Max(1, options.DecayShare * steps), 0, 1);
        return options.LearningRate * (options.MinLearningRateShare + ((1 - options.MinLearningRateShare) * left));
    }
}
