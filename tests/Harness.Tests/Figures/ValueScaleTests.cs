using Harness.Figures;
using Harness.Reports;

namespace Harness.Tests.Figures;

public sealed class ValueScaleTests
{
    [Theory]
    [InlineData("reliability", new[] { 3.0, 60 }, 0, 100, "0||50||100")]
    [InlineData("em", new[] { -30.0, 60 }, -100, 100, "−100||0||100")]
    [InlineData("change", new[] { 3.2, 5.8 }, 0, 6, "0||3||6")] // lower is better: from 0 to a round number
    [InlineData("kl", new[] { 0.012 }, 0, 0.015, "0||0.008||0.015")]
    [InlineData("seconds", new[] { 0.0 }, 0, 1, "0||0.5||1")]
    [InlineData("old-cosine", new[] { -0.13, 0.1 }, -0.15, 0.15, "−0.15||0||0.15")]
    public void Percentages_share_their_axis_and_other_units_end_at_a_round_number(
        string metric, double[] shown, double low, double high, string labels)
    {
        var scale = ValueScale.Of(Metric.Find(metric), shown);
        Assert.Equal((low, high), (Math.Round(scale.Low, 9), Math.Round(scale.High, 9)));
        Assert.Equal(labels, string.Join('|', scale.Ticks.Select(tick => tick.Label)));
    }

    [Fact]
    public void Times_stand_by_powers_of_ten_unless_one_is_nothing()
    {
        var scale = ValueScale.Of(Metric.Find("seconds"), [0.02, 3000], logarithmic: true);
        Assert.Equal((-2.0, 4.0), (scale.Low, scale.High));
        Assert.Equal("0.01||1||100||10000", string.Join('|', scale.Ticks.Select(tick => tick.Label)));
        Assert.Equal(1, scale.At(10));
        Assert.Equal("10⁻³||10⁻¹||10¹||10³||10⁵",
            string.Join('|', ValueScale.Of(Metric.Find("seconds"), [0.002, 90_000], logarithmic: true).Ticks.Select(tick => tick.Label)));
        Assert.False(ValueScale.Of(Metric.Find("seconds"), [0, 3000], logarithmic: true).IsLogarithmic);
    }

    [Theory]
    [InlineData(true, "Log", "1", "10")]
    [InlineData(false, "Linear", "0", "0.5")]
    [InlineData(true, "Ordinal", "0", "10")] // 0 has no logarithm
    [InlineData(false, "Ordinal", "1", "all")]
    public void An_axis_is_spaced_as_its_values_allow(bool logarithmic, string expected, params string[] values)
    {
        var axis = FigureAxis.Of(new("axis", values) { IsLogarithmic = logarithmic });
        Assert.Equal(expected, axis.Kind.ToString());
        Assert.Equal(expected == "Linear" ? 0.5 : 1, axis.At(values[1]));
    }
}
