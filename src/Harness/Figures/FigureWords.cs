using System.Globalization;
using Harness.Reports;

namespace Harness.Figures;

/// <summary>What figures say in words.</summary>
internal static class FigureWords
{
    /// <summary>What stands for the minus in labels: a hyphen is too short.</summary>
    private const string Minus = "−";

    private const string Raised = "⁰¹²³⁴⁵⁶⁷⁸⁹";

    /// <summary>A metric as a panel's heading: <c>efficacy (%)</c>, <c>updates</c>.</summary>
    public static string Heading(Metric metric) =>
        Digits.Symbol(metric.Unit) is { Length: > 0 } unit ? $"{metric.Words} ({unit})" : metric.Words;

    /// <summary>What stands behind it: the metric's code, whether lower is better, and of what it is.</summary>
    public static string Behind(Metric metric, params string[] places) => string.Join(" · ",
        new[]
        {
            metric.Words == metric.Name ? "" : metric.Name,
            metric.IsHigherBetter || metric.IsDescriptive ? "" : "lower is better",
        }.Concat(places).Where(text => text.Length > 0));

    /// <summary>A data set and model as people are told of them; what all rows share is left out.</summary>
    public static string Place(ReportFile report, ReportedRow row, bool withModel = true) => string.Join(" · ",
        new[] { report.Datasets.Count > 1 ? Shown(report.Datasets, row.Dataset) : null,
            withModel && report.Models.Count > 1 ? Shown(report.Models, row.Model) : null }.OfType<string>());

    /// <summary>A data set or model as people are told of it.</summary>
    public static string Shown(IReadOnlyList<ReportedSubject> subjects, string name) => subjects.First(one => one.Name == name).Shown.Text;

    /// <summary>A row's name without its places on the first axes.</summary>
    public static string Series(ReportFile report, ReportedRow row, int count) => !(row.At?.Count > count) ? row.Series ?? row.Editor
        : $"{row.Series} @ {string.Join(", ", report.Axes!.Select(axis => row.On(axis.Name)).OfType<string>().Skip(count))}";

    /// <summary>The lines below the title: where the numbers come from, and of which data sets and, where it is one, which model.</summary>
    /// <param name="report">The report.</param>
    /// <param name="notes">What else there is to say.</param>
    public static IReadOnlyList<string> Subtitle(ReportFile report, params string[] notes)
    {
        var cases = from dataset in report.Datasets
                    let counts = report.Rows.Where(row => row.Dataset == dataset.Name).Select(row => row.Cases)
                    let worlds = report.AllSeeds.Count > 1 ? $"{report.AllSeeds.Count} × " : ""
                    select $"{worlds}{Digits.Range(counts)} {Items(report)} of {dataset.Shown}";
        string[] measured = [.. cases, .. report.Models.Count == 1 ? [report.Models[0].Shown.Text] : Array.Empty<string>()];
        return
        [
            $"{report.Source} · {report.Scale} scale · {ReportText.Seeds(report.AllSeeds).ToLowerInvariant()} "
                + $"· protocol {Digits.Id(report.Protocol)}",
            string.Join(" · ", measured),
            .. notes.Where(note => note.Length > 0),
        ];
    }

    /// <summary>What an interval's sample means.</summary>
    public static string Interval(ReportFile report) =>
        $"{Digits.Full(Digits.Percent(report.Interval.Confidence))} % bootstrap interval over "
            + $"{(report.AllSeeds.Count > 1 ? "seeds and " : "")}{Items(report)}";

    /// <summary>What a published number's mark means.</summary>
    public const string Published = "published, of the paper's own models and data";

    /// <summary>A number in a label: at most three digits behind the point, and a minus that is one.</summary>
    public static string Label(double value) => WithMinus(value.ToString("0.###", CultureInfo.InvariantCulture));

    /// <summary>A number as tables show it, but for the minus; a dash for null.</summary>
    public static string Number(double? shown, MetricUnit unit = MetricUnit.Percent) => WithMinus(Digits.Short(shown, unit));

    /// <summary>A number's text with a minus where a hyphen stands for it.</summary>
    public static string WithMinus(string number) => number.Replace("-", Minus, StringComparison.Ordinal);

    /// <summary>A power of ten in a label: <c>0.01</c>, <c>1000</c>, or with an exponent, <c>10⁻²</c>.</summary>
    public static string Power(int exponent, bool withExponent) => withExponent
        ? $"10{string.Concat(exponent.ToString(CultureInfo.InvariantCulture).Select(letter => letter == '-' ? '⁻' : Raised[letter - '0']))}"
        : Label(Math.Pow(10, exponent));

    // What the numbers are means over: cases, or rounds where they are times.
    private static string Items(ReportFile report) => report.Timed ? "rounds" : "cases";
}
