using Harness.Claims;
using Harness.Running;
using Harness.Tests.Declarations;

namespace Harness.Tests.Running;

public sealed class RunResultsTests : IDisposable
{
    private readonly SampleExperiments sample = new();
    private readonly TemporaryFolder folder = new();
    private readonly RunResults results;

    public RunResultsTests() => results = new(new RunRecord(folder.Path, [], TimeProvider.System), jobs: 2);

    public void Dispose()
    {
        sample.Dispose();
        folder.Dispose();
    }

    [Fact]
    public void A_table_s_cells_and_verdicts_are_a_line_each()
    {
        string[] lines = [.. Add("a", Outcome.Holds, Outcome.DoesNotHold, Outcome.Holds, Outcome.Undecided, Outcome.DoesNotHold)];
        Assert.Matches(@"^12 cells computed, 30 reused in \d\.\d s$", lines[0]);
        Assert.Equal(["claims: 2 hold, 2 do not, 1 undecided"], lines[1..]);
        Assert.Empty(results.LastLines);
        Assert.True(File.Exists(Path.Combine(folder.Path, "a", "table1.run.json")));
    }

    [Fact]
    public void A_quiet_run_says_verdicts_only() => Assert.Equal(
        ["claims: 1 holds, 0 do not, 0 undecided"],
        Add(new RunResults(new RunRecord(folder.Path, [], TimeProvider.System), jobs: 2, isQuiet: true), "a", Outcome.Holds));

    [Fact]
    public void A_table_without_claims_has_no_verdicts() => Assert.Single(Add("a"));

    [Fact]
    public void Several_tables_end_with_the_total_and_their_folders()
    {
        Add("dft", Outcome.Holds, Outcome.Undecided);
        Add("dft");
        Assert.Equal("claims: 0 hold, 1 does not, 0 undecided, 1 not judged",
            Add("emmet", Outcome.DoesNotHold, Outcome.NotJudged).Last());
        Assert.Equal(
            ["claims of 3 tables: 1 holds, 1 does not, 1 undecided, 1 not judged", $"3 tables in {At("dft")}, {At("emmet")}"],
            results.LastLines);
    }

    private IEnumerable<string> Add(string place, params Outcome[] outcomes) => Add(results, place, outcomes);

    private IEnumerable<string> Add(RunResults results, string place, params Outcome[] outcomes)
    {
        var experiment = sample.LoadTable1(new());
        var claim = Claim.Parse(experiment.Claims[0], experiment);
        var verdicts = outcomes.Select(outcome =>
        {
            var judgement = new Judgement { Outcome = outcome, Holding = 0, Judged = 0, Comparisons = [] };
            return new Verdict(claim, judgement, judgement);
        });
        Directory.CreateDirectory(At(place));
        return results.Add(new(experiment, new(), [], [.. verdicts]), At(place), cells: 42, computed: 12);
    }

    private string At(string place) => Path.Combine(folder.Path, place);
}
