using System.Diagnostics;
using System.Text.Json.Nodes;
using Harness.Editing;
using Harness.Measuring.Metrics;

namespace Harness.Measuring.Cells;

/// <summary>Options of a Timing cell.</summary>
public sealed record TimingOptions : ICellOptions<TimingCell>
{
    /// <summary>What is timed.</summary>
    public required IReadOnlyList<TimedRow> Rows { get; init; }

    /// <summary>How often each is timed.</summary>
    public required int Rounds { get; init; }
}

/// <summary>A row whose edit is timed.</summary>
/// <param name="Name">Name of the row.</param>
/// <param name="Editor">Name in the editor registry.</param>
/// <param name="Options">The editor's options record, resolved, as canonical JSON.</param>
/// <param name="Edits">Number of the data set's first cases that are edited.</param>
public sealed record TimedRow(string Name, string Editor, JsonObject Options, int Edits);

/// <summary>What a Timing cell is made from; statistics, and trainings by row, where editors need them.</summary>
public sealed record TimingInputs<T>(T Dataset, T Model, T? Statistics = null, IReadOnlyDictionary<string, T>? Trainings = null)
    : ICellInputs<TimingCell, T>
    where T : class;

/// <summary>
/// Seconds that edits took, one line a round: times.jsonl; and by how many mebibytes the process grew at most: memory.jsonl. They depend on
/// the machine and its load.
/// </summary>
public sealed class TimingCell : Cell<TimingOptions, TimingInputs<string>>
{
    /// <inheritdoc/>
    public override CellKind Kind => CellKind.Timing;

    /// <inheritdoc/>
    protected override IEnumerable<string> Editors(TimingOptions options) => options.Rows.Select(row => row.Editor);

    // Round after round, each row once: what the machine does meanwhile meets all of them alike.
    /// <inheritdoc/>
    protected override void Run(TimingOptions options, TimingInputs<string> inputs, CellRun run)
    {
        using var loaded = new EditorRun(run, inputs.Dataset, inputs.Model, inputs.Statistics);
        var (rounds, memory) = (new List<CaseScore>(), new List<CaseScore>());

        // The first edit of an editor compiles its code and loads kernels: it is not timed.
        foreach (var first in options.Rows.GroupBy(row => row.Editor).Select(rows => rows.MinBy(row => row.Edits)!))
            RunOnce(first, "warming up");
        for (var round = 0; round < options.Rounds; round++)
        {
            var seconds = new Dictionary<string, double>(StringComparer.Ordinal);
            var peaks = new Dictionary<string, double>(StringComparer.Ordinal);
            foreach (var row in options.Rows)
                (seconds[row.Name], peaks[row.Name]) = RunOnce(row, $"round {round + 1}/{options.Rounds}");

            rounds.Add(new CaseScore(round, seconds));
            memory.Add(new CaseScore(round, peaks));
        }

        CaseLines.Write(run.Output(CaseLines.Times), rounds);
        CaseLines.Write(run.Output(CaseLines.Memory), memory);

        (double Seconds, double Mebibytes) RunOnce(TimedRow row, string what)
        {
            run.Progress.Report($"{what}: {row.Name}");
            EditRequest[] requests = [.. loaded.Cases(row.Edits).Select(EditorRun.Request)];
            var editor = EditorRun.Editor(row.Editor, row.Options);
            var session = loaded.Session(inputs.Trainings?.GetValueOrDefault(row.Name));
            using var grown = new ResidentMemory();
            var watch = Stopwatch.StartNew();
            using var edit = editor.Edit(session, requests);
            return (watch.Elapsed.TotalSeconds, grown.Peak());
        }
    }
}
