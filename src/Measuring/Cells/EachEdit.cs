using Harness.Editing;
using Harness.Measuring.Data;
using Harness.Measuring.Metrics;

namespace Harness.Measuring.Cells;

/// <summary>
/// Scores cases right after their edits. Each case is asked alone, before all edits and after its own, so that both come from the same
/// batches.
/// </summary>
internal sealed class EachEdit
{
    private readonly EditorRun run;
    private readonly ScoringOptions options;
    private readonly Dictionary<int, EditCase> cases;
    private readonly Dictionary<int, IReadOnlyList<int[]>> before;
    private readonly SortedDictionary<int, CaseScore> scores = [];

    /// <summary>Asks the unedited model what the cases' edits must not touch, and what their tests rest on.</summary>
    public EachEdit(EditorRun run, ScoringOptions options, IReadOnlyList<EditCase> cases)
    {
        (this.run, this.options) = (run, options);
        var unedited = new Scorer(new EditedModel(run.Model), run.Tokenizer, options);
        this.cases = unedited.WithMetConditions(cases).ToDictionary(edit => edit.Id);
        before = cases.ToDictionary(edit => edit.Id, edit => unedited.LocalityOutputs([edit]));
    }

    /// <summary>Scores the cases of a batch on the model as it is now.</summary>
    /// <param name="batch">The edits that were just made.</param>
    /// <param name="module">What is kept beside the weights so far.</param>
    public void Score(IReadOnlyList<EditRequest> batch, EditModule? module)
    {
        using var attached = module?.Attach(run.Model);
        ScoreNow(batch.Select(request => request.Id), module);
    }

    /// <summary>Scores cases whose edits are applied to the model.</summary>
    /// <param name="requests">The edits.</param>
    /// <param name="module">What is kept beside the weights, attached already.</param>
    public void ScoreApplied(IEnumerable<EditRequest> requests, EditModule? module) =>
        ScoreNow(requests.Select(request => request.Id), module);

    /// <summary>
    /// All scores in case order. Cases that no batch held were edited all at once: they are scored now, with the whole edit applied.
    /// </summary>
    public IReadOnlyList<CaseScore> Finish(EditModule? module)
    {
        ScoreNow(cases.Keys.Except(scores.Keys).Order().ToList(), module);
        return [.. scores.Values];
    }

    private void ScoreNow(IEnumerable<int> ids, EditModule? module)
    {
        var scorer = new Scorer(new EditedModel(run.Model, module), run.Tokenizer, options);
        foreach (var id in ids)
            scores[id] = scorer.Score([cases[id]], before[id])[0];
    }
}
