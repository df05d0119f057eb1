using System.Text.Json.Nodes;

namespace Harness.Experiments.Reports.Figures;

/// <summary>What the renderer draws into a Vega-Lite specification: titles, layout and one value for each mark.</summary>
/// <param name="Title">Heading.</param>
/// <param name="Subtitle">Lines below it.</param>
/// <param name="Columns">Number of facets side by side.</param>
/// <param name="Values">One object for each number; the fields are those that the specification names.</param>
public sealed record Figure(string Title, IReadOnlyList<string> Subtitle, int Columns, IReadOnlyList<JsonObject> Values)
{
    /// <summary>Specification that the fields are made for, in the renderer's folder.</summary>
    public string Specification { get; init; } = "grouped-bars.vl.json";

    /// <summary>
    /// Rows of facets with scales of their own; a value's <c>row</c> is its place in this list. Empty where the specification's rows share one.
    /// </summary>
    public IReadOnlyList<FigureRow> Rows { get; init; } = [];

    /// <summary>The horizontal axis where the numbers say what it is like; null where the specification does.</summary>
    public FigureAxis? X { get; init; }
}

/// <summary>A row of facets.</summary>
/// <param name="Label">Heading.</param>
/// <param name="Domain">Ends of the vertical axis; null to fit them to the values.</param>
public sealed record FigureRow(string Label, Interval? Domain)
{
    /// <summary>Whether the vertical axis is spaced by the values' ratio.</summary>
    public bool IsLogarithmic { get; init; }

    /// <summary>The row of a metric: percentages from 0 to 100, seconds by their ratio, as the papers' machines are not this one.</summary>
    public static FigureRow Of(MetricDefinition metric) => new(
        metric.TitleWithUnit + (metric.IsHigherBetter ? "" : ", lower is better"),
        metric.Unit == MetricUnit.Percent && metric.IsHigherBetter ? new(0, 100) : null)
    {
        IsLogarithmic = metric.Unit == MetricUnit.Seconds,
    };

    internal JsonObject ToJson() => new()
    {
        ["label"] = Label,
        ["domain"] = Domain is { } domain ? new JsonArray(domain.Low, domain.High) : null,
        ["log"] = IsLogarithmic,
    };
}

/// <summary>How an axis spaces its values.</summary>
public enum AxisKind
{
    /// <summary>By their difference.</summary>
    Linear,

    /// <summary>By their ratio.</summary>
    Log,

    /// <summary>One after another; they need not be numbers.</summary>
    Ordinal,
}

/// <summary>A horizontal axis.</summary>
/// <param name="Title">What it shows.</param>
/// <param name="Kind">How it spaces values.</param>
/// <param name="Values">The marked values: numbers, but for an ordinal axis.</param>
public sealed record FigureAxis(string Title, AxisKind Kind, IReadOnlyList<string> Values)
{
    /// <summary>An axis of the experiment: ordinal unless all its values are numbers, and such as a logarithm takes where it is one.</summary>
    public static FigureAxis Of(Declarations.AxisEntry axis)
    {
        double?[] numbers = [.. axis.Values.Select(Number)];
        var kind = numbers.Any(number => number is null) ? AxisKind.Ordinal
            : !axis.IsLogarithmic ? AxisKind.Linear
            : numbers.All(number => number > 0) ? AxisKind.Log
            : AxisKind.Ordinal;
        return new(axis.Name, kind, axis.Values);
    }

    /// <summary>A value as the specification's field holds it.</summary>
    internal JsonNode? Node(string? value) => value is null ? null : Kind == AxisKind.Ordinal ? value : Number(value);

    internal JsonObject ToJson() => new()
    {
        ["title"] = Title,
        ["kind"] = Digits.Id(Kind),
        ["values"] = new JsonArray([.. Values.Select(Node)]),
    };

    private static double? Number(string value) => double.TryParse(
        value, System.Globalization.NumberStyles.Float, System.Globalization.CultureInfo.InvariantCulture, out var number) ? number : null;
}
