using Harness.Measuring.Capability;
using Harness.Reports;

namespace Harness.Tuning;

/// <summary>What a setting scored on one data set and seed, means over the cases in [0, 1].</summary>
/// <param name="Dataset">The data set.</param>
/// <param name="Seed">The seed.</param>
/// <param name="Reliability">On the edit prompts.</param>
/// <param name="Generality">On their rephrasings.</param>
/// <param name="Locality">On questions that the edits are not about.</param>
internal sealed record SettingPart(string Dataset, long Seed, double Reliability, double Generality, double Locality)
{
    /// <summary>What is scored.</summary>
    public static IReadOnlyList<string> Metrics { get; } = ["reliability", "generality", "locality"];

    /// <summary>The means of a row's raw series.</summary>
    /// <exception cref="InputException">None of the cases asks a question of one of the three.</exception>
    public static SettingPart Of(string dataset, long seed, IReadOnlyDictionary<string, IReadOnlyList<SeriesItem>> series)
    {
        return new(dataset, seed, Mean(Metrics[0]), Mean(Metrics[1]), Mean(Metrics[2]));

        double Mean(string metric) => series.TryGetValue(metric, out var items) ? items.Average(item => item.Value)
            : throw new InputException($"search on '{dataset}', seed {seed}: found no question of {metric} among the cases of a round, "
                + $"expected one; give its rounds more 'edits' in tuning/{ChosenOptions.SpacesFile}");
    }

    /// <summary>Harmonic mean of the three (ROME's score S); 0 where one of them is 0.</summary>
    public double Harmonic => Metric.Harmonic(Three);

    /// <summary>Arithmetic mean of the three.</summary>
    public double Mean => Three.Average();

    private double[] Three => [Reliability, Generality, Locality];
}

/// <summary>What a setting scored in a round.</summary>
/// <param name="Parts">On each data set and seed; none where the editor could not edit so.</param>
/// <param name="Failure">Why it could not, or null.</param>
internal sealed record SettingScore(IReadOnlyList<SettingPart> Parts, string? Failure = null)
{
    /// <summary>
    /// The one rule: the larger harmonic mean of reliability, generality and locality, mean over data sets and seeds; then the larger
    /// arithmetic mean; then the order of the space. A setting that failed comes behind all that did not.
    /// </summary>
    public static IReadOnlyList<Setting> Ranked(IReadOnlyDictionary<Setting, SettingScore> scores) =>
    [
        .. scores.OrderBy(one => one.Value.Failure is not null).ThenByDescending(one => one.Value.Harmonic)
            .ThenByDescending(one => one.Value.Mean).ThenBy(one => one.Key.Number).Select(one => one.Key),
    ];

    /// <summary>Mean of the harmonic means, in [0, 1].</summary>
    public double Harmonic => Of(part => part.Harmonic);

    /// <summary>Mean of the arithmetic means, in [0, 1].</summary>
    public double Mean => Of(part => part.Mean);

    /// <summary>Mean of one of the scores over the parts; 0 where there are none.</summary>
    public double Of(Func<SettingPart, double> score) => Parts.Select(score).DefaultIfEmpty().Average();
}
