namespace Harness.Reports;

/// <summary>How a metric is taken from a row's raw series.</summary>
/// <param name="Name">The name that experiments use.</param>
/// <param name="Unit">What it is shown in.</param>
/// <param name="Meaning">For the notes below a table, without the name: <c>mean seconds of …</c>.</param>
/// <param name="Components">Raw series, at least one; only items that all of them have are counted.</param>
public sealed record MetricDefinition(string Name, MetricUnit Unit, string Meaning, IReadOnlyList<string> Components)
{
    /// <summary>The metric from the means of its components, in their order; null where it is the mean of its only one.</summary>
    public Func<IReadOnlyList<double>, double>? Combine { get; init; }

    /// <summary>Whether more is better. Default true.</summary>
    public bool IsHigherBetter { get; init; } = true;

    /// <summary>Why the unedited model has none, for a message; null where it has one.</summary>
    public string? NotOfOriginal { get; init; }

    /// <summary>Ids of the protocols that measure it; null where any table may show it, because no case's answer enters it.</summary>
    public IReadOnlyList<string>? Protocols { get; init; }

    /// <summary>Whether its numbers are one machine's, and another run's differ.</summary>
    public bool IsTimed { get; init; }

    /// <summary>What its items are: rows and metrics about the same ones are compared item by item.</summary>
    public string Items => Protocols is null ? Components[0] : "cases";

    /// <summary>Factor from what is stored to what is shown: 100 or 1.</summary>
    public double Scale => Unit is MetricUnit.Percent or MetricUnit.Hundredths ? 100 : 1;

    /// <summary>A stored number as it is shown, freed from the binary noise of the multiplication.</summary>
    public double Shown(double stored) => Math.Round(stored * Scale, 10);

    /// <summary>Both ends of an interval as they are shown.</summary>
    public Interval Shown(Interval stored) => new(Shown(stored.Low), Shown(stored.High));

    /// <summary>Name for the head of a column: <c>reliability</c>, and with its unit where that is not percent, <c>kl (nats)</c>.</summary>
    public string Title => Unit == MetricUnit.Percent ? Name : TitleWithUnit;

    /// <summary>What the metric is called where there is room: <c>efficacy</c> for <c>es</c>. Default: its name.</summary>
    public string Words { get; init; } = Name;

    /// <summary>Name with unit, whichever it is.</summary>
    public string TitleWithUnit => $"{Name} ({Digits.Symbol(Unit)})";
}
