using Harness.Models.Training;

namespace Harness.Tests.Training;

public sealed class TrainingOptionsTests
{
    [Fact]
    public void All_violations_are_told_together() => Assert.Equal(
        "training options: epochs is 0; expected at least 1; decay-share is 1.5; expected 0 to 1; beta2 is 1; expected 0 to less than 1; "
        + "prompt-every is 0; expected at least 1",
        Assert.Throws<InputException>(
            new TrainingOptions { Epochs = 0, DecayShare = 1.5, Beta2 = 1, PromptEvery = 0 }.Validate).Message);

    [Fact]
    public void Defaults_are_in_range() => new TrainingOptions().Validate();
}
