using Harness.Models.Training;

namespace Harness.Tests.Training;

public class LearningRateScheduleTests
{
    private static readonly TrainingOptions Options = new()
    {
        LearningRate = 2,
        WarmupSteps = 4,
        DecayShare = 0.5,
        MinLearningRateShare = 0.1
    };

    [Fact]
    public void Rises_linearly_stays_and_falls_linearly()
    {
        var schedule = new LearningRateSchedule(Options, steps: 104);
        Assert.Equal([0.5, 1.0, 1.5, 2.0], Enumerable.Range(0, 4).Select(schedule.At));
        Assert.Equal(2.0, schedule.At(52), 1e-12);
        Assert.Equal(2 * (0.1 + (0.9 / 2)), schedule.At(78), 1e-12);
        Assert.Equal(0.2 + (1.8 / 52), schedule.At(103), 1e-12);
    }

    [Theory]
    [InlineData(0, 2)]
    [InlineData(1, 0.2 + (1.8 / 104))]
    public void May_fall_never_or_from_the_start(double share, double last) =>
        Assert.Equal(last, new LearningRateSchedule(Options with { DecayShare = share }, steps: 104).At(103), 1e-12);

    [Fact]
    public void Warm_up_takes_a_tenth_of_a_short_run_at_most() =>
        Assert.Equal(2.0, new LearningRateSchedule(Options, steps: 20).At(1), 1e-12);
}
