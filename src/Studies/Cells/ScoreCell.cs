using Harness.Editing;
using Harness.Models;
using Harness.Models.Checkpoints;
using Harness.Studies.Data;
using Harness.Studies.Metrics;

namespace Harness.Studies.Cells;

/// <summary>The means of a Score cell, in [0, 1], with what made them.</summary>
/// <param name="Protocol">Protocol of reliability and generality.</param>
/// <param name="LocalityDefinition">Definition of locality.</param>
/// <param name="Cases">Number of cases.</param>
/// <param name="Reliability">Mean reliability.</param>
/// <param name="Generality">Mean generality over the cases that have rephrasings.</param>
/// <param name="Locality">Mean locality over the cases that have locality questions; null for the unedited model.</param>
public sealed record ScoreSummary(
    Protocol Protocol, LocalityDefinition LocalityDefinition, int Cases, double Reliability, double? Generality, double? Locality);

/// <summary>Score cells: one line per case.</summary>
public static class ScoreCell
{
    private const string CasesFile = "cases.jsonl";

    /// <summary>The lines of a finished Score cell, in case order.</summary>
    public static IReadOnlyList<CaseScore> Read(string folder) => [.. File.ReadLines(Path.Combine(folder, CasesFile)).Select(CanonicalJson.FromText<CaseScore>)];

    internal static void Run(CellRequest request, IProgress<string> progress, CancellationToken cancellation)
    {
        var options = request.OptionsAs<ScoreOptions>();
        var cases = FactDataFolder.Read(request.Input("dataset")).Cases;
        var (model, tokenizer) = request.LoadModel(progress);
        using var loaded = model;
        var scorer = new Scorer(model, tokenizer, options.Protocol);
        var scores = request.Inputs.ContainsKey("edit") ? ScoreEdited(request, scorer, model, cases, cancellation) : scorer.Score(cases, before: null, cancellation);

        DurableFile.WriteText(request.Output(CasesFile), string.Concat(scores.Select(score => CanonicalJson.ToText(score) + "\n")));
        var summary = new ScoreSummary(
            options.Protocol, options.Locality, scores.Count, scores.Average(score => score.Reliability),
            scores.Average(score => score.Generality), scores.Average(score => score.Locality));
        DurableFile.WriteText(request.Output("summary.json"), CanonicalJson.ToText(summary) + "\n");
        progress.Report($"reliability {summary.Reliability:P1}");
    }

    private static IReadOnlyList<CaseScore> ScoreEdited(
        CellRequest request, Scorer scorer, Transformer model, IReadOnlyList<EditCase> cases, CancellationToken cancellation)
    {
        var before = scorer.LocalityOutputs(cases);
        using var edit = Edit.Load(Path.Combine(request.Input("edit"), EditCells.FileName));
        using var applied = edit.ApplyTo(model);
        return scorer.Score(cases, before, cancellation);
    }
}
