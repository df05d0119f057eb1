using Harness.Claims;
using Harness.Reports;

namespace Harness.Running;

/// <summary>The tables that a run has made, and what it says behind them.</summary>
/// <param name="record">What is kept beside each.</param>
/// <param name="jobs">Number of workers.</param>
/// <param name="isQuiet">Whether only verdicts are said.</param>
public sealed class RunResults(RunRecord record, int jobs, bool isQuiet = false)
{
    private readonly List<(Report Report, string Folder)> tables = [];

    /// <summary>Notes a table and writes its record.</summary>
    /// <param name="report">The table.</param>
    /// <param name="folder">Where its files are.</param>
    /// <param name="cells">Number of its cells.</param>
    /// <param name="computed">Those that the run computed.</param>
    /// <returns><c>12 cells computed, 30 reused in 8.2 s</c>, and <c>claims: 4 hold, 2 do not, 3 undecided</c> where it claims
    /// anything.</returns>
    public IEnumerable<string> Add(Report report, string folder, int cells, int computed)
    {
        tables.Add((report, folder));
        record.Write(report, folder, jobs, cells, computed);
        var count = $"{Counted.Of(computed, "cell")} computed, {cells - computed} reused in {Duration.Text(record.Seconds)}";
        return [.. isQuiet ? Array.Empty<string>() : [count], .. Verdicts("claims", [report])];
    }

    /// <summary>The run's last lines where it made several tables: their verdicts together, and where they are.</summary>
    public IEnumerable<string> LastLines => tables.Count < 2 ? [] :
    [
        .. Verdicts($"claims of {tables.Count} tables", tables.Select(table => table.Report)),
        $"{tables.Count} tables in {string.Join(", ", tables.Select(table => table.Folder).Distinct())}",
    ];

    private static IEnumerable<string> Verdicts(string what, IEnumerable<Report> reports)
    {
        var outcomes = reports.SelectMany(report => report.Verdicts).CountBy(verdict => verdict.Measured.Outcome).ToDictionary();
        if (outcomes.Count == 0) return [];
        int Of(Outcome outcome) => outcomes.GetValueOrDefault(outcome);
        var (holding, failing, ceiling, unjudged) =
            (Of(Outcome.Holds), Of(Outcome.DoesNotHold), Of(Outcome.AtCeiling), Of(Outcome.NotJudged));
        return
        [
            $"{what}: {holding} {(holding == 1 ? "holds" : "hold")}, {failing} {(failing == 1 ? "does" : "do")} not, "
                + $"{Of(Outcome.Undecided)} undecided{(ceiling > 0 ? $", {ceiling} at the ceiling" : "")}"
                + (unjudged > 0 ? $", {unjudged} not judged" : ""),
        ];
    }
}
