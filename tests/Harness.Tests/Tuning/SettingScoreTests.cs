using Harness.Measuring.Capability;
using Harness.Tuning;

namespace Harness.Tests.Tuning;

public sealed class SettingScoreTests
{
    [Fact]
    public void A_setting_scores_the_harmonic_mean_and_nothing_where_one_of_the_three_is_zero()
    {
        Assert.Equal(3 / (1 + 2 + 4.0), new SettingPart("zsre", 1, 1, 0.5, 0.25).Harmonic, 12);
        Assert.Equal(0, new SettingPart("zsre", 1, 1, 1, 0).Harmonic);
        Assert.Equal(2 / 3.0, new SettingPart("zsre", 1, 1, 1, 0).Mean, 12);
    }

    [Fact]
    public void A_part_is_the_means_of_what_the_cases_were_asked_and_nothing_may_be_asked_of_none()
    {
        var series = new Dictionary<string, IReadOnlyList<SeriesItem>>
        {
            ["reliability"] = [new(0, 1), new(1, 0)],
            ["generality"] = [new(1, 0.25)],
            ["locality"] = [new(0, 1), new(1, 1)],
        };
        Assert.Equal(new SettingPart("zsre", 3, 0.5, 0.25, 1), SettingPart.Of("zsre", 3, series));
        series.Remove("generality");
        Assert.Equal(
            "search on 'zsre', seed 3: found no question of generality among the cases of a round, expected one; give its rounds more "
            + "'edits' in tuning/spaces.yaml",
            Assert.Throws<InputException>(() => SettingPart.Of("zsre", 3, series)).Message);
    }

    [Fact]
    public void Data_sets_and_seeds_count_the_same()
    {
        var score = new SettingScore([new("zsre", 1, 1, 1, 1), new("counterfact", 1, 0, 1, 0.5)]);
        Assert.Equal(0.5, score.Harmonic, 12);
        Assert.Equal(0.75, score.Mean, 12);
        Assert.Equal(0.5, score.Of(part => part.Reliability), 12);
    }

    [Fact]
    public void The_best_comes_first_then_the_larger_arithmetic_mean_then_the_order_of_the_space_and_failures_last()
    {
        static SettingScore Of(double reliability, double generality, double locality) =>
            new([new("zsre", 1, reliability, generality, locality)]);
        var scores = new Dictionary<int, SettingScore>
        {
            [1] = new([], "the loss became NaN"),
            [2] = Of(0, 0, 1),
            [3] = Of(0, 1, 1),
            [4] = Of(0.5, 0.5, 0.5),
            [5] = Of(0, 0, 1),
            [6] = Of(0.6, 0.5, 0.5),
        }.ToDictionary(one => new Setting(one.Key, []), one => one.Value);
        Assert.Equal([6, 4, 3, 2, 5, 1], SettingScore.Ranked(scores).Select(setting => setting.Number));
    }
}
