using System.Globalization;
using Harness.Editing;
using Harness.Measuring.Capability;
using Harness.Measuring.Statistics;
using Harness.Models.Checkpoints;

namespace Harness.Measuring.Cells;

/// <summary>Cells that work with editors: Statistics, Training, Edit and SingleEdits.</summary>
internal static class EditCells
{
    /// <summary>An edit.</summary>
    public const string FileName = "edit.safetensors";

    public static void Run(CellRequest request, IProgress<string> progress, CancellationToken cancellation)
    {
        using var run = new EditorRun(request, progress, cancellation);
        switch (request.Kind)
        {
            case CellKind.Statistics: Collect(request, run, progress, cancellation); break;
            case CellKind.Training: Train(request, run); break;
            case CellKind.SingleEdits: RunSingle(request, run, progress); break;
            default: RunEditor(request, run, progress); break;
        }
    }

    private static void Collect(CellRequest request, EditorRun run, IProgress<string> progress, CancellationToken cancellation)
    {
        var options = request.OptionsAs<StatisticsOptions>();
        // A published model knows running text; only one that was trained here needs the facts that it was trained on.
        var corpus = ModelFolder.IsImported(request.Input("model")) && run.Data.Texts.Count > 0 ? run.Data with { Knowledge = [] }
            : run.Data;
        using var moments =
            KeyMoments.Collect(run.Model, run.Tokenizer, corpus, options.Layers, options.Tokens, request.Seed, progress, cancellation);
        moments.Save(request.Output(EditorRun.StatisticsFile));
    }

    private static void Train(CellRequest request, EditorRun run)
    {
        var options = request.OptionsAs<EditorTrainingOptions>();
        var training = EditorRegistry.Find(options.Editor).Training
            ?? throw new InputException(
                $"editor '{options.Editor}': found a cell that trains it, expected none: it learns nothing before it edits");
        training.Run(EditorRun.Options(options.Options, training.OptionsType), run.Session(), request.Output(EditorRun.TrainingFile));
    }

    private static void RunEditor(CellRequest request, EditorRun run, IProgress<string> progress)
    {
        var options = request.OptionsAs<EditOptions>();
        var cases = run.Cases(options.Edits);
        var each = options.Each is { } scoring ? new EachEdit(run, scoring, cases) : null;
        using var edit = EditorRun.Editor(options.Editor, options.Options)
            .Edit(run.Session(each is null ? null : each.Score), [.. cases.Select(EditorRun.Request)]);
        edit.Save(request.Output(FileName));
        if (each is not null)
        {
            using var applied = edit.ApplyTo(run.Model);
            CaseLines.Write(request.Output(CaseLines.Each), each.Finish(edit.Module));
        }

        ItemSeries.Write(request.Output(CaseLines.Change), WeightChange.Of(edit, run.Model));
        var figures = edit.Figures.OrderBy(pair => pair.Key, StringComparer.Ordinal).ToDictionary();
        DurableFile.WriteText(request.Output("edit.json"), CanonicalJson.ToText(figures) + "\n");
        progress.Report(string.Create(CultureInfo.InvariantCulture, $"{edit.Deltas.Count} weight deltas"));
    }

    private static void RunSingle(CellRequest request, EditorRun run, IProgress<string> progress)
    {
        var options = request.OptionsAs<SingleEditsOptions>();
        var cases = run.Cases(options.Edits);
        var each = new EachEdit(run, options.Scoring, cases);
        var editor = EditorRun.Editor(options.Editor, options.Options);
        for (var i = 0; i < cases.Count; i++)
        {
            var alone = EditorRun.Request(cases[i]);
            using var edit = editor.Edit(run.Session(), [alone]);
            using (edit.ApplyTo(run.Model))
                each.ScoreApplied(alone, edit.Module);
            progress.Report(string.Create(CultureInfo.InvariantCulture, $"edit {i + 1}/{cases.Count}"));
        }

        CaseLines.Write(request.Output(CaseLines.Cases), each.Finish(null));
    }
}
