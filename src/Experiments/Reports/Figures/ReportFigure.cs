using System.Text.Json.Nodes;
using Harness.Experiments.Declarations;

namespace Harness.Experiments.Reports.Figures;

/// <summary>The report's figure, of the kind that its experiment names.</summary>
public static class ReportFigure
{
    /// <summary>What forbids an experiment to have its kind of figure; null where nothing does.</summary>
    public static string? Check(Experiment experiment)
    {
        var needed = experiment.Figure.Kind switch { FigureKind.Sweep => 1, FigureKind.HeatMap => 2, _ => 0 };
        return experiment.Axes.Count >= needed ? null
            : $"figure '{Digits.Id(experiment.Figure.Kind)}': found {experiment.Axes.Count} axes, expected at least {needed}; "
                + "name them under 'vary', or choose another figure";
    }

    /// <summary>What the renderer needs to draw it.</summary>
    /// <exception cref="InputException">The experiment lacks an axis that its kind of figure needs.</exception>
    public static Figure Of(Report report)
    {
        if (Check(report.Experiment) is { } mistake)
            throw new InputException($"{report.Experiment.Paper}/{report.Experiment.Name}: {mistake}.");
        return report.Experiment.Figure.Kind switch
        {
            FigureKind.Bars => BarFigure.Of(report),
            FigureKind.Sweep => SweepFigure.Of(report),
            FigureKind.HeatMap => HeatMapFigure.Of(report),
            FigureKind.Retention => RetentionFigure.Of(report),
            FigureKind.Change => ChangeFigure.Of(report),
            _ => throw new ArgumentOutOfRangeException(nameof(report)),
        };
    }

    /// <summary>What a kind of figure shows, for those who cannot see it.</summary>
    internal static string Describe(FigureKind kind) => kind switch
    {
        FigureKind.Sweep => "lines over the axis with intervals as bands, published points hollow",
        FigureKind.HeatMap => "one axis against the other, the measured number in each field",
        FigureKind.Retention => "reliability after all edits by the age of the edit, with intervals as bands",
        FigureKind.Change => "size of the weights' change by layer and module",
        _ => "measured bars with intervals, published diamonds",
    };

    /// <summary>The first line below the heading: where the numbers come from.</summary>
    internal static string Origin(Report report)
    {
        var experiment = report.Experiment;
        return $"{experiment.Source} · {experiment.Scale} scale · seed {experiment.Seed} · "
            + $"protocol {Digits.Id(experiment.Protocol)} · cases: {ReportText.Cases(report)}";
    }

    /// <summary>A data set and model as the heading of a facet; what all facets share is left out.</summary>
    internal static string Place(Report report, string dataset, string model) =>
        (report.Experiment.Datasets.Count > 1, report.Experiment.Models.Count > 1) switch
        {
            (true, true) => $"{dataset} · {model}",
            (false, true) => model,
            _ => dataset,
        };

    /// <summary>Gives values the order of their facets, which is that of the values themselves, and counts the facets; at least 1.</summary>
    internal static int Order(IReadOnlyList<JsonObject> values)
    {
        var places = values.Select(value => (string)value["place"]!).Distinct().ToList();
        foreach (var value in values) value["place-order"] = places.IndexOf((string)value["place"]!);
        return Math.Max(1, places.Count);
    }

    /// <summary>A row's name without its places on the first axes.</summary>
    internal static string Series(EditorEntry entry, int axes) =>
        entry.At.Count <= axes ? entry.Series : $"{entry.Series} @ {string.Join(", ", entry.At.Skip(axes).Select(place => place.Value))}";
}
