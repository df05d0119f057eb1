using System.Text.Json.Serialization;

namespace Harness.Reports;

/// <summary>What the numbers say about a claim.</summary>
public enum Outcome
{
    /// <summary>The whole interval of the difference lies on the claimed side, in every place.</summary>
    Holds,

    /// <summary>In some place the whole interval lies on the other side.</summary>
    [JsonStringEnumMemberName("does not hold")]
    DoesNotHold,

    /// <summary>Some interval reaches over both sides.</summary>
    Undecided,

    /// <summary>A number that it needs is not there.</summary>
    [JsonStringEnumMemberName("not judged")]
    NotJudged,
}

/// <summary>A claim against one opponent in one place.</summary>
/// <param name="Dataset">Data set.</param>
/// <param name="Model">Model.</param>
/// <param name="Against">The right side's quantity or number, as text.</param>
/// <param name="Outcome">What follows.</param>
/// <param name="Unit">Unit of the difference and the interval.</param>
/// <param name="Difference">Left − right − margin as it is shown, in percentage points or the metric's unit; null where a number is
/// missing.</param>
/// <param name="Low">Lower end of its paired bootstrap interval, as it is shown; null for published numbers, which are single
/// values.</param>
/// <param name="High">Upper end.</param>
public sealed record Comparison(
    string Dataset, string Model, string Against, Outcome Outcome,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)] MetricUnit Unit = MetricUnit.Percent,
    double? Difference = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] double? Low = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] double? High = null);

/// <summary>All comparisons of a claim, on measured or on published numbers.</summary>
/// <param name="Comparisons">One for each place and opponent, in table order.</param>
public sealed record Judgement(IReadOnlyList<Comparison> Comparisons)
{
    /// <summary>Number of places (data set and model) with the numbers that the claim needs.</summary>
    [JsonPropertyOrder(-1)]
    public int Judged => Places.Count(place => place.Outcome != Outcome.NotJudged);

    /// <summary>Number of places where it holds against every opponent.</summary>
    [JsonPropertyOrder(-2)]
    public int Holding => Places.Count(place => place.Outcome == Outcome.Holds);

    /// <summary>
    /// Does not hold when it fails in some place; holds when it holds in all; not judged when no place has its numbers; else undecided.
    /// </summary>
    [JsonPropertyOrder(-3)]
    public Outcome Outcome => Judged == 0 ? Outcome.NotJudged : Worst(Comparisons) switch
    {
        Outcome.NotJudged => Outcome.Undecided,
        var worst => worst,
    };

    /// <summary>
    /// How often, and where not, with differences and intervals: <c>holds in 3 of 4; not in zsre/llama-7b against rome.locality
    /// (-5.0, -8.1 to -2.0)</c>.
    /// </summary>
    [JsonIgnore]
    public string Summary
    {
        get
        {
            if (Judged == 0) return "not judged: no numbers";
            var parts = new List<string> { $"holds in {Holding} of {Places.Count}" };
            if (Outcome == Outcome.Holds) parts.Add($"closest in {Name(Comparisons.MinBy(c => Math.Abs(c.Difference ?? 0))!)}");
            if (Naming(Outcome.DoesNotHold) is { Length: > 0 } failing) parts.Add($"not in {failing}");
            if (Naming(Outcome.Undecided) is { Length: > 0 } open) parts.Add($"undecided in {open}");
            if (Naming(Outcome.NotJudged) is { Length: > 0 } missing) parts.Add($"no numbers in {missing}");
            return string.Join("; ", parts);
        }
    }

    private IReadOnlyList<(string Dataset, string Model, Outcome Outcome)> Places =>
        [.. Comparisons.GroupBy(c => (c.Dataset, c.Model)).Select(place => (place.Key.Dataset, place.Key.Model, Worst(place)))];

    private static Outcome Worst(IEnumerable<Comparison> comparisons)
    {
        Outcome[] outcomes = [.. comparisons.Select(c => c.Outcome)];
        return new[] { Outcome.DoesNotHold, Outcome.NotJudged, Outcome.Undecided }.Where(outcomes.Contains).FirstOrDefault(Outcome.Holds);
    }

    // One comparison a place, the widest; the others are counted.
    private string Naming(Outcome outcome) => string.Join(", ", Comparisons.Where(c => c.Outcome == outcome)
        .GroupBy(c => (c.Dataset, c.Model))
        .Select(place => Name(place.MaxBy(c => Math.Abs(c.Difference ?? 0))!)
            + (place.Count() > 1 ? $" and {place.Count() - 1} more" : "")));

