using Harness.Studies.Metrics;

namespace Harness.Experiments.Reports;

/// <summary>Metrics of a case by the names that experiments use.</summary>
public static class Metric
{
    /// <summary>The unedited model's row.</summary>
    public const string Original = "original";

    /// <summary>Names that experiments may show.</summary>
    public static IReadOnlyList<string> Known { get; } = ["reliability", "generality", "locality"];

    /// <summary>One score in [0, 1], or null where it is not defined.</summary>
    /// <exception cref="InputException">The name is not known.</exception>
    public static double? Of(CaseScore score, string metric) => metric switch
    {
        "reliability" => score.Reliability,
        "generality" => score.Generality,
        "locality" => score.Locality,
        _ => throw new InputException(
            $"unknown metric '{metric}'{Nearest.Suggestion(metric, Known)} (known metrics: {string.Join(", ", Known)})."),
    };

    /// <summary>Whether a row has the metric: locality compares with the unedited model, so that model itself has none.</summary>
    public static bool IsDefined(string editor, string metric) => !(editor == Original && metric == "locality");
}
