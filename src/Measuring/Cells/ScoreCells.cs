using System.Diagnostics;
using System.Globalization;
using Harness.Editing;
using Harness.Measuring.Capability;
using Harness.Measuring.Capability.Tasks;
using Harness.Measuring.Metrics;

namespace Harness.Measuring.Cells;

/// <summary>Cells that measure: Score, Capability and Timing.</summary>
internal static class ScoreCells
{
    public static void Run(CellRequest request, IProgress<string> progress, CancellationToken cancellation)
    {
        using var run = new EditorRun(request, progress, cancellation);
        switch (request.Kind)
        {
            case CellKind.Capability: Probe(request, run, progress, cancellation); break;
            case CellKind.Timing: Time(request, run, progress); break;
            default: Score(request, run, progress, cancellation); break;
        }
    }

    private static void Score(CellRequest request, EditorRun run, IProgress<string> progress, CancellationToken cancellation)
    {
        var options = request.OptionsAs<ScoreOptions>();
        var cases = run.Cases(options.Edits);
        var unedited = new Scorer(new EditedModel(run.Model), run.Tokenizer, options.Scoring);
        IReadOnlyList<CaseScore> scores;
        if (OpenEdit(request) is { } edit)
        {
            using var opened = edit;
            var before = unedited.LocalityOutputs(cases, cancellation);
            using var applied = edit.ApplyTo(run.Model);
            scores = new Scorer(new EditedModel(run.Model, edit.Module), run.Tokenizer, options.Scoring).Score(cases, before, cancellation);
        }
        else
        {
            scores = unedited.Score(cases, before: null, cancellation);
        }

        CaseLines.Write(request.Output(CaseLines.Cases), scores);
        var first = scores[0].Values.Keys.First();
        var mean = scores.Average(score => score.Values.GetValueOrDefault(first));
        progress.Report($"{first} {mean.ToString("P1", CultureInfo.InvariantCulture)}");
    }

    private static void Probe(CellRequest request, EditorRun run, IProgress<string> progress, CancellationToken cancellation)
    {
        var tasks = request.OptionsAs<CapabilityOptions>().Tasks is { } planned ? TaskFolder.Find(TaskFolder.Current(), planned) : [];
        using var edit = OpenEdit(request);
        var probes = new CapabilityProbes(run.Tokenizer, run.Data.Probes, run.Data.HeldOut);

        // The unedited model has nothing to be compared with.
        using var before = edit is null ? null : probes.Before(run.Model, cancellation);
        using var applied = edit?.ApplyTo(run.Model);
        var model = new EditedModel(run.Model, edit?.Module);
        var series = probes.Ask(model, before, cancellation).ToDictionary();
        foreach (var task in tasks)
        {
            progress.Report($"task {task.Name}");
            series[TaskFolder.Prefix + task.Name] = TaskScorer.Run(model, run.Tokenizer, task, cancellation);
        }

        ItemSeries.Write(request.Output(ItemSeries.FileName), series);
    }

    // Round after round, each row once: what the machine does meanwhile meets all of them alike.
    private static void Time(CellRequest request, EditorRun run, IProgress<string> progress)
    {
        var options = request.OptionsAs<TimingOptions>();
        var rounds = new List<CaseScore>();

        // The first edit of an editor compiles its code and loads kernels: it is not timed.
        foreach (var first in options.Rows.GroupBy(row => row.Editor).Select(rows => rows.MinBy(row => row.Edits)!))
            RunOnce(run, first, progress, "warming up");
        for (var round = 0; round < options.Rounds; round++)
        {
            var seconds = new Dictionary<string, double>(StringComparer.Ordinal);
            foreach (var row in options.Rows)
                seconds[row.Name] = RunOnce(run, row, progress, $"round {round + 1}/{options.Rounds}");

            rounds.Add(new CaseScore(round, seconds));
        }

        CaseLines.Write(request.Output(CaseLines.Times), rounds);
    }

    private static double RunOnce(EditorRun run, TimedRow row, IProgress<string> progress, string what)
    {
        progress.Report($"{what}: {row.Name}");
        EditRequest[] requests = [.. run.Cases(row.Edits).Select(EditorRun.Request)];
        var editor = EditorRun.Editor(row.Editor, row.Options);
        var watch = Stopwatch.StartNew();
        using var edit = editor.Edit(run.Session(trainingRole: $"training/{row.Name}"), requests);
        return watch.Elapsed.TotalSeconds;
    }

    private static Edit? OpenEdit(CellRequest request) =>
        request.Inputs.TryGetValue("edit", out var folder) ? Edit.Load(Path.Combine(folder, EditCells.FileName)) : null;
}
