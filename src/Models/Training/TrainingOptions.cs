namespace Harness.Models.Training;

/// <summary>How a model is trained from scratch: AdamW (Loshchilov and Hutter 2019) with linear warm-up and linear decay.</summary>
/// <remarks>
/// Defaults are for models of about a million parameters on a thousand facts; experiments/models.yaml holds what the tables use.
/// </remarks>
public sealed record TrainingOptions
{
    /// <summary>Most passes over the examples. Default 24, at least 1.</summary>
    public int Epochs { get; init; } = 24;

    /// <summary>Examples per step. Default 64, at least 1.</summary>
    public int BatchSize { get; init; } = 64;

    /// <summary>Peak learning rate. Default 3e-3 (works for widths of 96–192 and 64 examples a step; half of it for 32).</summary>
    public double LearningRate { get; init; } = 3e-3;

    /// <summary>Steps of linear warm-up. Default 50; capped at a tenth of all steps, so that short runs reach their peak.</summary>
    public int WarmupSteps { get; init; } = 50;

    /// <summary>Share of all steps, the last ones, in which the learning rate falls linearly, in [0, 1]. Default 0.6.</summary>
    public double DecayShare { get; init; } = 0.6;

    /// <summary>Share of the peak learning rate that is left at the end, in [0, 1]. Default 0.05.</summary>
    public double MinLearningRateShare { get; init; } = 0.05;

    /// <summary>Decoupled weight decay, on every parameter. Default 0.01 (PyTorch's AdamW).</summary>
    public double WeightDecay { get; init; } = 0.01;

    /// <summary>Decay of the first moment. Default 0.9 (Kingma and Ba 2015).</summary>
    public double Beta1 { get; init; } = 0.9;

    /// <summary>Decay of the second moment. Default 0.95 (GPT-3, LLaMA), for short runs.</summary>
    public double Beta2 { get; init; } = 0.95;

    /// <summary>ε of Adam. Default 1e-8 (Kingma and Ba 2015).</summary>
    public double Epsilon { get; init; } = 1e-8;

    /// <summary>Largest norm of all gradients together; 0 turns clipping off. Default 1 (GPT-3, LLaMA).</summary>
    public double GradientClip { get; init; } = 1;

    /// <summary>Weight of the prompt tokens' mean loss beside the target tokens', at least 0. Default 0.1.</summary>
    public double PromptLoss { get; init; } = 0.1;

    /// <summary>
    /// Steps from one that learns prompt tokens, with as many times the weight, to the next, at least 1. Default 2: the others take a sixth
    /// less time.
    /// </summary>
    public int PromptEvery { get; init; } = 2;

    /// <summary>Training ends after an epoch whose mean target loss (nats per token) is below this; 0 never. Default 0.</summary>
    public double StopLoss { get; init; }

    /// <summary>
    /// Batches per pool: within a pool of this many batches, examples are sorted by length, so that padding is rare. Default 8.
    /// </summary>
    public int PoolBatches { get; init; } = 8;

    /// <summary>Checks every number and reports all violations together.</summary>
    /// <exception cref="InputException">Some are out of range.</exception>
    public void Validate()
    {
        var faults = new List<string>();
        Require(Epochs >= 1, "epochs", Epochs, "at least 1");
        Require(BatchSize >= 1, "batch-size", BatchSize, "at least 1");
        Require(LearningRate > 0, "learning-rate", LearningRate, "more than 0");
        Require(WarmupSteps >= 0, "warmup-steps", WarmupSteps, "at least 0");
        Require(DecayShare is >= 0 and <= 1, "decay-share", DecayShare, "0 to 1");
        Require(MinLearningRateShare is >= 0 and <= 1, "min-learning-rate-share", MinLearningRateShare, "0 to 1");
        Require(WeightDecay >= 0, "weight-decay", WeightDecay, "at least 0");
        Require(Beta1 is >= 0 and < 1, "beta1", Beta1, "0 to less than 1");
        Require(Beta2 is >= 0 and < 1, "beta2", Beta2, "0 to less than 1");
        Require(Epsilon > 0, "epsilon", Epsilon, "more than 0");
        Require(GradientClip >= 0, "gradient-clip", GradientClip, "at least 0");
        Require(PromptLoss >= 0, "prompt-loss", PromptLoss, "at least 0");
        Require(PromptEvery >= 1, "prompt-every", PromptEvery, "at least 1");
        Require(StopLoss >= 0, "stop-loss", StopLoss, "at least 0");
        Require(PoolBatches >= 1, "pool-batches", PoolBatches, "at least 1");
        if (faults.Count > 0) throw new InputException("training options: " + string.Join("; ", faults));

        void Require(bool holds, string name, double found, string expected)
        {
            if (!holds) faults.Add(FormattableString.Invariant($"{name} is {found}; expected {expected}"));
        }
    }
}
