namespace Harness.Reports;

/// <summary>What the numbers say about a claim.</summary>
public enum Outcome
{
    /// <summary>The whole interval of the difference lies on the claimed side, in every place.</summary>
    Holds,

    /// <summary>In some place the whole interval lies on the other side.</summary>
    DoesNotHold,

    /// <summary>Some interval reaches over both sides.</summary>
    Undecided,

    /// <summary>A number that it needs is not there.</summary>
    NotJudged,
}

/// <summary>A claim against one opponent in one place.</summary>
/// <param name="Dataset">Data set.</param>
/// <param name="Model">Model.</param>
/// <param name="Against">The right side's quantity or number, as text.</param>
/// <param name="Difference">Left − right − margin as it is shown, in percentage points or the metric's unit; null where a number is
/// missing.</param>
/// <param name="Interval">Its paired bootstrap interval, as it is shown; null for published numbers, which are single values.</param>
/// <param name="Outcome">What follows.</param>
public sealed record Comparison(string Dataset, string Model, string Against, double? Difference, Interval? Interval, Outcome Outcome)
{
    /// <summary>Unit of the difference and the interval.</summary>
    public MetricUnit Unit { get; init; }
}

/// <summary>All comparisons of a claim, on measured or on published numbers.</summary>
/// <param name="Comparisons">One for each place and opponent, in table order.</param>
public sealed record Judgement(IReadOnlyList<Comparison> Comparisons)
{
    /// <summary>Number of places (data set and model) with the numbers that the claim needs.</summary>
    public int Judged => Places.Count(place => place.Outcome != Outcome.NotJudged);

    /// <summary>Number of places where it holds against every opponent.</summary>
    public int Holding => Places.Count(place => place.Outcome == Outcome.Holds);

    /// <summary>
    /// Does not hold when it fails in some place; holds when it holds in all; not judged when no place has its numbers; else undecided.
    /// </summary>
    public Outcome Outcome => Judged == 0 ? Outcome.NotJudged : Worst(Comparisons) switch
    {
        Outcome.NotJudged => Outcome.Undecided,
        var worst => worst,
    };

    /// <summary>
    /// How often, and where not, with differences and intervals: <c>holds in 3 of 4; not in zsre/llama-7b against rome.locality
    /// (-5.0, -8.1 to -2.0)</c>.
    /// </summary>
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

    private static string Numbers(Comparison c) => (c.Difference, c.Interval) switch
    {
        ({ } difference, { } interval) =>
            $" ({Digits.Signed(difference, c.Unit)}, {Digits.Signed(interval.Low, c.Unit)} to {Digits.Signed(interval.High, c.Unit)})",
        ({ } difference, null) => $" ({Digits.Signed(difference, c.Unit)})",
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
    public static string Words(Outcome outcome) => outcome switch
    {
        Outcome.Holds => "holds",
        Outcome.DoesNotHold => "does not hold",
        Outcome.Undecided => "undecided",
        _ => "not judged",
    };
}
