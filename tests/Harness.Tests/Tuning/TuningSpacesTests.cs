using Harness.Declarations;
using Harness.Measuring.Yaml;
using static Harness.Tests.Tuning.SearchSpaces;

namespace Harness.Tests.Tuning;

public sealed class TuningSpacesTests
{
    private const string Rome = "rome: { source: a paper, options: { layer: [0, 1, 2] } }";

    [Fact]
    public void A_space_has_its_editor_its_options_and_what_is_fixed()
    {
        var space = Assert.Single(Read(File("""
            memit-often:
              source: a paper
              editor: memit
              edits-protocol: sequential
              when: { value: { steps: 50 } }
              fixed: { value: { steps: 50 } }
              options: { layers: [[0], [1]], weight: [1, 3.0, 1.0e+1] }
            """)).Spaces);
        Assert.Equal(("memit-often", "memit", EditsProtocol.Sequential), (space.Name, space.Editor.Name, space.Edits));
        Assert.Equal([("layers", "[0] [1]", true), ("weight", "1 3 10", true)], space.Options.Select(
            option => (option.Path, string.Join(' ', option.Values.Select(value => value.Text)), option.IsOrdered)));
        Assert.Equal(6, space.GridSize);
        Assert.Equal("{ value: { steps: 50 }, layers: [1], weight: 3 }", Harness.Tuning.OptionValue.TextOf(
            space.Declared([space.Options[0].Values[1], space.Options[1].Values[1]])));
    }

    [Fact]
    public void Rounds_take_the_first_seeds()
    {
        var plan = Read(File(Rome)).Plan;
        Assert.Equal([(4, 5, "1"), (2, 10, "1 11")],
            plan.Rounds.Select(round => (round.Settings, round.Edits, string.Join(' ', round.Seeds))));
        Assert.Equal(10, plan.Edits);
    }

    [Fact]
    public void Words_truth_values_maps_and_lists_of_several_are_no_axis()
    {
        var space = Assert.Single(Read(File(
            "memit: { source: a, options: { layers: [[0], [0, 1]], value: [{ steps: 1 }, { steps: 2 }] } }")).Spaces);
        Assert.All(space.Options, option => Assert.False(option.IsOrdered));
    }

    [Theory]
    [InlineData("rome: { source: a, options: { layr: [1] } }",
        "spaces.yaml(10,40): unknown key 'layr' in editor 'rome'; did you mean 'layer'? Known keys: layer, value.")]
    [InlineData("rome: { source: a, options: { layer: 1 } }",
        "spaces.yaml(10,40): 'layer' of space 'rome': found '1', expected a list of the values to try, at least one.")]
    [InlineData("rome: { source: a, options: { layer: [1, 0] } }",
        "spaces.yaml(10,44): 'layer' of space 'rome': found 0 behind 1, expected ascending numbers: their ends are where the "
        + "space is widened.")]
    [InlineData("rome: { source: a, options: { layer: [1, 2], value.steps: [5, 5] } }",
        "spaces.yaml(10,65): 'value.steps' of space 'rome': '5' stands twice in the list.")]
    [InlineData("rome: { source: a, options: { layer: [1], value.steps: [0, 5] } }",
        "spaces.yaml(10,59): editor 'rome': value.steps: found 0, expected at least 1.")]
    [InlineData("rom: { source: a }",
        "spaces.yaml(10,3): unknown editor 'rom'; did you mean 'rome'? Known: rome, full-ft, memit, mend.")]
    [InlineData("rome: { options: { layer: [1] } }", "spaces.yaml(10,9): missing key 'source' in space 'rome'; expected text.")]
    [InlineData("mend: { source: a, edits-protocol: sequential }",
        "spaces.yaml(10,3): editor 'mend': found edits-protocol sequential with 1 at once, expected an editor that works so; "
        + "leave it out or change edits-at-once.")]
    public void A_mistake_in_a_space_says_where(string space, string message) => Assert.Contains(message, Mistake(File(space)).Split('\n'));

    [Theory]
    [InlineData("[]", "[1, 11]", "spaces.yaml(7,13): 'rounds': found none, expected at least one.")]
    [InlineData("[{ settings: 0, edits: 1, seeds: 1 }]", "[1]",
        "spaces.yaml(7,13): round 1: found 0 settings, 1 edits, 1 seeds and all data sets, expected at least 1 of each and at most the 1 "
        + "seeds of scale 'embedded'.")]
    [InlineData("[{ settings: 2, edits: 1, seeds: 2, datasets: 0 }]", "[1]",
        "spaces.yaml(7,13): round 1: found 2 settings, 1 edits, 2 seeds and 0 data sets, expected at least 1 of each and at most the 1 "
        + "seeds of scale 'embedded'.")]
    [InlineData("[{ settings: 2, edits: 9, seeds: 1 }, { settings: 3, edits: 9, seeds: 1 }]", "[1]",
        "spaces.yaml(7,13): 'rounds': found 3 settings, 9 edits and 1 seeds behind 2, 9 and 1, expected no more settings and no fewer "
        + "edits and seeds in a later round.")]
    [InlineData("[{ settings: 2, edits: 9, seeds: 1 }]", "[1, 1]",
        "spaces.yaml(6,12): 'seeds': found [1, 1], expected whole numbers from 0, none twice.")]
    public void A_mistake_in_the_rounds_says_where(string rounds, string seeds, string message) =>
        Assert.Equal(message, Mistake(File(Rome, rounds, seeds)));

    [Fact]
    public void A_scale_that_is_not_searched_and_a_negative_number_of_widenings_are_refused()
    {
        var errors = new DeclarationErrors();
        Harness.Tuning.TuningSpaces.Read(
            YamlReader.ReadText(File(Rome, head: "widenings: -1"), "spaces.yaml", errors)!, "paper", Registry, errors);
        Assert.Equal(
            "spaces.yaml(3,12): 'widenings': found '-1', expected at least 0.\n"
            + "spaces.yaml(5,3): unknown scale 'paper'. Known: embedded.",
            Assert.Throws<InputException>(errors.ThrowIfAny).Message);
    }
}
