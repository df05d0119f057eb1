using Harness.Measuring.Tracing;
using Harness.Reports;

namespace Harness.Declarations;

/// <summary>The rows of an experiment that traces: one for each state, layer and position.</summary>
internal static class TracedRows
{
    /// <summary>What stands in the place of an editor's name.</summary>
    public const string Editor = "trace";

    private const string Layer = "layer", Position = "position";

    /// <summary>The rows; each holds the options of all.</summary>
    public static IReadOnlyList<EditorEntry> Of(TracingOptions options) =>
    [
        .. from state in Enum.GetValues<TracedState>()
           from layer in options.Layers
           from position in Enum.GetValues<TracedPosition>()
           select new EditorEntry(CausalTracing.SeriesOf(state, layer, position), options)
           {
               Editor = Editor,
               Series = Digits.Id(state),
               At = [new(Layer, $"{layer}"), new(Position, Digits.Id(position))],
           },
    ];

    /// <summary>Their axes.</summary>
    public static IReadOnlyList<AxisEntry> Axes(TracingOptions options) =>
    [
        new(Layer, [.. options.Layers.Select(layer => $"{layer}")]),
        new(Position, [.. Enum.GetValues<TracedPosition>().Select(position => Digits.Id(position))]),
    ];

    /// <summary>What is wrong with an experiment's tracing; null where nothing is, and where it has none.</summary>
    public static string? Check(TracingOptions? options, IReadOnlyList<string> metrics)
    {
        var metric = Metric.Catalogue.Single(one => one.Source == MetricSource.Traces).Name;
        if (options is null)
            return metrics.Contains(metric) ? $"metric '{metric}' needs 'trace', which says how states are traced" : null;
        if (metrics is not [var only] || only != metric)
            return $"'trace' takes the place of editors: expected '{metric}' as the only metric";
        try
        {
            options.Validate();
            return null;
        }
        catch (InputException mistake)
        {
            return mistake.Message;
        }
    }
}
