using Harness.Declarations;
using Harness.Measuring.Cells;
using Harness.Reports;

namespace Harness.Planning;

/// <summary>Which cells the metrics of an experiment are read from.</summary>
internal sealed class MeasuredSeries(Experiment experiment)
{
    /// <summary>Whether each case is scored right after its edit.</summary>
    public bool Each => Metric.AnyFrom(MetricSource.EachAnswer, experiment);

    /// <summary>Whether rows are read from their Edit cells too, which hold weights and take long to check.</summary>
    public bool Edits => Each || experiment.Figure == FigureKind.Change || experiment.Budget.Count > 0
        || Metric.AnyFrom(MetricSource.Edit, experiment);

    /// <summary>Whether the model is asked what it can do besides the edits.</summary>
    public bool Capability => Metric.AnyFrom(MetricSource.Probes, experiment);

    /// <summary>What it is asked then.</summary>
    public CapabilityOptions Asked => new() { Tasks = experiment.Tasks is { Count: > 0 } tasks ? tasks : null };

    /// <summary>Whether texts are generated.</summary>
    public bool Generation => Metric.AnyFrom(MetricSource.Texts, experiment);

    /// <summary>Whether the unedited models' states are traced, and nothing is edited.</summary>
    public bool Traces => Metric.AnyFrom(MetricSource.Traces, experiment);

    /// <summary>Whether edits are timed.</summary>
    public bool Times => Metric.AnyTimed(experiment);
}
