// N = edits, M = facts that are not edited, D = model width.
using System.Text.Json.Nodes;
using Harness.Editing.Memory;
using Harness.Models;
using static TorchSharp.torch;

namespace Harness.Editing.Editors.Ike;

/// <summary>IKE: for each edit the demonstrations and the line that are put before a prompt.</summary>
internal sealed class IkeEditor(IkeOptions options) : IEditor
{
    /// <summary>How the harness knows it. Texts are compared there; the paper takes an encoder of its own.</summary>
    internal static EditorDescriptor Descriptor => EditorDescriptor.Of<IkeOptions>("ike", options => new IkeEditor(options)) with
    {
        Examples = ExampleUse.Optional,
        LoadModule = (tensors, settings) => new IkeModule(tensors, settings),
        Open = OpenOption.LayerAt("layer", 1, 2, "half"),
    };

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

/// <summary>What a demonstration shows of a new fact.</summary>
internal enum DemonstrationKind
{
    /// <summary>That its own prompt is answered with it.</summary>
    Copy,

    /// <summary>That a rephrasing is answered with it.</summary>
    Update,

    /// <summary>That another prompt is answered as before.</summary>
    Retain,
}

/// <summary>The texts of demonstrations.</summary>
internal static class Demonstration
{
    /// <summary>A fact as a sentence.</summary>
    public static string Fact(TargetSpace space, EditRequest request) => space.Join(request.Prompt, request.TargetNew);

    /// <summary>The prompt and answer of a kind; where a fact has no rephrasing or no other prompt, its copy.</summary>
    public static string Line(TargetSpace space, EditExample example, DemonstrationKind kind, SeededRandom random)
    {
        if (kind == DemonstrationKind.Update && example.Rephrases.Count > 0)
            return space.Join(random.Pick(example.Rephrases), example.Request.TargetNew);
        if (kind != DemonstrationKind.Retain || example.Locality.Count == 0)
            return Fact(space, example.Request);
        var (prompt, answer) = random.Pick(example.Locality);
        return space.Join(prompt, answer);
    }

    /// <summary>As many kinds as demonstrations, in the wanted proportion, begun again until there are enough.</summary>
    public static DemonstrationKind[] Kinds(IkeOptions options)
    {
        DemonstrationKind[] round =
        [
            .. Enumerable.Repeat(DemonstrationKind.Copy, options.Copies),
            .. Enumerable.Repeat(DemonstrationKind.Update, options.Updates),
            .. Enumerable.Repeat(DemonstrationKind.Retain, options.Retains),
        ];
        return [.. Enumerable.Range(0, options.Demonstrations).Select(i => round[i % round.Length])];
    }
}

/// <summary>What IKE gathers, edit by edit.</summary>
internal sealed class IkeMemory
{
    /// <summary>Ids that the tokenizer puts before every text.</summary>
    public required int[] Prefix { get; init; }

    /// <summary>Each edit prompt's direction, D numbers.</summary>
    public List<float[]> Prompts { get; } = [];

    /// <summary>Ids of each edit's line, up to the asked prompt.</summary>
    public List<int[]> Headers { get; } = [];

    /// <summary>Numbers of each edit's demonstrations, those that matter most first.</summary>
    public List<int[]> Choices { get; } = [];

    /// <summary>Ids of each demonstration.</summary>
    public List<int[]> Demonstrations { get; } = [];

    /// <summary>Number of each demonstration by its text.</summary>
    public Dictionary<string, int> Numbers { get; } = [];
}

/// <summary>Demonstrations and edits in words: a prompt is asked behind those of the edit whose own prompt is nearest.</summary>
internal sealed class IkeModule : EditModule
{
    private readonly int[][] headers;
    private readonly int[][] choices;
    private readonly int[][] demonstrations;
    private readonly int[] prefix;
    private readonly int layer;
    private readonly int answerTokens;
    private readonly double threshold;

    /// <summary>Reads a stored memory: "prompts", [N, D] float32, and lists of ids.</summary>
    public IkeModule(IReadOnlyDictionary<string, Tensor> tensors, JsonObject settings)
        : base("ike", tensors, settings)
    {
        (headers, choices) = (IdLists.Read(tensors, "headers"), IdLists.Read(tensors, "choices"));
        (demonstrations, prefix) = (IdLists.Read(tensors, "demonstrations"), IdLists.Numbers(tensors["prefix"]));
        layer = CanonicalJson.FromNode<int>(settings["layer"]);
        answerTokens = CanonicalJson.FromNode<int>(settings["answer-tokens"]);
        threshold = CanonicalJson.FromNode<double>(settings["threshold"]);
    }

    /// <summary>Stores what was gathered; at least one edit.</summary>
    public static IkeModule Of(IkeMemory memory, IkeOptions options)
    {
        var tensors = new Dictionary<string, Tensor>
        {
            ["prompts"] = tensor(memory.Prompts.SelectMany(row => row).ToArray(), [memory.Prompts.Count, memory.Prompts[0].Length])
                .DetachFromDisposeScope(),
            ["prefix"] = tensor(Array.ConvertAll(memory.Prefix, id => (long)id)).DetachFromDisposeScope(),
        };
        IdLists.Add(tensors, "headers", memory.Headers);
        IdLists.Add(tensors, "choices", memory.Choices);
        IdLists.Add(tensors, "demonstrations", memory.Demonstrations);
        return new IkeModule(tensors, new JsonObject
        {
            ["layer"] = options.Layer,
            ["answer-tokens"] = options.AnswerTokens,
            ["threshold"] = options.Threshold,
        });
    }

    /// <inheritdoc/>
    public override IReadOnlyList<PromptRoute?> Route(Transformer model, IReadOnlyList<int[]> prompts)
    {
        if (prompts.Count == 0) return [];
        using var scope = NewDisposeScope();
        var (similarity, edit) = PromptStates.Directions(model, prompts, layer).matmul(Tensors["prompts"].t()).max(1);
        var (similarities, edits) = (similarity.data<float>().ToArray(), edit.data<long>().ToArray());
        return [.. prompts.Select(
            (prompt, i) => similarities[i] >= threshold ? Behind(model.Config.MaxPositions, (int)edits[i], prompt) : null)];
    }

    /// <summary>How many demonstrations fit before an edit's line and a prompt of some ids; −1 where not even the line does.</summary>
    public int Fitting(int positions, int edit, int promptIds)
    {
        var room = positions - answerTokens - prefix.Length - headers[edit].Length - promptIds;
        return room < 0 ? -1 : choices[edit].TakeWhile(choice => (room -= demonstrations[choice].Length) >= 0).Count();
    }

    /// <inheritdoc/>
    protected override IEnumerable<(string Tensor, long?[] Shape)> Shapes(Transformer model) => [("prompts", [null, model.Config.Width])];

    // What matters most stands nearest to the prompt. Null where the line has no room: the prompt is then asked as it is.
    private PromptRoute? Behind(int positions, int edit, int[] prompt)
    {
        var bare = prompt.AsSpan().StartsWith(prefix) ? prompt[prefix.Length..] : prompt;
        var count = Fitting(positions, edit, bare.Length);
        return count < 0 ? null : new PromptRoute(0, [
            .. prefix, .. choices[edit].Take(count).Reverse().SelectMany(choice => demonstrations[choice]), .. headers[edit], .. bare]);
    }
}
