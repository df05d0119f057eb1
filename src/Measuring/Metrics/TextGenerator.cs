using Harness.Editing;
using Harness.Measuring.Data;
using Harness.Models.Tokenizers;

namespace Harness.Measuring.Metrics;

/// <summary>
/// Lets a model write about the subjects of cases. Texts are greedy, where ROME and MEMIT sample among the five likeliest tokens, and, as
/// theirs, go on past an end-of-text token.
/// </summary>
/// <param name="model">The model as it stands.</param>
/// <param name="tokenizer">Its tokenizer.</param>
/// <param name="tokens">As in <see cref="ScoringOptions.GenerationTokens"/>.</param>
internal sealed class TextGenerator(EditedModel model, BpeTokenizer tokenizer, int tokens)
{
    /// <summary>
    /// Texts of each case, prompts included, one for each generation prompt, or one for the edit prompt where there are none.
    /// </summary>
    public IReadOnlyList<IReadOnlyList<string>> Write(IReadOnlyList<EditCase> cases, CancellationToken cancellation)
    {
        var length = Math.Min(tokens, model.Model.Config.MaxPositions);
        var prompts = cases.Select(edit => edit.GenerationPrompts.Count > 0 ? edit.GenerationPrompts : [edit.Prompt]).ToList();
        IReadOnlyList<int>[] ids =
            [.. prompts.SelectMany(list => list)
                .Select(prompt => (IReadOnlyList<int>)[.. tokenizer.Prefix, .. tokenizer.EncodeToIds(prompt)])];
        if (ids.Length == 0) return [];

        // All in one call with the room of the shortest prompt; longer ones are cut to theirs.
        var answers = model.Decode(ids, Math.Max(1, length - ids.Min(prompt => prompt.Count)), _ => false, cancellation);
        var next = 0;
        return [.. prompts.Select(
            list => list.Select(prompt => Text(prompt, answers[next], Math.Max(1, length - ids[next++].Count))).ToList())];
    }

    private string Text(string prompt, IReadOnlyList<int> answer, int room) => prompt + tokenizer.Decode(
        answer.Take(room).Where(id => id < tokenizer.VocabularySize && !tokenizer.StopIds.Contains(id)));
}
