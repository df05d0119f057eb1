using Harness.Editing;
using Harness.Measuring.Data;
using Harness.Models.Tokenizers;

namespace Harness.Measuring.Metrics;

/// <summary>Old answers that a data set does not say are what the unedited model says.</summary>
public static class OldAnswers
{
    /// <summary>
    /// The cases, with the model's greedy answer (that of <see cref="Protocol.WildEm"/>: at most 32 tokens, up to a stop) where the old
    /// answer is empty. It stays empty where the model says nothing, or says the new answer.
    /// </summary>
    /// <param name="cases">The cases.</param>
    /// <param name="model">The unedited model.</param>
    /// <param name="tokenizer">Its tokenizer.</param>
    /// <param name="cancellation">Stops between steps.</param>
    public static IReadOnlyList<EditCase> Fill(
        IReadOnlyList<EditCase> cases, EditedModel model, BpeTokenizer tokenizer, CancellationToken cancellation = default)
    {
        int[] open = [.. Enumerable.Range(0, cases.Count).Where(i => cases[i].TargetOld.Length == 0)];
        if (open.Length == 0) return cases;
        var asked = open.Select(i => new Question(cases[i].Prompt, cases[i].TargetNew));
        var answers = new AnswerScorer(model, tokenizer, Protocol.WildEm).Continuations(asked, cancellation);
        var filled = cases.ToArray();
        foreach (var (i, ids) in open.Zip(answers))
        {
            var text = AnswerText.UpToStop(tokenizer.Decode(ids.Where(id => !tokenizer.StopIds.Contains(id)))).Trim();
            if (AnswerText.Normalise(text) != AnswerText.Normalise(cases[i].TargetNew)) filled[i] = cases[i] with { TargetOld = text };
        }

        return filled;
    }
}
