using Harness.Declarations;
using Harness.Measuring.Cells;
using Harness.Reports;

namespace Harness.Planning;

/// <summary>Which cells the metrics of an experiment are read from.</summary>
internal sealed class MeasuredSeries(Experiment experiment)
{
    /// <summary>Whether each case is scored right after its edit.</summary>
    public bool Each => experiment.Metrics.Any(metric => metric.EndsWith("-each", StringComparison.Ordinal));

    /// <summary>Whether rows are read from their Edit cells too, which hold weights and take long to check.</summary>
    public bool Edits => Each || experiment.Figure.Kind == FigureKind.Change || experiment.Metrics.Contains("change");

    /// <summary>Whether the model is asked what it can do besides the edits.</summary>
    public bool Capability => experiment.Metrics.SelectMany(metric => Metric.Find(metric).Components).Any(IsProbe);

    /// <summary>What it is asked then.</summary>
    public CapabilityOptions Asked => new() { Tasks = experiment.Tasks is { Count: > 0 } tasks ? tasks : null };

    /// <summary>Whether texts are generated.</summary>
    public bool Generation => experiment.Metrics.Contains("ge");

    /// <summary>Whether edits are timed.</summary>
    public bool Times => Metric.AnyTimed(experiment);

    private static bool IsProbe(string series) =>
        series is "choice" or "perplexity" or "kl" || series.StartsWith("recall-", StringComparison.Ordinal)
            || Metric.TaskOf(series) is not null;
}
