using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using Harness.Inference;

namespace Harness.Reports;

/// <summary>A number of a row as it is shown. Percents stand with the fraction that they were made of, others with their unit.</summary>
/// <param name="Percent">Mean in percent; null where the metric is not defined, or has another unit.</param>
/// <param name="Unit">Its unit where that is not percent.</param>
/// <param name="Value">Mean in that unit; null where the metric is not defined.</param>
/// <param name="Low">Lower end of the interval.</param>
/// <param name="High">Upper end.</param>
/// <param name="Fraction">The mean as it is stored, of percents.</param>
/// <param name="N">Number of items, of all seeds.</param>
/// <param name="Published">The paper's number; null where it gives none.</param>
/// <param name="SeedSd">Standard deviation between seeds, in the mean's unit; null where there is one seed.</param>
/// <param name="Rank">Its rank; null where the table has none.</param>
public sealed record ReportedNumber(
    double? Percent = null, MetricUnit? Unit = null, double? Value = null, double? Low = null, double? High = null,
    double? Fraction = null, int N = 0, double? Published = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] double? SeedSd = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] Rank? Rank = null)
{
    /// <summary>The mean, in its unit; null where the metric is not defined.</summary>
    [JsonIgnore]
    public double? Mean => Percent ?? Value;

    /// <summary>Its interval; null with the mean, and of a single item, which has none.</summary>
    [JsonIgnore]
    public Interval? Interval => N > 1 && Low is { } low && High is { } high ? new(low, high) : null;

    /// <summary>A cell's number.</summary>
    public static ReportedNumber Of(ReportCell cell)
    {
        var (unit, ends) = (cell.Definition.Unit, cell.ShownInterval);
        var deviation = cell.SeedSd is { } stored ? cell.Definition.Shown(stored) : (double?)null;
        return unit == MetricUnit.Percent
            ? new(cell.Shown, null, null, ends?.Low, ends?.High, cell.Mean, cell.N, cell.Published, deviation, cell.Rank)
            : new(null, unit, cell.Shown, ends?.Low, ends?.High, null, cell.N, cell.Published, deviation, cell.Rank);
    }

    // A percent has no unit and no value beside it, another number no percent and no fraction; what is not defined is null.
    internal static void Shape(JsonTypeInfo type)
    {
        if (type.Type != typeof(ReportedNumber)) return;
        foreach (var property in type.Properties)
        {
            if (property.Name is "percent" or "fraction") property.ShouldSerialize = (number, _) => ((ReportedNumber)number).Unit is null;
            if (property.Name is "unit" or "value") property.ShouldSerialize = (number, _) => ((ReportedNumber)number).Unit is not null;
        }
    }
}
