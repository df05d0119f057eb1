namespace Harness.Reports;

/// <summary>What a metric's numbers are shown in.</summary>
public enum MetricUnit
{
    /// <summary>Hundredths of a whole; stored as fractions.</summary>
    Percent,

    /// <summary>How many times something else: <c>1.25×</c>.</summary>
    Ratio,

    /// <summary>Natural units of information.</summary>
    Nats,

    /// <summary>Wall-clock seconds.</summary>
    Seconds,

    /// <summary>A hundredfold that is no percentage, as the papers give n-gram entropy.</summary>
    Hundredths,
}
