using Harness.Models;
using Harness.Models.Generation;

namespace Harness.Editing.Pipelines;

/// <summary>Where the old knowledge K_old comes from.</summary>
public enum OldKnowledge
{
    /// <summary>The old answers of the data set (DFT, section 5.1).</summary>
    DataSet,

    /// <summary>The unedited model's own greedy answers to the edit prompts (DFT, introduction).</summary>
    Model,
}

/// <summary>Turns edits into sequences to train on. Everything is done in token ids.</summary>
internal static class TrainingSamples
{
    /// <summary>Each prompt with its new answer.</summary>
    public static IReadOnlyList<Sequence> New(EditSession session, IReadOnlyList<EditRequest> requests, bool appendEos) =>
        [.. requests.Select(request => session.Encode(request.Prompt, request.TargetNew, appendEos))];

    /// <summary>Each prompt with its old answer.</summary>
    public static IReadOnlyList<Sequence> Old(EditSession session, IReadOnlyList<EditRequest> requests, bool appendEos) =>
        [.. requests.Select(request => session.Encode(request.Prompt, request.TargetOld, appendEos))];

    /// <summary>
    /// K_old: each prompt with what the model said before, in the order of the requests; a prompt that the model does not answer at all is
    /// left out.
    /// </summary>
    /// <param name="session">The model, as it is before these edits.</param>
    /// <param name="requests">The edits.</param>
    /// <param name="from">Where the old knowledge comes from.</param>
    /// <param name="generatedTokens">Longest generated answer.</param>
    /// <param name="appendEos">Whether the end of an answer is part of it.</param>
    public static IReadOnlyList<Sequence> Known(
        EditSession session, IReadOnlyList<EditRequest> requests, OldKnowledge from, int generatedTokens, bool appendEos) =>
        from == OldKnowledge.DataSet
            ? Old(session, requests, appendEos)
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
