namespace Harness.Models.Training;

/// <summary>Linear warm-up to the peak, then half a cosine down to a share of it (Loshchilov and Hutter 2017).</summary>
internal sealed class LearningRateSchedule(TrainingOptions options, int steps)
{
    private const int WarmupAtMostOneStepIn = 10;

    private readonly int warmup = Math.Min(options.WarmupSteps, steps / WarmupAtMostOneStepIn);

    /// <summary>Learning rate of a step, counted from 0.</summary>
    public double At(int step)
    {
        if (step < warmup) return options.LearningRate * (step + 1) / warmup;
        var progress = (step - warmup) / (double)Math.Max(1, steps - warmup);
        var cosine = 0.5 * (1 + Math.Cos(Math.PI * Math.Min(1, progress)));
        return options.LearningRate * (options.MinLearningRateShare + ((1 - options.MinLearningRateShare) * cosine));
    }
}