    private static string Name(Comparison c) => $"{c.Dataset}/{c.Model} against {c.Against}{Numbers(c)}";

    private static string Numbers(Comparison c) => (c.Difference, c.Low, c.High) switch
    {
        ({ } difference, { } low, { } high) =>
            $" ({Digits.Signed(difference, c.Unit)}, {Digits.Signed(low, c.Unit)} to {Digits.Signed(high, c.Unit)})",
        ({ } difference, _, _) => $" ({Digits.Signed(difference, c.Unit)})",
        _ => "",
    };
}

/// <summary>A claim with what was measured here, and with what the paper's own numbers say.</summary>
/// <param name="Claim">The claim.</param>
/// <param name="Measured">Judged by paired bootstrap intervals over cases.</param>
/// <param name="Published">Judged by the published values alone.</param>
public sealed record Verdict(Claim Claim, Judgement Measured, Judgement Published)
{
    /// <summary><c>holds</c>, <c>does not hold</c>, <c>undecided</c> or <c>not judged</c>.</summary>
    public static string Words(Outcome outcome) => Digits.Id(outcome);
}

/// <summary>Sets claims against numbers.</summary>
/// <param name="bootstrap">Gives the intervals.</param>
/// <param name="rows">What was measured.</param>
/// <param name="published">The paper's number, as it is shown, for data set, model, editor and metric, or null.</param>
internal sealed class ClaimJudge(Bootstrap bootstrap, IReadOnlyList<MeasuredRow> rows, Func<string, string, Quantity, double?> published)
{
    // In the unit shown. Sums of fractions such as 1/3 leave residues near 1e-14; a difference that small is none.
    private const double Zero = 1e-9;

    public Verdict Judge(Claim claim) => new(claim, Over(claim, Measured), Over(claim, Published));

    private static Judgement Over(Claim claim, Func<Claim, string, string, Quantity?, Comparison> compare) => new([..
        from dataset in claim.Datasets
        from model in claim.Models
        from right in claim.Right?.Cast<Quantity?>() ?? [null]
        select compare(claim, dataset, model, right)]);

    private Comparison Measured(Claim claim, string dataset, string model, Quantity? right)
    {
        var metric = Metric.Find(claim.Left.Metric);
        var against = Against(claim, right);
        var offset = claim.Offset / metric.Scale;
        var (left, other) = (Items(dataset, model, claim.Left), right is null ? null : Items(dataset, model, right));
        var difference = left is null ? null
            : right is null ? left.Above(offset, bootstrap)
            : other is null ? null
            : MetricItems.Difference(left, other, offset, bootstrap);
        if (difference is not var (value, stored)) return new(dataset, model, against, Outcome.NotJudged, metric.Unit);
        var (low, high) = metric.Shown(stored);
        return new(dataset, model, against, Decide(claim.Relation, low, high), metric.Unit, metric.Shown(value), low, high);
    }

    private Comparison Published(Claim claim, string dataset, string model, Quantity? right)
    {
        var unit = Metric.Find(claim.Left.Metric).Unit;
        var difference = published(dataset, model, claim.Left) - (right is null ? 0 : published(dataset, model, right)) - claim.Offset;
        var (outcome, rounded) = difference is { } shown
            ? (Decide(claim.Relation, shown, shown), Math.Round(shown, 10)) : (Outcome.NotJudged, (double?)null);
        return new(dataset, model, Against(claim, right), outcome, unit, rounded);
    }

    /// <summary>Holds when the whole interval is on the claimed side, does not when none of it is.</summary>
    private static Outcome Decide(Relation relation, double low, double high)
    {
        var (least, most) = relation is Relation.Greater or Relation.AtLeast ? (low, high) : (-high, -low);
        var strict = relation is Relation.Greater or Relation.Less;
        bool Claimed(double difference) => strict ? difference > Zero : difference >= -Zero;
        return Claimed(least) ? Outcome.Holds : Claimed(most) ? Outcome.Undecided : Outcome.DoesNotHold;
    }

    private MetricItems? Items(string dataset, string model, Quantity quantity) =>
        rows.FirstOrDefault(row => row.Dataset == dataset && row.Model == model && row.Editor == quantity.Editor) is { } row
            ? MetricItems.Of(row, Metric.Find(quantity.Metric))
            : null;

    private static string Against(Claim claim, Quantity? right) => (right, claim.Offset) switch
    {
        (null, var number) => Digits.Full(number),
        (_, 0) => right.ToString(),
        (_, > 0) => $"{right} + {Digits.Full(claim.Offset)}",
        _ => $"{right} - {Digits.Full(-claim.Offset)}",
    };
}
