using Harness.Claims;
using Harness.Reports;
using Harness.Tests.Reports;

namespace Harness.Tests.Claims;

public sealed class ClaimJudgeTests
{
    // Rome has 0, 5, 5 and 10 of 10, dft-ft 10 of 10 everywhere.
    [Theory]
    [InlineData("dft-ft.reliability > rome.reliability", "zsre", Outcome.Holds)] // 100 against 0 and 50
    [InlineData("dft-ft.reliability > rome.reliability", "every dataset and model", Outcome.Holds)] // equal in the last, at the ceiling
    [InlineData("dft-ft.reliability > rome.reliability", "counterfact and llama-7b", Outcome.AtCeiling)]
    [InlineData("rome.reliability < dft-ft.reliability - 10", "zsre", Outcome.Holds)]
    [InlineData("rome.reliability > 45", "zsre and llama-7b", Outcome.Undecided)] // 5 of 10 cases: about 20 to 80
    [InlineData("rome.reliability > 45", "zsre and llama2-7b", Outcome.DoesNotHold)] // 0 of 10: at most 31
    [InlineData("rome.reliability > 5", "zsre and llama2-7b", Outcome.Undecided)]
    [InlineData("dft-ft.reliability > 65", "every dataset and model", Outcome.Holds)] // 10 of 10: at least 69
    [InlineData("dft-ft.reliability > 75", "every dataset and model", Outcome.Undecided)]
    [InlineData("rome.reliability < 5", "most datasets and models", Outcome.DoesNotHold)] // 0, but 50, 50 and 100
    [InlineData("rome.reliability < 95", "most datasets and models", Outcome.Holds)]
    [InlineData("rome.reliability < 95", "every dataset and model", Outcome.Undecided)] // 10 of 10 may be 94
    [InlineData("dft-ft.reliability > 65 and < 150", "every dataset and model", Outcome.Holds)]
    [InlineData("rome.reliability > 5 and < 95", "llama-7b and zsre", Outcome.Holds)]
    [InlineData("rome.reliability > 70 and < 95", "llama2-7b and zsre", Outcome.DoesNotHold)]
    [InlineData("memit.reliability > 5", "zsre", Outcome.NotJudged)] // the paper has it, this run left it out
    public void Judges_by_the_interval_of_the_paired_difference(string that, string on, Outcome expected) =>
        Assert.Equal(expected, Examples.Report((that, on)).Verdicts[0].Measured.Outcome);

    [Fact]
    public void A_claim_of_each_has_a_place_for_each_editor()
    {
        Judgement Judge(string on, int number, params int[] rome) =>
            Report.Build(Examples.Experiment(($"each.reliability > {number}", on)), Examples.Rows(rome)).Verdicts[0].Measured;
        var nearly = Judge("almost every dataset and model", 60, 10, 10, 10, 0); // of 8 places one fails: 8 are needed
        Assert.Equal((Outcome.DoesNotHold, 7, 8), (nearly.Outcome, nearly.Holding, nearly.Judged));
        Assert.Contains("not in counterfact/llama-7b/rome against 60 (-60.0, ", nearly.Summary);
        Assert.Equal(Outcome.Holds, Judge("most datasets and models", 40, 10, 10, 10, 0).Outcome);
        Assert.Equal(Outcome.Holds, Judge("almost every dataset and model", 60, 10, 10, 10, 10).Outcome);
    }

    [Fact]
    public void Says_how_often_it_holds_and_where_not_with_numbers()
    {
        var verdict = Examples.Report(("rome.reliability > 45", "every dataset and model")).Verdicts[0];
        Assert.Equal("holds in 1 of 4, p = 0.020; not in zsre/llama2-7b against 45 (-45.0, -45.0 to -14.2); undecided in zsre/llama-7b "
            + "against 45 (+5.0, -26.3 to +36.3), counterfact/llama2-7b against 45 (+5.0, -26.3 to +36.3)", verdict.Measured.Summary);
        Assert.Equal((1, 4), (verdict.Measured.Holding, verdict.Measured.Judged));
        Assert.Equal(-45, verdict.Measured.Comparisons[0].Difference);
        Assert.Equal(Math.Pow(0.55, 10), verdict.Measured.Comparisons[0].PFails!.Value, 1e-5);
    }

    [Fact]
    public void A_claim_over_others_is_not_judged_where_there_are_none()
    {
        var experiment = Examples.Experiment(("dft-ft.reliability > others.reliability", "zsre"));
        var alone = Report.Build(experiment with { Editors = [experiment.Editors[0], experiment.Editors[2]] },
            [.. Examples.Rows(0, 5, 5, 10).Where(row => row.Editor != "rome")]);
        Assert.Equal(Outcome.NotJudged, alone.Verdicts[0].Measured.Outcome);
    }

    [Fact]
    public void Judges_the_published_numbers_by_their_values()
    {
        var published = Examples.Report(("dft-ft.reliability > rome.reliability", "zsre")).Verdicts[0].Published;
        Assert.Equal(Outcome.DoesNotHold, published.Outcome);
        Assert.Equal("holds in 1 of 2; not in zsre/llama-7b against rome.reliability (-5.0)", published.Summary); // 85.55 - 90.5 = -4.95
        Assert.Equal(Outcome.Undecided,
            Examples.Report(("dft-ft.reliability > rome.reliability", "most datasets and models")).Verdicts[0].Published.Outcome);

        Assert.Equal("not judged: no numbers", Examples.Report(("rome.locality > 90", "zsre")).Verdicts[0].Published.Summary);
    }

    [Fact]
    public void What_holds_alone_may_be_undecided_among_many()
    {
        // 9 of 10 in both places against 50: p is about 0.011 alone, one-sided.
        Outcome Judged(int count)
        {
            var claims = Enumerable.Range(0, count).Select(i => ($"rome.reliability > {50 + (i / 100.0)}", "zsre"));
            return Report.Build(Examples.Experiment([.. claims]), Examples.Rows(9, 9, 9, 9)).Verdicts[0].Measured.Outcome;
        }

        Assert.Equal(Outcome.Holds, Judged(1));
        Assert.Equal(Outcome.Undecided, Judged(4));
    }

    [Fact]
    public void Worlds_that_disagree_leave_it_open_however_many_cases_they_have()
    {
        var experiment = Examples.Small(
            ["reliability"], [new("rome", new object()), new("dft-ft", new object())], "dft-ft.reliability > rome.reliability");
        MeasuredRow Of(string editor, long seed, int right) =>
            Examples.Row(editor, ("reliability", Examples.Items(200, i => i < right ? 1 : 0))) with { Seed = seed };
        Judgement Judge(params int[] better) => Report.Build(experiment with { Seeds = [2, 3, 4] },
            [.. better.Index().SelectMany(one => new[] { Of("rome", one.Index + 2, 100), Of("dft-ft", one.Index + 2, 100 + one.Item) })])
            .Verdicts[0].Measured;
        Assert.Equal((Outcome.Holds, 20.0), (Judge(38, 40, 42).Outcome, Judge(38, 40, 42).Comparisons[0].Difference));
        Assert.Equal((Outcome.Undecided, 20.0), (Judge(-20, 40, 100).Outcome, Judge(-20, 40, 100).Comparisons[0].Difference));
    }
}
