using Harness.Figures;
using ScottPlot;

namespace Harness.Tests.Figures;

public sealed class ThemeTests
{
    // Machado, Oliveira and Fernandes (2009), severity 1, over linear RGB: deuteranopia and protanopia.
    private static readonly double[][] Deuteranopia = [
        [0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]];
    private static readonly double[][] Protanopia = [
        [0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]];

    [Fact]
    public void Colours_are_told_apart_by_whoever_sees_no_green_or_no_red()
    {
        foreach (var theme in Theme.All)
        {
            foreach (var (eye, matrix) in new[] { ("deuteranope", Deuteranopia), ("protanope", Protanopia) })
            {
                for (var i = 0; i < theme.Series.Count; i++)
                {
                    for (var j = 0; j < i; j++)
                    {
                        var distance = Distance(Seen(theme.Series[i], matrix), Seen(theme.Series[j], matrix));
                        Assert.True(distance > 15, $"{eye}, theme '{theme.Suffix}': series {j} and {i} are {distance:0.0} apart");
                    }
                }
            }
        }
    }

    [Fact]
    public void Text_and_colours_stand_out_from_the_page()
    {
        foreach (var theme in Theme.All)
        {
            Assert.True(Contrast(theme.Ink, theme.Paper) > 7);
            Assert.True(Contrast(theme.Soft, theme.Paper) > 4.5);
            Assert.All(theme.Series, color => Assert.True(Contrast(color, theme.Paper) > 2, color.ToHex()));
        }
    }

    [Fact]
    public void Light_and_dark_are_told_apart_by_their_files_and_have_as_many_colours()
    {
        Assert.Equal(["", "-dark"], Theme.All.Select(theme => theme.Suffix));
        Assert.Equal(Theme.Light.Series.Count, Theme.Dark.Series.Count);
        Assert.Equal(Theme.Light.ColorOf(0), Theme.Light.ColorOf(Theme.Light.Series.Count));
        Assert.NotEqual(Theme.ShapeOf(0), Theme.ShapeOf(Theme.Light.Series.Count)); // the same colour again has another mark
    }

    private static double Contrast(Color one, Color other)
    {
        double[] both = [FieldMap.Luminance(one), FieldMap.Luminance(other)];
        return (both.Max() + 0.05) / (both.Min() + 0.05);
    }

    private static double[] Seen(Color color, double[][] matrix)
    {
        double[] linear = [Linear(color.R), Linear(color.G), Linear(color.B)];
        return Lab([.. matrix.Select(row => Math.Clamp(row.Zip(linear, (a, b) => a * b).Sum(), 0, 1))]);
    }

    private static double Linear(byte value) =>
        value / 255.0 is var share && share <= 0.04045 ? share / 12.92 : Math.Pow((share + 0.055) / 1.055, 2.4);

    // CIELAB under D65.
    private static double[] Lab(double[] rgb)
    {
        static double F(double t) => t > 0.008856 ? Math.Cbrt(t) : (7.787 * t) + (16 / 116.0);
        var x = F(((0.4124 * rgb[0]) + (0.3576 * rgb[1]) + (0.1805 * rgb[2])) / 0.95047);
        var y = F((0.2126 * rgb[0]) + (0.7152 * rgb[1]) + (0.0722 * rgb[2]));
        var z = F(((0.0193 * rgb[0]) + (0.1192 * rgb[1]) + (0.9505 * rgb[2])) / 1.08883);
        return [(116 * y) - 16, 500 * (x - y), 200 * (y - z)];
    }

    private static double Distance(double[] one, double[] other) => Math.Sqrt(one.Zip(other, (a, b) => (a - b) * (a - b)).Sum());
}
