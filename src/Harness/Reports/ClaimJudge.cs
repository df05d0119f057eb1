namespace Harness.Reports;

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
        if (difference is not var (value, stored)) return new(dataset, model, against, null, null, Outcome.NotJudged)
        { Unit = metric.Unit };
        var interval = metric.Shown(stored);
        return new(dataset, model, against, metric.Shown(value), interval,
            Decide(claim.Relation, interval.Low, interval.High))
        { Unit = metric.Unit };
    }

    private Comparison Published(Claim claim, string dataset, string model, Quantity? right)
    {
        var unit = Metric.Find(claim.Left.Metric).Unit;
        var difference = published(dataset, model, claim.Left) - (right is null ? 0 : published(dataset, model, right)) - claim.Offset;
        return difference is { } shown
            ? new(dataset, model, Against(claim, right), Math.Round(shown, 10), null, Decide(claim.Relation, shown, shown)) { Unit = unit }
            : new(dataset, model, Against(claim, right), null, null, Outcome.NotJudged) { Unit = unit };
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
