using Harness.Measuring.Cells;

namespace Harness.Tests.Cells;

public sealed class TimingTests : IDisposable
{
    private const string Tuned = """{ "layer": 1, "tuning": { "epochs": 2, "learning-rate": 0.01 } }""";
    private readonly CellFolder cells = new();

    public void Dispose() => cells.Dispose();

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
        var folder = cells.Run(CellKind.Timing, "timing", options);
        var (rounds, memory) = (CaseLines.ReadTimes(folder), CaseLines.ReadMemory(folder));
        Assert.Equal([0, 1, 2], memory.Select(round => round.Id));
        Assert.All(memory, round => Assert.Equal(["full-ft", "short"], round.Values.Keys.Order(StringComparer.Ordinal)));
        Assert.All(memory.SelectMany(round => round.Values.Values), mebibytes => Assert.True(mebibytes >= 0));
        Assert.Equal([0, 1, 2], rounds.Select(round => round.Id));
        Assert.All(rounds, round => Assert.Equal(["full-ft", "short"], round.Values.Keys.Order(StringComparer.Ordinal)));
        Assert.All(rounds.SelectMany(round => round.Values.Values), seconds => Assert.True(seconds > 0));
    }
}
