using Harness.Inference;
using Harness.Reports;

namespace Harness.Claims;

/// <summary>Sets claims against numbers.</summary>
/// <param name="bootstrap">Gives the intervals.</param>
/// <param name="rows">What was measured, of each seed.</param>
/// <param name="published">The paper's number, as it is shown, for data set, model, editor and metric, or null.</param>
internal sealed class ClaimJudge(Bootstrap bootstrap, IReadOnlyList<MeasuredRow> rows, Func<string, string, Quantity, double?> published)
{
    /// <summary>From where on a percentage leaves no room to be better by.</summary>
    public const double Ceiling = 99;

    // In the unit shown. Sums of fractions such as 1/3 leave residues near 1e-14; a difference that small is none.
    private const double Zero = 1e-9;

    /// <summary>The verdicts of a table's claims, which are one family.</summary>
    public IReadOnlyList<Verdict> Judge(IReadOnlyList<Claim> claims)
    {
        var measured = Judgement.Corrected([.. claims.Select(claim => Over(claim, Measured))], bootstrap.Options.Confidence);
        return [.. claims.Zip(measured, (claim, judgement) => new Verdict(claim, judgement, Over(claim, Published)))];
    }

    private static Judgement Over(Claim claim, Func<Quantity, string, string, ClaimTerm, Quantity?, Comparison> compare) => Judgement.Of(
    [
        .. from dataset in claim.Datasets
           from model in claim.Models
           from left in claim.Left
           from term in claim.Terms
           from right in term.Right?.Cast<Quantity?>() ?? [null]
           let one = compare(left, dataset, model, term, right)
           select claim.Left.Count > 1 ? one with { Editor = left.Editor } : one,
    ], claim.Reach);

    private Comparison Measured(Quantity measured, string dataset, string model, ClaimTerm term, Quantity? right)
    {
        var (metric, against) = (Metric.Find(measured.Metric), Against(term, right));
        var offset = term.Offset / metric.Scale;
        var (left, other) = (Items(dataset, model, measured), right is null ? null : Items(dataset, model, right));
        var difference = left is null ? null
            : right is null ? left.Above(offset, bootstrap)
            : other is null ? null
            : MetricItems.Difference(left, other, offset, bootstrap);
        if (difference is null) return new(dataset, model, against, Outcome.NotJudged, metric.Unit);
        var ((low, high), value) = (metric.Shown(difference.Interval), metric.Shown(difference.Value));
        if (IsAtCeiling(metric, term, metric.Shown(left!.Values.Average()), value))
            return new(dataset, model, against, Outcome.AtCeiling, metric.Unit, value, low, high);
        var isMore = term.Relation is Relation.Greater or Relation.AtLeast;
        var (holds, fails) = isMore ? (difference.Above, difference.Below) : (difference.Below, difference.Above);
        return new(dataset, model, against, Decide(term.Relation, low, high), metric.Unit, value, low, high,
            Digits.Rounded(holds), Digits.Rounded(fails));
    }

    private Comparison Published(Quantity quantity, string dataset, string model, ClaimTerm term, Quantity? right)
    {
        var metric = Metric.Find(quantity.Metric);
        var left = published(dataset, model, quantity);
        var difference = left - (right is null ? 0 : published(dataset, model, right)) - term.Offset;
        var outcome = difference is not { } shown ? Outcome.NotJudged
            : IsAtCeiling(metric, term, left!.Value, shown) ? Outcome.AtCeiling
            : Decide(term.Relation, shown, shown);
        return new(dataset, model, Against(term, right), outcome, metric.Unit,
            difference is { } number ? Math.Round(number, 10) : null);
    }

    // More than what is almost everything, or less than what is almost nothing, cannot be shown.
    private static bool IsAtCeiling(Metric metric, ClaimTerm term, double left, double difference)
    {
        if (metric.Unit != MetricUnit.Percent || metric.Source == MetricSource.Edit) return false;
        var right = left - difference;
        return term.Relation is Relation.Greater or Relation.AtLeast
            ? left >= Ceiling && right >= Ceiling
            : left <= 100 - Ceiling && right <= 100 - Ceiling;
    }

    /// <summary>Holds when the whole interval is on the claimed side, does not when none of it is.</summary>
    private static Outcome Decide(Relation relation, double low, double high)
    {
        var (least, most) = relation is Relation.Greater or Relation.AtLeast ? (low, high) : (-high, -low);
        var strict = relation is Relation.Greater or Relation.Less;
        bool Claimed(double difference) => strict ? difference > Zero : difference >= -Zero;
        return Claimed(least) ? Outcome.Holds : Claimed(most) ? Outcome.Undecided : Outcome.DoesNotHold;
    }

    private MetricItems? Items(string dataset, string model, Quantity quantity) => MetricItems.Of(
        rows.Where(row => row.Dataset == dataset && row.Model == model && row.Editor == quantity.Editor), Metric.Find(quantity.Metric));

    private static string Against(ClaimTerm term, Quantity? right) => (right, term.Offset) switch
    {
        (null, var number) => Digits.Full(number),
        (_, 0) => right.ToString(),
        (_, > 0) => $"{right} + {Digits.Full(term.Offset)}",
        _ => $"{right} - {Digits.Full(-term.Offset)}",
    };
}
