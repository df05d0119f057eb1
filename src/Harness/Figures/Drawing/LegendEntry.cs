using ScottPlot;

namespace Harness.Figures.Drawing;

/// <summary>One line of a legend: a sample of what is drawn, and what it means.</summary>
/// <param name="Text">What it means; for a colour key the number at its right end, with the unit.</param>
internal sealed record LegendEntry(string Text)
{
    /// <summary>Colour of bars.</summary>
    public Color? Swatch { get; init; }

    /// <summary>Colour of a band.</summary>
    public Color? Band { get; init; }

    /// <summary>Colour of a line.</summary>
    public Color? Line { get; init; }

    /// <summary>Width of the line in pixels.</summary>
    public float LineWidth { get; init; } = 2;

    /// <summary>Dashes of the line and gaps between them in pixels; null for an unbroken one.</summary>
    public (float On, float Off)? Dash { get; init; }

    /// <summary>A mark.</summary>
    public MarkerStyle? Marker { get; init; }

    /// <summary>A word that stands for what is explained.</summary>
    public string? Sample { get; init; }

    /// <summary>Colours of a key, left to right.</summary>
    public IColormap? Key { get; init; }

    /// <summary>What stands left of a colour key.</summary>
    public string KeyStart { get; init; } = "";

    /// <summary>The entry in words.</summary>
    public override string ToString() => Key is null ? (Sample is null ? Text : $"{Sample}: {Text}") : $"{KeyStart} to {Text}";
}
