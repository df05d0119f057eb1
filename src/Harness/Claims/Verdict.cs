using System.Text.Json.Serialization;
using Harness.Inference;
using Harness.Reports;

namespace Harness.Claims;

/// <summary>What the numbers say about a claim.</summary>
public enum Outcome
{
    /// <summary>The difference is on the claimed side, in as many places as are claimed.</summary>
    Holds,

    /// <summary>It is on the other side in so many that the claim cannot be.</summary>
    [JsonStringEnumMemberName("does not hold")]
    DoesNotHold,

    /// <summary>Neither can be said with the confidence asked for.</summary>
    Undecided,

    /// <summary>Both sides are as high, or as low, as the metric goes: nothing is left to be better by.</summary>
    [JsonStringEnumMemberName("at the ceiling")]
    AtCeiling,

    /// <summary>A number that it needs is not there.</summary>
    [JsonStringEnumMemberName("not judged")]
    NotJudged,
}

/// <summary>A claim against one opponent in one place, by itself: not corrected for the number of comparisons.</summary>
/// <param name="Dataset">Data set.</param>
/// <param name="Model">Model.</param>
/// <param name="Against">The right side's quantity or number, as text.</param>
/// <param name="Outcome">What follows.</param>
/// <param name="Unit">Unit of the difference and the interval.</param>
/// <param name="Difference">Left − right − margin as it is shown, in percentage points or the metric's unit; null where a number is
/// missing.</param>
/// <param name="Low">Lower end of its paired interval, as it is shown; null for published numbers, which are single values.</param>
/// <param name="High">Upper end.</param>
/// <param name="PHolds">How probable a difference so far on the claimed side is where the claim is false, one-sided.</param>
/// <param name="PFails">How probable one so far on the other side is where it is true.</param>
/// <param name="Editor">The left side's row where the claim is of each; null elsewhere.</param>
public sealed record Comparison(
    string Dataset, string Model, string Against, Outcome Outcome,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)] MetricUnit Unit = MetricUnit.Percent,
    double? Difference = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] double? Low = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] double? High = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] double? PHolds = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] double? PFails = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Editor = null);

/// <summary>All comparisons of a claim, on measured or on published numbers.</summary>
public sealed record Judgement
{
    /// <summary>What follows, of measured numbers corrected for the number of claims.</summary>
    public required Outcome Outcome { get; init; }

    /// <summary>Number of places (data set and model) where it holds by itself, against every opponent.</summary>
    public required int Holding { get; init; }

    /// <summary>Number of places with the numbers that the claim needs.</summary>
    public required int Judged { get; init; }

    /// <summary>
    /// How probable so many places so far on the claimed side are where the claim is false, one-sided and of this claim alone; null for
    /// published numbers, and where no place can be decided.
    /// </summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public double? PHolds { get; init; }

    /// <summary>The same of the other side, where it is true.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public double? PFails { get; init; }

    /// <summary>One for each place and opponent, in table order.</summary>
    public required IReadOnlyList<Comparison> Comparisons { get; init; }

    /// <summary>
    /// Over places: those at the ceiling say nothing. Of every other one a claim must be true, or of so many of them as it reaches; where
    /// numbers are missing it may be either. Where there are probabilities, the outcome is undecided until the claim's family is known
    /// (<see cref="Corrected"/>); single values decide at once.
    /// </summary>
    /// <param name="comparisons">One for each place and opponent.</param>
    /// <param name="reach">Of how many places it is claimed.</param>
    public static Judgement Of(IReadOnlyList<Comparison> comparisons, Reach reach)
    {
        var places = PlacesOf(comparisons);
        int Number(Outcome outcome) => places.Count(place => place.Outcome == outcome);
        var (judged, holding) = (places.Count - Number(Outcome.NotJudged), Number(Outcome.Holds));
        var relevant = places.Count - Number(Outcome.AtCeiling);
        var needed = reach switch
        {
            Reach.Most => (relevant / 2) + 1,
            Reach.AlmostEvery => ((9 * relevant) + 9) / 10,
            _ => relevant,
        };
        var (refuting, open) = (relevant - needed + 1, judged - Number(Outcome.AtCeiling));
        Judgement As(Outcome outcome) => new() { Outcome = outcome, Holding = holding, Judged = judged, Comparisons = comparisons };
        if (open == 0) return As(judged == 0 ? Outcome.NotJudged : Outcome.AtCeiling);
        if (places.Any(place => place.PHolds is not null))
        {
            return As(Outcome.Undecided) with
            {
                PHolds = Probability([.. places.Select(place => place.PHolds).OfType<double>()], needed),
                PFails = Probability([.. places.Select(place => place.PFails).OfType<double>()], refuting),
            };
        }

        return As(holding >= needed ? Outcome.Holds : Number(Outcome.DoesNotHold) >= refuting ? Outcome.DoesNotHold : Outcome.Undecided);

        static double Probability(List<double> ofPlaces, int needed) =>
            needed > ofPlaces.Count ? 1 : Digits.Rounded(MultipleTests.AtLeast(ofPlaces, needed));
    }

