using Harness.Studies.Cells;

namespace Harness.Tests.Cells;

public sealed class ScoreCellsTests : IDisposable
{
    private const string Tuned = """{ "layer": 1, "tuning": { "epochs": 2, "learning-rate": 0.01 } }""";
    private readonly CellFolder cells = new();

    public void Dispose() => cells.Dispose();

    [Fact]
    public void The_unedited_model_is_asked_but_compared_with_nothing()
    {
        var series = Ask();
        Assert.Equal(["choice", "recall-same-subject", "recall-unrelated"], series.Keys);
        Assert.Equal([0], series["choice"].Select(item => item.Id));
    }

    [Fact]
    public void An_edited_model_is_compared_with_the_unedited_one()
    {
        Edit(Tuned);
        var series = Ask("edit");
        Assert.Equal(["choice", "kl", "perplexity", "recall-same-subject", "recall-unrelated"], series.Keys);
        Assert.Equal(2, series["kl"].Count);
        Assert.All(series["kl"], item => Assert.True(item.Value > 0));
        Assert.Contains("change", CaseLines.ReadSeries(CellKind.Edit, cells.Folder("edit")).Keys);
    }

    [Fact]
    public void Every_round_times_every_row_once()
    {
        var options = new TimingOptions
        {
            Rounds = 3,
            Rows =
            [
                new TimedRow("full-ft", "full-ft", CellFolder.Json("""{ "tuning": { "epochs": 1, "learning-rate": 0.001 } }"""), 4),
                new TimedRow("short", "ft-m", CellFolder.Json(Tuned), 1),
            ],
        };
        var rounds = CaseLines.ReadTimes(cells.Run(CellKind.Timing, "timing", options));
        Assert.Equal([0, 1, 2], rounds.Select(round => round.Id));
        Assert.All(rounds, round => Assert.Equal(["full-ft", "short"], round.Values.Keys.Order(StringComparer.Ordinal)));
        Assert.All(rounds.SelectMany(round => round.Values.Values), seconds => Assert.True(seconds > 0));
    }

    private void Edit(string options) => cells.Run(CellKind.Edit, "edit", new EditOptions { Editor = "ft-m", Options = CellFolder.Json(options) });

    private IReadOnlyDictionary<string, IReadOnlyList<Harness.Studies.Capability.SeriesItem>> Ask(params string[] inputs) => CaseLines.ReadSeries(
        CellKind.Capability, cells.Run(CellKind.Capability, "capability", new CapabilityOptions(), inputs));
}
