namespace Harness.Experiments.Reports;

/// <summary>Sets claims against numbers.</summary>
/// <param name="bootstrap">Gives the intervals.</param>
/// <param name="rows">What was measured.</param>
/// <param name="published">The paper's percent for data set, model, editor and metric, or null.</param>
internal sealed class ClaimJudge(Bootstrap bootstrap, IReadOnlyList<MeasuredRow> rows, Func<string, string, Quantity, double?> published)
{
    // Percentage points. Sums of fractions such as 1/3 leave residues near 1e-14; a difference that small is none.
    private const double Zero = 1e-9;

    public Verdict Judge(Claim claim) => new(claim, Over(claim, Measured), Over(claim, Published));

    private static Judgement Over(Claim claim, Func<Claim, string, string, Quantity?, Comparison> compare) => new([..
        from dataset in claim.Datasets
        from model in claim.Models
        from right in claim.Right?.Cast<Quantity?>() ?? [null]
        select compare(claim, dataset, model, right)]);

    private Comparison Measured(Claim claim, string dataset, string model, Quantity? right)
    {
        var left = Scores(dataset, model, claim.Left);
        var other = right is null ? left?.ToDictionary(score => score.Id, _ => 0.0) : Scores(dataset, model, right)?.ToDictionary();
        double[] differences = left is null || other is null ? []
            : [.. left.Where(score => other.ContainsKey(score.Id)).Select(score => score.Value - other[score.Id] - (claim.Offset / 100))];
        if (differences is []) return new(dataset, model, Against(claim, right), null, null, Outcome.NotJudged);

        var interval = bootstrap.Mean(differences);
        var (low, high) = (Digits.Percent(interval.Low), Digits.Percent(interval.High));
        var outcome = Decide(claim.Relation, low, high);
        return new(dataset, model, Against(claim, right), Digits.Percent(differences.Average()), new(low, high), outcome);
    }

    private Comparison Published(Claim claim, string dataset, string model, Quantity? right)
    {
        var difference = published(dataset, model, claim.Left) - (right is null ? 0 : published(dataset, model, right)) - claim.Offset;
        return difference is { } points
            ? new(dataset, model, Against(claim, right), Math.Round(points, 10), null, Decide(claim.Relation, points, points))
            : new(dataset, model, Against(claim, right), null, null, Outcome.NotJudged);
    }

    /// <summary>Holds when the whole interval is on the claimed side, does not when none of it is.</summary>
    private static Outcome Decide(Relation relation, double low, double high)
    {
        var (least, most) = relation is Relation.Greater or Relation.AtLeast ? (low, high) : (-high, -low);
        var strict = relation is Relation.Greater or Relation.Less;
        bool Claimed(double points) => strict ? points > Zero : points >= -Zero;
        return Claimed(least) ? Outcome.Holds : Claimed(most) ? Outcome.Undecided : Outcome.DoesNotHold;
    }

    /// <summary>Defined scores in case order.</summary>
    private (int Id, double Value)[]? Scores(string dataset, string model, Quantity quantity) =>
        rows.FirstOrDefault(row => row.Dataset == dataset && row.Model == model && row.Editor == quantity.Editor) is { } row
            ? [.. from score in row.Cases
                  let value = Metric.Of(score, quantity.Metric)
                  where value is not null
                  select (score.Id, value.Value)]
            : null;

    private static string Against(Claim claim, Quantity? right) => (right, claim.Offset) switch
    {
        (null, var number) => Digits.Full(number),
        (_, 0) => right.ToString(),
        (_, > 0) => $"{right} + {Digits.Full(claim.Offset)}",
        _ => $"{right} - {Digits.Full(-claim.Offset)}",
    };
}