    /// <summary>
    /// The judgements of a family of claims, so that one of all its verdicts is wrong in at most one minus the confidence of all families
    /// (Holm 1979, over two-sided probabilities). Those without a probability stay as they are.
    /// </summary>
    public static IReadOnlyList<Judgement> Corrected(IReadOnlyList<Judgement> family, double confidence)
    {
        int[] open = [.. Enumerable.Range(0, family.Count).Where(index => family[index].P is not null)];
        var decided = MultipleTests.Holm([.. open.Select(index => family[index].P!.Value)], 1 - confidence);
        var corrected = family.ToArray();
        foreach (var (place, index) in open.Index())
        {
            var one = family[index];
            corrected[index] = one with
            {
                Outcome = !decided[place] ? Outcome.Undecided : one.PHolds < one.PFails ? Outcome.Holds : Outcome.DoesNotHold,
            };
        }

        return corrected;
    }

    /// <summary>Two-sided probability of the claim alone; null where there is none.</summary>
    [JsonIgnore]
    public double? P => PHolds is { } holds && PFails is { } fails ? Math.Min(1, 2 * Math.Min(holds, fails)) : null;

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
            var parts = new List<string> { $"holds in {Holding} of {PlacesOf(Comparisons).Count}" };
            if (P is { } p) parts[0] += $", p {Digits.Probability(p)}";
            if (Outcome == Outcome.Holds && Closest is { } closest) parts.Add($"closest in {Name(closest)}");
            if (Naming(Outcome.DoesNotHold) is { Length: > 0 } failing) parts.Add($"not in {failing}");
            if (Naming(Outcome.Undecided) is { Length: > 0 } undecided) parts.Add($"undecided in {undecided}");
            if (Naming(Outcome.AtCeiling) is { Length: > 0 } ceiling) parts.Add($"at the ceiling in {ceiling}");
            if (Naming(Outcome.NotJudged) is { Length: > 0 } missing) parts.Add($"no numbers in {missing}");
            return string.Join("; ", parts);
        }
    }

    private Comparison? Closest => Comparisons.Where(one => one.Outcome == Outcome.Holds).MinBy(one => Math.Abs(one.Difference ?? 0));

    // Of a place every comparison must hold: the least sure one decides, and any may refute.
    private static List<PlaceVerdict> PlacesOf(IReadOnlyList<Comparison> comparisons) =>
    [
        .. from place in comparisons.GroupBy(one => (one.Dataset, one.Model, one.Editor))
           let known = place.Where(one => one.PHolds is not null).ToList()
           let worst = Worst(place)
           select known.Count == 0 || worst == Outcome.AtCeiling ? new PlaceVerdict(worst, null, null) : new PlaceVerdict(
               worst,
               place.Any(one => one.Outcome == Outcome.NotJudged) ? 1 : known.Max(one => one.PHolds!.Value),
               MultipleTests.AtLeast([.. known.Select(one => one.PFails!.Value)], 1)),
    ];

    private static Outcome Worst(IEnumerable<Comparison> comparisons)
    {
        Outcome[] outcomes = [.. comparisons.Select(one => one.Outcome)];
        Outcome[] worstFirst = [Outcome.DoesNotHold, Outcome.NotJudged, Outcome.Undecided, Outcome.AtCeiling];
        return worstFirst.Where(outcomes.Contains).FirstOrDefault(Outcome.Holds);
    }

    // One comparison a place, the widest; the others are counted.
    private string Naming(Outcome outcome) => string.Join(", ", Comparisons.Where(one => one.Outcome == outcome)
        .GroupBy(one => (one.Dataset, one.Model, one.Editor))
        .Select(place => Name(place.MaxBy(one => Math.Abs(one.Difference ?? 0))!)
            + (place.Count() > 1 ? $" and {place.Count() - 1} more" : "")));

    private static string Name(Comparison one) =>
        $"{one.Dataset}/{one.Model}{(one.Editor is { } editor ? $"/{editor}" : "")} against {one.Against}{Numbers(one)}";

    private static string Numbers(Comparison one) => (one.Difference, one.Low, one.High) switch
    {
        ({ } difference, { } low, { } high) =>
            $" ({Digits.Signed(difference, one.Unit)}, {Digits.Signed(low, one.Unit)} to {Digits.Signed(high, one.Unit)})",
        ({ } difference, _, _) => $" ({Digits.Signed(difference, one.Unit)})",
        _ => "",
    };

    private sealed record PlaceVerdict(Outcome Outcome, double? PHolds, double? PFails);
}

/// <summary>A claim with what was measured here, and with what the paper's own numbers say.</summary>
/// <param name="Claim">The claim.</param>
/// <param name="Measured">By paired intervals over seeds and cases, corrected for the number of the table's claims.</param>
/// <param name="Published">By the published values alone.</param>
public sealed record Verdict(Claim Claim, Judgement Measured, Judgement Published)
{
    /// <summary><c>holds</c>, <c>does not hold</c>, <c>undecided</c>, <c>at the ceiling</c> or <c>not judged</c>.</summary>
    public static string Words(Outcome outcome) => Digits.Id(outcome);
}
