using Harness.Editing.Pipelines;
using Harness.Models;
using Harness.Models.Generation;

namespace Harness.Editing.Arithmetic;

/// <summary>K_old: the edit prompts with what the model said before.</summary>
internal static class OldAnswers
{
    /// <summary>The samples, in the order of the requests; a prompt that the model does not answer at all is left out.</summary>
    public static IReadOnlyList<Sequence> Collect(EditSession session, IReadOnlyList<EditRequest> requests, DftOptions options) =>
        options.OldKnowledge == OldKnowledge.DataSet
            ? TrainingSamples.Old(session, requests, options.AppendEos)
            : Generated(session, requests, options);

    private static List<Sequence> Generated(EditSession session, IReadOnlyList<EditRequest> requests, DftOptions options)
    {
        var stops = session.Tokenizer.StopIds;
        List<IReadOnlyList<int>> prompts =
            [.. requests.Select(request => (int[])[.. session.Tokenizer.Prefix, .. session.Tokenizer.EncodeToIds(request.Prompt)])];
        var answers = GreedyDecoder.Decode(session.Model, prompts, options.GeneratedTokens, ids => stops.Contains(ids[^1]));
        List<Sequence> samples = [];
        foreach (var (prompt, answer) in prompts.Zip(answers))
        {
            // Ids are used as they were generated: decoding and encoding again could change them. An answer that was cut short has no end.
            var length = answer.TakeWhile(id => !stops.Contains(id)).Count();
            int[] target = [.. answer.Take(options.AppendEos ? length + 1 : length)];
            if (target.Length > 0)
                samples.Add(new Sequence([.. prompt, .. target], prompt.Count));
        }

        return samples.Count > 0
            ? samples
            : throw new InputException("DFT: the model answers no edit prompt, so it has no old knowledge; set old-knowledge: data-set.");
    }
}
