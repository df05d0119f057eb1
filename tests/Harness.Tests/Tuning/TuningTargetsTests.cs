using Harness.Tests.Declarations;
using Harness.Tuning;

namespace Harness.Tests.Tuning;

public sealed class TuningTargetsTests : IDisposable
{
    private const string Spaces = """
        rome-1: { source: a paper, editor: rome, when: { value: { steps: 5 } }, options: { layer: [0, 1] } }
        rome: { source: a paper, options: { layer: [0, 1] } }
        full-ft: { source: a paper, options: { learning-rate: [1, 2] } }
        """;

    private readonly SampleExperiments sample = new();

    public TuningTargetsTests() => Write(Spaces);

    public void Dispose() => sample.Dispose();

    [Fact]
    public void Every_pair_that_a_table_uses_is_searched_on_its_data_sets()
    {
        sample.Write("emmet/table2.yaml", SampleExperiments.Table1.Replace("target: Table1", "target: Table2", StringComparison.Ordinal)
            .Replace("rome: { layer: 2 }", "mine: { editor: rome, layer: 2, value: { steps: 5 } }", StringComparison.Ordinal)
            .Replace("editor: rome, options", "editor: mine, options", StringComparison.Ordinal)
            .Replace("counterfact: world-counterfact }", "counterfact: ~ }", StringComparison.Ordinal)
            .Replace("target: Table1", "target: Table2", StringComparison.Ordinal));
        sample.Write("tuning/sweep.yaml", SampleExperiments.Table1);
        var (plan, targets) = Read();
        Assert.Equal(
            [
                "rome-1 on tiny-llama2: world-zsre for Table2",
                "rome on tiny-llama2: world-zsre world-counterfact for Table1",
                "full-ft on tiny-llama2: world-zsre world-counterfact for Table1 Table2",
            ],
            targets.Select(target => $"{target.Space.Name} on {target.Model.StandIn}: "
                + $"{string.Join(' ', target.Datasets.Select(dataset => dataset.StandIn))} for {string.Join(' ', target.Tables)}"));
        Assert.All(targets.SelectMany(target => target.Datasets), dataset => Assert.Equal(plan.Edits, dataset.Options.Edits));
    }

    [Fact]
    public void A_row_may_name_its_space_and_wait_for_what_the_search_finds()
    {
        Table("rome: { layer: 2 }", "rome: { tuned: rome-1 }");
        Assert.Equal(["rome-1", "full-ft"], Read().Targets.Select(target => target.Space.Name));
        Table("rome: { layer: 2 }", "rome: { tuned: rom }");
        Assert.Equal(
            "experiments/dft/table1.yaml(20,7): row 'rome': found no space for editor 'rome' with edits-protocol batched named 'rom' in "
            + "tuning/spaces.yaml, expected one; declare it there.",
            Mistake());
    }

    [Fact]
    public void A_row_without_a_space_and_a_seed_that_a_table_shows_are_refused()
    {
        Write(Spaces.Replace("rome: {", "rome: { when: { layer: 3 },", StringComparison.Ordinal));
        Table("seeds: [20]", "seeds: [20, 11]");
        Assert.Equal(
            "experiments/dft/table1.yaml(14,12): 'seeds': found 11, on which options are searched (tuning/spaces.yaml), expected others: "
            + "no table shows what its options were chosen by.\n"
            + "experiments/dft/table1.yaml(20,7): row 'rome': found no space for editor 'rome' with edits-protocol batched in "
            + "tuning/spaces.yaml, expected one; declare it there.",
            Mistake());
    }

    [Fact]
    public void Real_records_are_searched_on_others_only()
    {
        Table("embedded:\n    seeds: [20]\n    edits: 100\n    datasets: { zsre: world-zsre,",
            "embedded:\n    seeds: [20]\n    edits: 100\n    datasets: { zsre: zsre-500,");
        Assert.Equal(
            "experiments/dft/table1.yaml(16,23): 'zsre-500': found real records, which tables show whatever the seed, expected another "
            + "data set to search on; name one of other records under 'datasets' of scale 'embedded' in tuning/spaces.yaml.",
            Mistake());
        Write(Spaces, "datasets: { zsre-500: world-zsre }");
        Assert.Equal(["world-zsre", "world-counterfact"], Read().Targets[0].Datasets.Select(dataset => dataset.StandIn));
    }

