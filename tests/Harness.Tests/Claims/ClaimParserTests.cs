using Harness.Claims;
using Harness.Declarations;
using Harness.Tests.Reports;

namespace Harness.Tests.Claims;

public sealed class ClaimParserTests
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
        var term = Assert.Single(claim.Terms);
        Assert.Equal(relation, term.Relation);
        Assert.Equal(right, string.Join(' ', term.Right ?? []));
        Assert.Equal(offset, term.Offset);
    }

    [Fact]
    public void Several_comparisons_bound_the_left_side()
    {
        var claim = Parse("dft-ft.reliability > rome.reliability and < rome.reliability + 10 and <= 90", "zsre");
        Assert.Equal(
            [(Relation.Greater, "rome.reliability", 0), (Relation.Less, "rome.reliability", 10), (Relation.AtMost, "", 90)],
            claim.Terms.Select(term => (term.Relation, string.Join(' ', term.Right ?? []), term.Offset)));
    }

    [Fact]
    public void Each_is_every_editor_and_compared_with_one_thing()
    {
        Assert.Equal("rome.reliability dft-ft.reliability", string.Join(' ', Parse("each.reliability > 90", "zsre").Left));
        Assert.EndsWith("'each' is compared with one editor or a number, not with others.",
            Assert.Throws<InputException>(() => Parse("each.reliability > others.reliability", "zsre")).Message);
        Assert.EndsWith("'each' stands on the left side only.",
            Assert.Throws<InputException>(() => Parse("rome.reliability > each.reliability", "zsre")).Message);
    }

    [Fact]
    public void Others_leave_out_what_stands_behind_except()
    {
        var claim = Parse("original.reliability < others.reliability - 2 except rome", "zsre");
        Assert.Equal("dft-ft.reliability", string.Join(' ', claim.Terms[0].Right!));
        Assert.Empty(Parse("original.reliability < others.reliability except rome, dft-ft", "zsre").Terms[0].Right!);
    }

    [Theory]
    [InlineData("every dataset and model", "zsre counterfact", "llama2-7b llama-7b")]
    [InlineData("zsre", "zsre", "llama2-7b llama-7b")]
    [InlineData("llama-7b", "zsre counterfact", "llama-7b")]
    [InlineData("zsre and llama-7b", "zsre", "llama-7b")]
    [InlineData("most datasets and models", "zsre counterfact", "llama2-7b llama-7b")]
    [InlineData("almost every dataset and model", "zsre counterfact", "llama2-7b llama-7b")]
    public void Holds_on_the_places_that_it_names(string on, string datasets, string models)
    {
        var claim = Parse("rome.reliability > 90", on);
        Assert.Equal(datasets, string.Join(' ', claim.Datasets));
        Assert.Equal(models, string.Join(' ', claim.Models));
        Assert.Equal(on.StartsWith("most", StringComparison.Ordinal) ? Reach.Most
            : on.StartsWith("almost", StringComparison.Ordinal) ? Reach.AlmostEvery : Reach.Every, claim.Reach);
    }

    [Theory]
    [InlineData("rome better than dft-ft", "zsre", "dft/table1: claim 'rome better than dft-ft': "
        + "expected 'editor.metric > editor.metric', with >, >=, < or <=; on the right also 'others.metric' or a number, "
        + "a margin as in '- 2', and further comparisons behind 'and'.")]
    [InlineData("rome.reliability > 9 and rome.locality > 8", "zsre", "dft/table1: claim 'rome.reliability > 9 and rome.locality > 8': "
        + "expected 'editor.metric > editor.metric', with >, >=, < or <=; on the right also 'others.metric' or a number, "
        + "a margin as in '- 2', and further comparisons behind 'and'.")]
    [InlineData("rome.reliability > dft-ft.reliability except memit", "zsre", "dft/table1: "
        + "claim 'rome.reliability > dft-ft.reliability except memit': 'except' stands behind 'others' only.")]
    [InlineData("rome.reliability > others.reliability except dft", "zsre", "dft/table1: "
        + "claim 'rome.reliability > others.reliability except dft': unknown editor 'dft'; did you mean 'dft-ft'? "
        + "Known editors: original, rome, dft-ft, memit.")]
    [InlineData("rom.reliability > 90", "zsre", "dft/table1: claim 'rom.reliability > 90': unknown editor 'rom'; did you mean 'rome'? "
        + "Known editors: original, rome, dft-ft, memit.")]
    [InlineData("rome.reliabilty > 90", "zsre", "dft/table1: claim 'rome.reliabilty > 90': "
        + "unknown metric 'reliabilty'; did you mean 'reliability'? Known metrics: reliability, locality.")]
    [InlineData("rome.reliability > 90", "zsrr", "dft/table1: claim 'rome.reliability > 90': 'on' names 'zsrr'; did you mean 'zsre'? "
        + "Expected 'every dataset and model', 'almost every dataset and model', 'most datasets and models', or names joined by 'and'. "
        + "Data sets: zsre, counterfact; models: llama2-7b, llama-7b.")]
    [InlineData("rome.locality > original.locality", "zsre", "dft/table1: claim 'rome.locality > original.locality': "
        + "locality of 'original' is not defined: it compares with the unedited model, expected an editor.")]
    [InlineData("others.reliability > 90", "zsre", "dft/table1: claim 'others.reliability > 90': 'others' stands on the right side only.")]
    public void Says_what_is_wrong_and_what_was_expected(string that, string on, string message) =>
        Assert.Equal(message, Assert.Throws<InputException>(() => Parse(that, on)).Message);

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
        Assert.Equal(left, Assert.Single(claim.Left).Editor);
        Assert.Equal(right, string.Join(' ', claim.Terms[0].Right!.Select(quantity => quantity.Editor)));
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
