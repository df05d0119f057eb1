using Harness.Editing;
using Harness.Models.Checkpoints;
using Harness.Models.Tokenizers;
using Harness.Studies.Data;
using Harness.Studies.Metrics;

namespace Harness.Studies.Cells;

/// <summary>The means of a Score cell, with what made them.</summary>
/// <param name="Protocol">Protocol of every number.</param>
/// <param name="LocalityDefinition">Definition of locality.</param>
/// <param name="Cases">Number of cases.</param>
/// <param name="Means">Mean of each of <see cref="MetricNames"/> over the cases for which it is defined.</param>
public sealed record ScoreSummary(Protocol Protocol, LocalityDefinition LocalityDefinition, int Cases, IReadOnlyDictionary<string, double> Means);

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
        var unedited = new EditedModel(model);
        cases = OldAnswers.Fill(cases, unedited, tokenizer, cancellation);
        var scoring = new ScoringOptions(options.Protocol, options.Locality, options.Generation);
        var scores = request.Inputs.ContainsKey("edit")
            ? ScoreEdited(request, unedited, tokenizer, scoring, cases, cancellation)
            : new Scorer(unedited, tokenizer, scoring).Score(cases, before: null, cancellation);

        DurableFile.WriteText(request.Output(CasesFile), string.Concat(scores.Select(score => CanonicalJson.ToText(score) + "\n")));
        var means = scores.SelectMany(score => score.Values).GroupBy(value => value.Key)
            .ToDictionary(group => group.Key, group => group.Average(value => value.Value));
        DurableFile.WriteText(
            request.Output("summary.json"),
            CanonicalJson.ToText(new ScoreSummary(options.Protocol, options.Locality, scores.Count, means)) + "\n");
        var first = options.Protocol == Protocol.NllPair ? MetricNames.EfficacyScore : MetricNames.Reliability;
        if (means.TryGetValue(first, out var mean)) progress.Report($"{first} {mean:P1}");
    }

    private static IReadOnlyList<CaseScore> ScoreEdited(
        CellRequest request, EditedModel unedited, BpeTokenizer tokenizer, ScoringOptions scoring, IReadOnlyList<EditCase> cases,
        CancellationToken cancellation)
    {
        var before = new Scorer(unedited, tokenizer, scoring).LocalityOutputs(cases, cancellation);
        using var edit = Edit.Load(Path.Combine(request.Input("edit"), EditCells.FileName));
        using var applied = edit.ApplyTo(unedited.Model);
        return new Scorer(new EditedModel(unedited.Model, edit.Module), tokenizer, scoring).Score(cases, before, cancellation);
    }
}
