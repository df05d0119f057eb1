using Harness.Editing.Pipelines;
using Harness.Models;
using Harness.Models.Generation;

namespace Harness.Editing.Arithmetic;

/// <summary>K_old: the edit prompts with what the model said before.</summary>
internal static class OldAnswers
{
    /// <summary>The samples, in the order of the requests; a prompt that the model does not answer at all is left out.</summary>
    /// <param name="session">The model, as it is before these edits.</param>
    /// <param name="requests">The edits.</param>
    /// <param name="from">Where the old knowledge comes from.</param>
    /// <param name="generatedTokens">Longest generated answer.</param>
    /// <param name="appendEos">Whether the end of an answer is part of it.</param>
    public static IReadOnlyList<Sequence> Collect(
        EditSession session, IReadOnlyList<EditRequest> requests, OldKnowledge from, int generatedTokens, bool appendEos) =>
        from == OldKnowledge.DataSet
            ? TrainingSamples.Old(session, requests, appendEos)
            : Generated(session, requests, generatedTokens, appendEos);

    private static List<Sequence> Generated(EditSession session, IReadOnlyList<EditRequest> requests, int generatedTokens, bool appendEos)
    {
        var stops = session.Tokenizer.StopIds;
        List<IReadOnlyList<int>> prompts =
            [.. requests.Select(request => (int[])[.. session.Tokenizer.Prefix, .. session.Tokenizer.EncodeToIds(request.Prompt)])];
        var answers = GreedyDecoder.Decode(session.Model, prompts, generatedTokens, ids => stops.Contains(ids[^1]));
        List<Sequence> samples = [];
        foreach (var (prompt, answer) in prompts.Zip(answers))
        {
            // Ids are used as they were generated: decoding and encoding again could change them. An answer that was cut short has no end.
            var length = answer.TakeWhile(id => !stops.Contains(id)).Count();
            int[] target = [.. answer.Take(appendEos ? length + 1 : length)];
            if (target.Length > 0)
                samples.Add(new Sequence([.. prompt, .. target], prompt.Count));
        }

        return samples.Count > 0
            ? samples
            : throw new InputException("old knowledge: the model answers no edit prompt, so it has none; set old-knowledge: data-set.");
    }
}
