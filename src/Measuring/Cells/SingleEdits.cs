using System.Globalization;
using System.Text.Json.Nodes;
using Harness.Editing;
using Harness.Measuring.Metrics;

namespace Harness.Measuring.Cells;

/// <summary>Options of a SingleEdits cell.</summary>
public sealed record SingleEditsOptions : ICellOptions<SingleEditsCell>
{
    /// <summary>Name in the editor registry.</summary>
    public required string Editor { get; init; }

    /// <summary>The editor's options record, resolved, as canonical JSON.</summary>
    public required JsonObject Options { get; init; }

    /// <summary>Number of the data set's first cases that are edited; null for all.</summary>
    public int? Edits { get; init; }

    /// <summary>How each case is scored.</summary>
    public required ScoringOptions Scoring { get; init; }
}

/// <summary>What a SingleEdits cell is made from; statistics and a training where the editor needs them.</summary>
public sealed record SingleEditsInputs<T>(T Dataset, T Model, T? Statistics = null, T? Training = null)
    : ICellInputs<SingleEditsCell, T>
    where T : class;

/// <summary>
/// Scores of edits each of which was made on the unedited model, scored, and taken back: cases.jsonl. The edits of one record are made
/// together.
/// </summary>
public sealed class SingleEditsCell : Cell<SingleEditsOptions, SingleEditsInputs<string>>
{
    /// <inheritdoc/>
    public override CellKind Kind => CellKind.SingleEdits;

    /// <inheritdoc/>
    protected override IEnumerable<string> Editors(SingleEditsOptions options) => [options.Editor];

    /// <inheritdoc/>
    protected override void Run(SingleEditsOptions options, SingleEditsInputs<string> inputs, CellRun run)
    {
        using var loaded = new EditorRun(run, inputs.Dataset, inputs.Model, inputs.Statistics);
        var cases = loaded.Cases(options.Edits);
        var each = new EachEdit(loaded, options.Scoring, cases);
        var editor = EditorRun.Editor(options.Editor, options.Options);
        var made = 0;
        foreach (var record in cases.GroupBy(edit => edit.Group ?? $"case {edit.Id}"))
        {
            EditRequest[] together = [.. record.Select(EditorRun.Request)];
            using var edit = editor.Edit(loaded.Session(inputs.Training), together);
            using (edit.ApplyTo(loaded.Model))
                each.ScoreApplied(together, edit.Module);
            run.Progress.Report(string.Create(CultureInfo.InvariantCulture, $"edit {made += together.Length}/{cases.Count}"));
        }

        CaseLines.Write(run.Output(CaseLines.Cases), each.Finish(null));
    }
}
