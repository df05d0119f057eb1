using System.Globalization;
using Harness.Editing;
using Harness.Measuring.Metrics;

namespace Harness.Measuring.Cells;

/// <summary>Options of a Score cell.</summary>
public sealed record ScoreOptions : ICellOptions<ScoreCell>
{
    /// <summary>How.</summary>
    public required ScoringOptions Scoring { get; init; }

    /// <summary>Number of the data set's first cases that are scored; null for all.</summary>
    public int? Edits { get; init; }
}

/// <summary>What a Score cell is made from; an edit unless the unedited model is scored.</summary>
public sealed record ScoreInputs<T>(T Dataset, T Model, T? Edit = null) : ICellInputs<ScoreCell, T>
    where T : class;

/// <summary>Scores of the edited model, one line a case: cases.jsonl. The edit's own code is covered by its key.</summary>
public sealed class ScoreCell : Cell<ScoreOptions, ScoreInputs<string>>
{
    /// <inheritdoc/>
    public override CellKind Kind => CellKind.Score;

    /// <inheritdoc/>
    protected override void Run(ScoreOptions options, ScoreInputs<string> inputs, CellRun run)
    {
        using var loaded = new EditorRun(run, inputs.Dataset, inputs.Model);
        var unedited = new Scorer(new EditedModel(loaded.Model), loaded.Tokenizer, options.Scoring);
        var cases = unedited.WithMetConditions(loaded.Cases(options.Edits), run.Cancellation);
        using var edit = EditCell.Open(inputs.Edit);
        var before = edit is null ? null : unedited.LocalityOutputs(cases, run.Cancellation);
        using var applied = edit?.ApplyTo(loaded.Model);
        var scorer = edit is null ? unedited : new Scorer(new EditedModel(loaded.Model, edit.Module), loaded.Tokenizer, options.Scoring);
        var scores = scorer.Score(cases, before, run.Cancellation);
        CaseLines.Write(run.Output(CaseLines.Cases), scores);
        var first = scores[0].Values.Keys.First();
        var mean = scores.Average(score => score.Values.GetValueOrDefault(first));
        run.Progress.Report($"{first} {mean.ToString("P1", CultureInfo.InvariantCulture)}");
    }
}
