// N = edits, M = facts that are not edited, D = model width.
using Harness.Editing.Memory;
using static TorchSharp.torch;

namespace Harness.Editing.Editors.Ike;

/// <summary>IKE: for each edit the demonstrations and the line that are put before a prompt.</summary>
internal sealed class IkeEditor(IkeOptions options) : IEditor
{
    /// <inheritdoc/>
    public Edit Edit(EditSession session, IReadOnlyList<EditRequest> requests)
    {
        Layers.Check(session, "ike", [options.Layer], mayHaveExperts: true);
        using var guard = no_grad();
        using var scope = NewDisposeScope();
        var facts_MD = session.Examples.Count == 0
            ? null
            : PromptStates.Directions(
                session.Model, [.. session.Examples.Select(
                    example => PromptStates.Ids(session, Demonstration.Fact(session.Space, example.Request)))], options.Layer);
        var memory = new IkeMemory { Prefix = [.. session.Tokenizer.Prefix] };
        foreach (var batch in requests.Chunk(options.BatchSize))
        {
            session.Cancellation.ThrowIfCancellationRequested();
            foreach (var request in batch)
                Remember(session, request, facts_MD, memory);
            if (session.AfterBatch is { } after)
            {
                using var module = IkeModule.Of(memory, options);
                after(batch, module);
            }

            session.Progress?.Report($"edit {memory.Headers.Count}/{requests.Count}");
            session.Cancellation.ThrowIfCancellationRequested();
        }

        var result = IkeModule.Of(memory, options);
        var fitted = requests.Select((request, edit) =>
            result.Fitting(session.Model.Config.MaxPositions, edit, session.Tokenizer.EncodeToIds(request.Prompt).Count)).ToList();
        return new Edit([], new Dictionary<string, double>
        {
            ["demonstrations"] = fitted.Average(count => Math.Max(count, 0)),
            ["without-room"] = fitted.Count(count => count < 0),
        }, result);
    }

    private void Remember(EditSession session, EditRequest request, Tensor? facts_MD, IkeMemory memory)
    {
        using var scope = NewDisposeScope();
        var fact = Demonstration.Fact(session.Space, request);
        memory.Prompts.Add(Row(request.Prompt));
        memory.Headers.Add([.. session.Tokenizer.EncodeToIds($"{options.FactLabel}{fact}{options.PromptLabel}")]);
        List<int> choices = [];
        if (options.CopyOfEdit)
            choices.Add(Take(fact, fact));

        // The most similar first. Each rank has a kind; the kinds are shuffled, so that no kind keeps the best places.
        if (facts_MD is not null && options.Demonstrations > 0)
        {
            var similarity_M = facts_MD.matmul(tensor(Row(fact))).data<float>().ToArray();
            var random = new SeededRandom(session.Seed, $"ike/{request.Id}/{request.Prompt}");
            var kinds = Demonstration.Kinds(options);
            random.Shuffle(kinds);
            var ranked = Enumerable.Range(0, similarity_M.Length).OrderByDescending(i => similarity_M[i]).ThenBy(i => i);
            foreach (var (example, kind) in ranked.Zip(kinds))
                choices.Add(Take(Demonstration.Fact(session.Space, session.Examples[example].Request),
                    Demonstration.Line(session.Space, session.Examples[example], kind, random)));
        }

        memory.Choices.Add([.. choices]);

        float[] Row(string text) =>
            PromptStates.Directions(session.Model, [PromptStates.Ids(session, text)], options.Layer).data<float>().ToArray();

        int Take(string newFact, string line)
        {
            var text = $"{options.FactLabel}{newFact}{options.PromptLabel}{line}{options.End}";
            if (memory.Numbers.TryGetValue(text, out var number)) return number;
            memory.Demonstrations.Add([.. session.Tokenizer.EncodeToIds(text)]);
            return memory.Numbers[text] = memory.Demonstrations.Count - 1;
        }
    }
}
