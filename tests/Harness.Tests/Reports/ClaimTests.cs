using Harness.Declarations;
using Harness.Reports;

namespace Harness.Tests.Reports;

public sealed class ClaimTests
{
    [Theory]
    [InlineData("dft-ft.reliability > rome.reliability", Relation.Greater, "rome.reliability", 0)]
    [InlineData("dft-ft.reliability>=rome.locality - 2.5", Relation.AtLeast, "rome.locality", -2.5)]
    [InlineData("dft-ft.reliability < rome.reliability + 10", Relation.Less, "rome.reliability", 10)]
    [InlineData("dft-ft.reliability <= 90", Relation.AtMost, "", 90)]
    [InlineData("dft-ft.reliability > others.reliability", Relation.Greater, "rome.reliability", 0)]
    [InlineData("original.reliability < others.reliability", Relation.Less, "rome.reliability dft-ft.reliability", 0)]
    public void Reads_both_sides_relation_and_margin(string that, Relation relation, string right, double offset)
    {
        var claim = Parse(that, "every dataset and model");
        Assert.Equal(relation, claim.Relation);
        Assert.Equal(right, string.Join(' ', claim.Right ?? []));
        Assert.Equal(offset, claim.Offset);
    }

    [Theory]
    [InlineData("every dataset and model", "zsre counterfact", "llama2-7b llama-7b")]
    [InlineData("zsre", "zsre", "llama2-7b llama-7b")]
    [InlineData("llama-7b", "zsre counterfact", "llama-7b")]
    [InlineData("zsre and llama-7b", "zsre", "llama-7b")]
    public void Holds_on_the_places_that_it_names(string on, string datasets, string models)
    {
        var claim = Parse("rome.reliability > 90", on);
        Assert.Equal(datasets, string.Join(' ', claim.Datasets));
        Assert.Equal(models, string.Join(' ', claim.Models));
    }

    [Theory]
    [InlineData("rome better than dft-ft", "zsre", "dft/table1: claim 'rome better than dft-ft': "
        + "expected 'editor.metric > editor.metric', with >, >=, < or <=; "
        + "on the right also 'others.metric' or a number, and a margin as in '- 2'.")]
    [InlineData("rom.reliability > 90", "zsre", "dft/table1: claim 'rom.reliability > 90': unknown editor 'rom'; did you mean 'rome'? "
        + "Known editors: original, rome, dft-ft, memit.")]
    [InlineData("rome.reliabilty > 90", "zsre", "dft/table1: claim 'rome.reliabilty > 90': "
        + "unknown metric 'reliabilty'; did you mean 'reliability'? Known metrics: reliability, locality.")]
    [InlineData("rome.reliability > 90", "zsrr", "dft/table1: claim 'rome.reliability > 90': 'on' names 'zsrr'; did you mean 'zsre'? "
        + "Expected 'every dataset and model', or names joined by 'and'. Data sets: zsre, counterfact; models: llama2-7b, llama-7b.")]
    [InlineData("rome.locality > original.locality", "zsre", "dft/table1: claim 'rome.locality > original.locality': "
        + "locality of 'original' is not defined: it compares with the unedited model, expected an editor.")]
    [InlineData("others.reliability > 90", "zsre", "dft/table1: claim 'others.reliability > 90': 'others' stands on the right side only.")]
    public void Says_what_is_wrong_and_what_was_expected(string that, string on, string message) =>
        Assert.Equal(message, Assert.Throws<InputException>(() => Parse(that, on)).Message);

    [Theory]
    [InlineData("dft-ft.reliability > rome.reliability", "zsre", Outcome.Holds)] // 100 against 0 and 50
    [InlineData("dft-ft.reliability > rome.reliability", "every dataset and model", Outcome.DoesNotHold)] // equal in the last
    [InlineData("dft-ft.reliability >= rome.reliability", "every dataset and model", Outcome.Holds)]
    [InlineData("rome.reliability < dft-ft.reliability - 10", "zsre", Outcome.Holds)]
    [InlineData("rome.reliability > 45", "zsre and llama-7b", Outcome.Undecided)] // 5 of 10 cases: about 20 to 80
    [InlineData("rome.reliability > 5", "zsre and llama2-7b", Outcome.DoesNotHold)] // 0
    [InlineData("dft-ft.locality > 40", "every dataset and model", Outcome.Holds)] // 50 in every case
    [InlineData("memit.reliability > 5", "zsre", Outcome.NotJudged)] // the paper has it, this run left it out
    public void Judges_by_the_interval_of_the_paired_difference(string that, string on, Outcome expected) =>
        Assert.Equal(expected, Examples.Report((that, on)).Verdicts[0].Measured.Outcome);

    [Fact]
    public void Says_how_often_it_holds_and_where_not_with_numbers()
    {
        var verdict = Examples.Report(("dft-ft.reliability > rome.reliability", "every dataset and model")).Verdicts[0];
        Assert.Equal("holds in 3 of 4; not in counterfact/llama-7b against rome.reliability (0.0, 0.0 to 0.0)", verdict.Measured.Summary);
        Assert.Equal((3, 4), (verdict.Measured.Holding, verdict.Measured.Judged));
        Assert.Equal(100, verdict.Measured.Comparisons[0].Difference);
        Assert.True(verdict.Measured.Comparisons[0] is { Low: 100, High: 100 });
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

        Assert.Equal("not judged: no numbers", Examples.Report(("rome.locality > 90", "zsre")).Verdicts[0].Published.Summary);
    }

    [Theory]
    [InlineData("emmet@256.reliability > emmet@0.5.reliability", "emmet@256", "emmet@0.5")]
    [InlineData("locft-bf@2,down.locality >= emmet@256.locality - 2", "locft-bf@2,down", "emmet@256")]
    [InlineData("emmet@256.reliability > others.reliability", "emmet@256", "emmet@0.5 locft-bf@2,down")]
    public void Rows_are_named_with_their_places_on_axes(string that, string left, string right)
    {
        var experiment = Examples.Experiment() with
        {
            Editors =
            [
                new("base", null) { Editor = "original" },
                .. new[] { "emmet@256", "emmet@0.5", "locft-bf@2,down" }
                    .Select(name => new EditorEntry(name, new object())),
            ],
        };
        var claim = Claim.Parse(new(that, "zsre", "section 4"), experiment);
        Assert.Equal(left, claim.Left.Editor);
        Assert.Equal(right, string.Join(' ', claim.Right!.Select(quantity => quantity.Editor)));
    }

    [Fact]
    public void Both_sides_must_be_in_one_unit()
    {
        var experiment = Examples.Small(["kl", "perplexity-ratio"], [new("rome", new object())]);
        var message = Assert.Throws<InputException>(
            () => Claim.Parse(new("rome.kl < rome.perplexity-ratio", "zsre", ""), experiment)).Message;
        Assert.Equal("dft/table1: claim 'rome.kl < rome.perplexity-ratio': kl is in nats and perplexity-ratio in ×: "
            + "expected metrics of one unit on both sides.", message);
        Assert.Contains("seconds of 'original' is not defined: it is about an edit, expected an editor", Assert.Throws<InputException>(() =>
            Claim.Parse(new("original.seconds < 3", "zsre", ""), Examples.Small(["seconds"], [new("original", null)]))).Message);
    }

    private static Claim Parse(string that, string on) => Claim.Parse(new ClaimEntry(that, on, "section 4"), Examples.Experiment());
}
