namespace Harness.Models.Training;

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