    // The table edits records 1 to 100 and takes probes from 121 to 130; the search edits ten.
    [Theory]
    [InlineData(100, 10, 0, null)]
    [InlineData(99, 10, 0, 100)]
    [InlineData(110, 10, 10, null)]
    [InlineData(110, 0, 10, 121)]
    [InlineData(111, 20, 0, 121)]
    [InlineData(100, 10, 1, 121)]
    [InlineData(100, 20, 1, null)]
    [InlineData(130, 10, 10, null)]
    public void A_search_shares_no_cases_and_no_probes_with_a_table(int skipped, int examples, int probes, int? shared)
    {
        sample.Write("datasets.yaml", $$"""
            worlds: { town: { entities: 120 } }
            datasets:
              world-zsre: { world: town, schema: zsre }
              world-counterfact: { world: town, schema: counterfact }
              zsre-500: { schema: zsre, file: &file { address: a, mirror: b, sha256: c }, examples: 20, probes: 10 }
              zsre-search: { schema: zsre, file: *file, skipped-records: {{skipped}}, examples: {{examples}}, probes: {{probes}} }
            """);
        Table("embedded:\n    seeds: [20]\n    edits: 100\n    datasets: { zsre: world-zsre,",
            "embedded:\n    seeds: [20]\n    edits: 100\n    datasets: { zsre: zsre-500,");
        Write(Spaces, "datasets: { zsre-500: zsre-search }");
        if (shared is null)
        {
            var dataset = Read().Targets[0].Datasets[1];
            Assert.Equal(("zsre-search", skipped, 10), (dataset.StandIn, dataset.Options.SkippedRecords, dataset.Options.Edits));
            return;
        }

        Assert.Equal(
            $"experiments/tuning/spaces.yaml(8,27): 'zsre-search': found record {shared} among its cases and probes, which Table1 shows "
            + "too, expected others: no table shows what its options were chosen by; raise its 'skipped-records'.",
            Mistake());
    }

    [Fact]
    public void A_search_may_be_narrowed_to_editors_or_spaces_and_models()
    {
        var targets = Read().Targets;
        Assert.Equal(["rome"], TuningTargets.Narrow(targets, ["rome"], ["tiny-llama2"]).Select(target => target.Space.Name));
        Assert.Equal(2, TuningTargets.Narrow(targets, null, null).Count);
        Assert.Equal("--editors: unknown editor or space 'rom'; did you mean 'rome'? Known: rome, full-ft.",
            Assert.Throws<InputException>(() => TuningTargets.Narrow(targets, ["rom"], null)).Message);
        Assert.Equal("--models: unknown model 'tiny-llama'; did you mean 'tiny-llama2'? Known: tiny-llama2.",
            Assert.Throws<InputException>(() => TuningTargets.Narrow(targets, null, ["tiny-llama"])).Message);
    }

    private void Write(string spaces, string scale = "") =>
        sample.Write("tuning/spaces.yaml", SearchSpaces.File(spaces, scale: scale));

    private void Table(string old, string replaced)
    {
        Assert.Contains(old, SampleExperiments.Table1.ReplaceLineEndings("\n"), StringComparison.Ordinal);
        sample.Write("dft/table1.yaml", SampleExperiments.Table1.ReplaceLineEndings("\n").Replace(old, replaced, StringComparison.Ordinal));
    }

    private (TuningPlan Plan, IReadOnlyList<TuningTarget> Targets) Read() =>
        TuningTargets.Read(sample.Folder, "embedded", SampleExperiments.Registry);

    private string Mistake() => Assert.Throws<InputException>(() => Read()).Message;
}
