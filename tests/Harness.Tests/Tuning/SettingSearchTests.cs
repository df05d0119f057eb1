using Harness.Tuning;
using static Harness.Tests.Tuning.SearchSpaces;

namespace Harness.Tests.Tuning;

/// <summary>Searches whose scores are a made-up function of the numbers of a setting.</summary>
public sealed class SettingSearchTests
{
    [Fact]
    public void Halving_finds_the_best_and_spends_what_the_rounds_say()
    {
        var search = Search("""
            memit: { source: a, options: { layers: [[0], [1], [2], [3]], weight: [1, 10, 30, 100, 300, 1000] } }
            """,
            "[{ settings: 24, edits: 25, seeds: 1, datasets: 1 }, { settings: 8, edits: 50, seeds: 1 }, "
            + "{ settings: 3, edits: 100, seeds: 2 }]");
        var rounds = Run(search, values => 1 / (1 + Math.Abs(values[0] - 2) + Math.Abs(Math.Log10(values[1] / 30))));
        Assert.Equal([(24, 25, "1"), (8, 50, "1"), (3, 100, "1 11")],
            rounds.Select(trial => (trial.Settings.Count, trial.Edits, string.Join(' ', trial.Seeds))));
        Assert.Equal("layers [2], weight 30", Best(search));
        Assert.Equal(24, search.Tried);
        Assert.Equal((24 * 25) + (8 * 50) + (3 * 100 * 2), search.Cost(datasets: 1));
        Assert.Equal((24 * 25) + (2 * ((8 * 50) + (3 * 100 * 2))), search.Cost(datasets: 2));
        Assert.Empty(search.Widened);
        Assert.Empty(search.AtEdge);
    }

    [Fact]
    public void Each_round_keeps_the_best_of_the_one_before_it_alone()
    {
        var search = Search("memit: { source: a, options: { weight: [1, 2, 3, 4, 5] } }",
            "[{ settings: 5, edits: 5, seeds: 1 }, { settings: 2, edits: 10, seeds: 1 }]");
        Assert.Equal([1, 2, 3, 4, 5], search.Next!.Settings.Select(setting => setting.Number));
        Score(search, values => values[0] is 2 or 4 ? 1 : 0.5);
        Assert.Equal([2, 4], search.Next!.Settings.Select(setting => setting.Number));
        Score(search, values => values[0] == 2 ? 0.1 : 0.2);
        Assert.Equal("weight 4", Best(search));
    }

    [Theory]
    [InlineData("weight: [1, 3, 10]", 40, "weight 33", "weight above (2)", "")]
    [InlineData("weight: [1, 3, 10]", 12, "weight 10", "weight above (1)", "")]
    [InlineData("weight: [1, 3, 10]", 1e6, "weight 109", "weight above (2)", "weight above")]
    [InlineData("weight: [0.1, 0.3, 1]", 0.03, "weight 0.0333", "weight below (2)", "")]
    [InlineData("weight: [0, 1, 2]", -5, "weight 0", "", "")]
    [InlineData("layers: [[0], [1]]", 2, "layers [2]", "layers above (2)", "")]
    [InlineData("layers: [[0], [1]]", 9, "layers [3]", "layers above (2)", "")]
    [InlineData("value.steps: [1, 5, 25]", -3, "value.steps 1", "", "")]
    [InlineData("value: [{ steps: 1 }, { steps: 2 }]", 0, "value { steps: 1 }", "", "")]
    public void Where_the_best_lies_at_an_end_the_values_go_on(string options, double target, string best, string widened, string edge)
    {
        var search = Search($"memit: {{ source: a, options: {{ {options} }} }}");
        Run(search, values => 1 / (1 + Math.Abs(values[0] - target)));
        Assert.Equal(best, Best(search));
        Assert.Equal(widened, string.Join(' ', search.Widened.Select(one => $"{End(one.Key)} ({one.Value})")));
        Assert.Equal(edge, string.Join(' ', search.AtEdge.Select(End)));

        static string End(OptionEnd end) => $"{end.Option} {(end.IsUpper ? "above" : "below")}";
    }

    [Fact]
    public void New_neighbours_are_tried_as_the_last_round_was_and_come_behind_in_the_order()
    {
        var search = Search("memit: { source: a, options: { layers: [[0], [1]], weight: [1, 10] } }");
        var rounds = Run(search, values => (values[0] + 1) * Math.Log10(values[1] + 1) / 100);
        Assert.Equal([4, 2, 2, 1], rounds.Select(trial => trial.Settings.Count));
        Assert.All(rounds.Skip(1), trial => Assert.Equal((10, 2), (trial.Edits, trial.Seeds.Count)));
        Assert.Equal([5, 6, 7], rounds.Skip(2).SelectMany(trial => trial.Settings).Select(setting => setting.Number));
        Assert.Equal(["layers [2], weight 10", "layers [1], weight 100"], rounds[2].Settings.Select(setting => setting.Text(search.Space)));
        Assert.Equal(7, search.Tried);
    }

    [Fact]
    public void A_setting_that_fails_goes_no_further_and_where_all_fail_the_search_says_why()
    {
        var search = Search("memit: { source: a, options: { weight: [1, 2, 3] } }");
        search.Record(search.Next!.Settings.ToDictionary(setting => setting, setting => setting.Number == 3
            ? new SettingScore([new("zsre", 1, 1, 1, 1)]) : new SettingScore([], "the loss became NaN")));
        Assert.Equal([3], search.Next!.Settings.Select(setting => setting.Number));
        Assert.Equal("spaces.yaml(10,3): space 'memit': none of its 1 settings can be measured: the loss became NaN",
            Assert.Throws<InputException>(() => search.Record(
                search.Next!.Settings.ToDictionary(setting => setting, _ => new SettingScore([], "the loss became NaN")))).Message);
    }

    // Of a model with four layers.
    private static SettingSearch Search(string space, string? rounds = null)
    {
        var read = Read(rounds is null ? File(space) : File(space, rounds));
        return new SettingSearch(Assert.Single(read.Spaces), read.Plan, (changed, setting) => setting.Values.Zip(changed.Options)
            .All(one => !one.Second.IsLayer || one.First.Number is >= 0 and < 4));
    }

    private static string Best(SettingSearch search) => search.Finalists[0].Setting.Text(search.Space);

    private static List<TuningTrial> Run(SettingSearch search, Func<double[], double> score)
    {
        var trials = new List<TuningTrial>();
        while (search.Next is { } trial)
        {
            trials.Add(trial);
            Score(search, score);
        }

        return trials;
    }

    private static void Score(SettingSearch search, Func<double[], double> score) => search.Record(search.Next!.Settings.ToDictionary(
        setting => setting, setting =>
        {
            var one = score([.. setting.Values.Select(value => value.Number ?? 0)]);
            return new SettingScore([new("zsre", 1, one, one, one)]);
        }));
}
