using Harness.Tuning;

namespace Harness.Tests.Tuning;

public sealed class SettingsDrawTests
{
    [Fact]
    public void A_grid_that_fits_is_tried_whole_in_its_order() => Assert.Equal(
        ["0 0", "0 1", "0 2", "1 0", "1 1", "1 2"], Points([2, 3], 6));

    [Fact]
    public void Nothing_to_tune_is_one_point() => Assert.Equal([""], Points([], 24));

    // The last but one has 25 points, of which 24 are wanted: all but one.
    [Theory]
    [InlineData(4, 4, 3)]
    [InlineData(6, 6, 4, 2, 2)]
    [InlineData(3, 3, 3)]
    [InlineData(5, 5)]
    [InlineData(7, 5, 2)]
    public void A_larger_grid_gives_different_points_that_cover_each_value_evenly(params int[] values)
    {
        var points = SettingsDraw.Of(values, 24, 1, "a space");
        Assert.Equal(24, points.Select(point => string.Join(' ', point)).Distinct().Count());
        Assert.All(Enumerable.Range(0, values.Length), option =>
        {
            var times = points.CountBy(point => point[option]).Select(value => value.Value).ToList();
            Assert.Equal(values[option], times.Count);
            Assert.InRange(times.Max() - times.Min(), 0, 1);
        });
        Assert.Equal(points.Select(Key).Order(StringComparer.Ordinal), points.Select(Key));
    }

    [Fact]
    public void The_draw_is_the_same_each_time_and_another_for_another_seed_or_space()
    {
        var draw = Points([6, 6, 4], 24);
        Assert.Equal(draw, Points([6, 6, 4], 24));
        Assert.NotEqual(draw, Points([6, 6, 4], 24, seed: 2));
        Assert.NotEqual(draw, Points([6, 6, 4], 24, purpose: "another"));
    }

    private static List<string> Points(int[] values, int most, long seed = 1, string purpose = "a space") =>
        [.. SettingsDraw.Of(values, most, seed, purpose).Select(Key)];

    private static string Key(IReadOnlyList<int> point) => string.Join(' ', point);
}
