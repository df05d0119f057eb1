using ScottPlot;

namespace Harness.Figures;

/// <summary>Colours and sizes of a figure; light and dark differ in colours alone.</summary>
/// <param name="Suffix">What stands behind the file's name: nothing, or <c>-dark</c>.</param>
/// <param name="Paper">Background of the page.</param>
/// <param name="Ink">Text and marks.</param>
/// <param name="Soft">Text of less weight.</param>
/// <param name="Grid">Grid lines, and fields without a number.</param>
/// <param name="Axis">Axes.</param>
/// <param name="Series">Colours of series, in their order.</param>
internal sealed record Theme(string Suffix, Color Paper, Color Ink, Color Soft, Color Grid, Color Axis, IReadOnlyList<Color> Series)
{
    /// <summary>Sizes of letters in pixels of the page; none is smaller than <see cref="Small"/>.</summary>
    public const float Title = 15, Heading = 12, Label = 11, Small = 10.5f;

    /// <summary>Black on white; colours of Okabe and Ito (2008), which colour-blind readers tell apart, without the yellow.</summary>
    public static Theme Light { get; } = new(
        "", Hex("#ffffff"), Hex("#1a1a1a"), Hex("#555555"), Hex("#e6e6e6"), Hex("#8a8a8a"),
        [Hex("#0072b2"), Hex("#e69f00"), Hex("#009e73"), Hex("#cc79a7"), Hex("#d55e00"), Hex("#56b4e9"), Hex("#1a1a1a")]);

    /// <summary>The same on GitHub's dark page, lighter.</summary>
    public static Theme Dark { get; } = new(
        "-dark", Hex("#0d1117"), Hex("#f0f3f6"), Hex("#a8b0b8"), Hex("#2a3038"), Hex("#6b7480"),
        [Hex("#4aa8e0"), Hex("#f0b33c"), Hex("#35c497"), Hex("#e39cc4"), Hex("#e8602c"), Hex("#a5dcfa"), Hex("#f0f3f6")]);

    /// <summary>Both, in the order in which files are written.</summary>
    public static IReadOnlyList<Theme> All { get; } = [Light, Dark];

    /// <summary>Marks of series, in their order.</summary>
    private static readonly MarkerShape[] Shapes =
        [MarkerShape.FilledCircle, MarkerShape.FilledSquare, MarkerShape.FilledTriangleUp, MarkerShape.FilledDiamond,
            MarkerShape.FilledTriangleDown];

    /// <summary>The colour of a series; after the last they begin again, with other marks.</summary>
    public Color ColorOf(int series) => Series[series % Series.Count];

    /// <summary>The mark of a series.</summary>
    public static MarkerShape ShapeOf(int series) => Shapes[series % Shapes.Length];

    /// <summary>A hollow mark, for published numbers.</summary>
    /// <param name="color">Of its outline.</param>
    /// <param name="shape">Its shape.</param>
    /// <param name="size">Its width in pixels.</param>
    public MarkerStyle Hollow(Color color, MarkerShape shape = MarkerShape.FilledDiamond, float size = 8.5f) =>
        new(shape, size, Paper) { OutlineColor = color, OutlineWidth = 1.4f };

    private static Color Hex(string hex) => Color.FromHex(hex);
}
