using Harness.Claims;
using Harness.Declarations;
using Harness.Reports;
using Harness.Tests.Reports;

namespace Harness.Tests.Claims;

/// <summary>
/// Studies of an editor that does not exist and of which everything is known: how often their claims come out right. Reliability of the
/// other is 50 %, of this one so many points more; from world to world the difference has a standard deviation of 5 points, as between the
/// worlds of the study.
/// </summary>
public sealed class PowerTests
{
    private const int Studies = 100;

    [Theory]
    [InlineData(3, 0.3)]
    [InlineData(5, 0.25)]
    public void A_claim_that_is_true_holds_in_90_of_100_studies(int seeds, double effect) =>
        Assert.InRange(Count(seeds, effect, Outcome.Holds), 90, Studies);

    [Theory]
    [InlineData(3)]
    [InlineData(5)]
    public void One_that_is_not_holds_in_at_most_5(int seeds)
    {
        Assert.InRange(Count(seeds, effect: 0, Outcome.Holds), 0, 5); // neither better nor worse: the hardest
        Assert.InRange(Count(seeds, effect: -0.1, Outcome.Holds), 0, 5);
    }

    [Theory]
    [InlineData(3, -0.3)]
    [InlineData(5, -0.25)]
    public void One_that_is_far_from_true_does_not_hold_in_90(int seeds, double effect) =>
        Assert.InRange(Count(seeds, effect, Outcome.DoesNotHold), 90, Studies);

    // One place, 100 cases a world, and a table of nine claims, as Table 1 has: eight are of no effect.
    private static int Count(int seeds, double effect, Outcome outcome)
    {
        var nothing = Enumerable.Range(1, 8).Select(i => $"nothing-{i}").ToArray();
        var experiment = Examples.Small(
            ["reliability"], [.. new[] { "other", "editor" }.Concat(nothing).Select(name => new EditorEntry(name, new object()))],
            [.. new[] { "editor" }.Concat(nothing).Select(name => $"{name}.reliability > other.reliability")]) with
        {
            Seeds = [.. Enumerable.Range(2, seeds).Select(seed => (long)seed)],
        };
        return Enumerable.Range(0, Studies).Count(study =>
        {
            var random = new SeededRandom(study, $"power of {seeds} seeds at {effect}");
            var rows = new List<MeasuredRow>();
            foreach (var seed in experiment.Seeds)
            {
                MeasuredRow Of(string name, double share)
                {
                    var items = Examples.Items(100, _ => random.NextDouble() < share ? 1 : 0);
                    return Examples.Row(name, ("reliability", items)) with { Seed = seed };
                }

                rows.Add(Of("other", 0.5));
                rows.Add(Of("editor", 0.5 + effect + (0.05 * Normal(random))));
                rows.AddRange(nothing.Select(name => Of(name, 0.5 + (0.05 * Normal(random)))));
            }

            return Report.Build(experiment, rows, new() { Resamples = 500 }).Verdicts[0].Measured.Outcome == outcome;
        });
    }

    // Box and Muller.
    private static double Normal(SeededRandom random) =>
        Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());
}
