// N = edits, E = embedding width.
using System.Text.Json.Nodes;
using Harness.Editing.Memory;
using static TorchSharp.torch;

namespace Harness.Editing.Editors.Serac;

/// <summary>SERAC: an edit is remembered in words, with its embedding; everything that is learnt is learnt before.</summary>
internal sealed class SeracEditor(SeracOptions options) : IEditor
{
    /// <inheritdoc/>
    public Edit Edit(EditSession session, IReadOnlyList<EditRequest> requests)
    {
        using var guard = no_grad();
        using var scope = NewDisposeScope();
        var (trained, layer, separator) = SeracTraining.Load(session);
        try
        {
            Layers.Check(session, "serac", [layer], mayHaveExperts: true);
            var (words, edits) = (new List<int[]>(), new List<Tensor>());
            foreach (var batch in requests.Chunk(options.BatchSize))
            {
                session.Cancellation.ThrowIfCancellationRequested();
                words.AddRange(batch.Select(request => SeracTraining.Words(session, request, separator)));
                edits.AddRange(batch.Select(request =>
                    SeracModule.Embed(session.Model, [PromptStates.Ids(session, request.Prompt)], layer,
                        trained[SeracTraining.Projection])));
                if (session.AfterBatch is { } after)
                {
                    using var module = Module(session, trained, layer, words, edits);
                    after(batch, module);
                }

                session.Progress?.Report($"edit {words.Count}/{requests.Count}");
                session.Cancellation.ThrowIfCancellationRequested();
            }

            var room = session.Model.Config.MaxPositions - options.AnswerTokens - session.Tokenizer.Prefix.Count;
            var lacking = requests.Zip(words)
                .Count(pair => pair.Second.Length + session.Tokenizer.EncodeToIds(pair.First.Prompt).Count > room);
            return new Edit([], new Dictionary<string, double> { ["without-room"] = lacking },
                Module(session, trained, layer, words, edits));
        }
        finally
        {
            foreach (var one in trained.Values)
                one.Dispose();
        }
    }

    private SeracModule Module(EditSession session, Dictionary<string, Tensor> trained, int layer, List<int[]> words, List<Tensor> edits)
    {
        var tensors = trained.ToDictionary(pair => pair.Key, pair => pair.Value.clone().DetachFromDisposeScope());
        tensors.Add("edits", cat(edits).DetachFromDisposeScope());
        tensors.Add("prefix", tensor(session.Tokenizer.Prefix.Select(id => (long)id).ToArray()).DetachFromDisposeScope());
        IdLists.Add(tensors, "words", words);
        return new SeracModule(tensors, new JsonObject
        {
            ["layer"] = layer,
            ["answer-tokens"] = options.AnswerTokens,
            ["threshold"] = options.Threshold,
        });
    }
}
