// N = remembered edits, D = model width.
using System.Text.Json.Nodes;
using Harness.Editing.Memory;
using Harness.Models;
using static TorchSharp.torch;

namespace Harness.Editing.Editors.MemPrompt;

/// <summary>MemPrompt: a memory M of prompts with feedback; x is asked as p; fb(x) | x, where M has a prompt like x, else as x.</summary>
internal sealed class MemPromptEditor(MemPromptOptions options) : IEditor
{
    /// <summary>How the harness knows it.</summary>
    internal static EditorDescriptor Descriptor => EditorDescriptor.Of<MemPromptOptions>(
        "memprompt", options => new MemPromptEditor(options)) with
    {
        Examples = ExampleUse.Optional,
        LoadModule = (tensors, settings) => new MemPromptModule(tensors, settings),
        Open = OpenOption.LayerAt("layer", 1, 2, "half"),
    };

    /// <inheritdoc/>
    public Edit Edit(EditSession session, IReadOnlyList<EditRequest> requests)
    {
        Layers.Check(session, "memprompt", [options.Layer], mayHaveExperts: true);
        using var guard = no_grad();
        using var scope = NewDisposeScope();
        var shots = session.Examples.Take(options.Shots).Select(example => Ids(session, Feedback(session, example.Request)
            + session.Space.Join(example.Request.Prompt, example.Request.TargetNew) + options.End)).ToList();
        List<EditRequest> remembered = [];
        foreach (var batch in requests.Chunk(options.BatchSize))
        {
            session.Cancellation.ThrowIfCancellationRequested();
            remembered.AddRange(batch.Where(request => !options.OnlyMistakes || IsMistaken(session, request)));
            if (session.AfterBatch is { } after)
            {
                using var module = Module(session, remembered, shots);
                after(batch, module);
            }

            session.Progress?.Report($"{remembered.Count} edits remembered");
            session.Cancellation.ThrowIfCancellationRequested();
        }

        return new Edit([], new Dictionary<string, double> { ["remembered"] = remembered.Count }, Module(session, remembered, shots));
    }

    private string Feedback(EditSession session, EditRequest request) =>
        session.Space.Join(request.Prompt, request.TargetNew) + options.Separator;

    private static int[] Ids(EditSession session, string text) => [.. session.Tokenizer.EncodeToIds(text)];

    // Whether any token of the new answer is not the likeliest.
    private static bool IsMistaken(EditSession session, EditRequest request)
    {
        var wanted = session.Encode(request.Prompt, request.TargetNew, appendEos: false);
        return !TeacherForcing.Run(session.Model, [wanted])[0].Argmax.AsSpan().SequenceEqual(wanted.Ids.AsSpan(wanted.TargetStart));
    }

    private MemPromptModule Module(EditSession session, List<EditRequest> remembered, List<int[]> shots)
    {
        using var scope = NewDisposeScope();
        var tensors = new Dictionary<string, Tensor>
        {
            ["prompts"] = PromptStates.Directions(
                session.Model, [.. remembered.Select(request => PromptStates.Ids(session, request.Prompt))], options.Layer)
                .DetachFromDisposeScope(),
            ["prefix"] = tensor(session.Tokenizer.Prefix.Select(id => (long)id).ToArray()).DetachFromDisposeScope(),
        };
        IdLists.Add(tensors, "feedback", [.. remembered.Select(request => Ids(session, Feedback(session, request)))]);
        IdLists.Add(tensors, "shots", shots);
        return new MemPromptModule(tensors, new JsonObject
        {
            ["layer"] = options.Layer,
            ["answer-tokens"] = options.AnswerTokens,
            ["threshold"] = options.Threshold,
        });
    }
}

/// <summary>Remembered prompts with their feedback, and the examples that stand before every feedback.</summary>
internal sealed class MemPromptModule : EditModule
{
    private readonly int[][] feedback;
    private readonly int[][] shots;
    private readonly int[] prefix;
    private readonly int layer;
    private readonly int answerTokens;
    private readonly double threshold;

    /// <summary>Reads a stored memory: "prompts", [N, D] float32, and lists of ids.</summary>
    public MemPromptModule(IReadOnlyDictionary<string, Tensor> tensors, JsonObject settings)
        : base("memprompt", tensors, settings)
    {
        (feedback, shots, prefix) =
            (IdLists.Read(tensors, "feedback"), IdLists.Read(tensors, "shots"), IdLists.Numbers(tensors["prefix"]));
        layer = CanonicalJson.FromNode<int>(settings["layer"]);
        answerTokens = CanonicalJson.FromNode<int>(settings["answer-tokens"]);
        threshold = CanonicalJson.FromNode<double>(settings["threshold"]);
    }

    /// <inheritdoc/>
    public override IReadOnlyList<PromptRoute?> Route(Transformer model, IReadOnlyList<int[]> prompts)
    {
        if (prompts.Count == 0 || feedback.Length == 0) return new PromptRoute?[prompts.Count];
        using var scope = NewDisposeScope();
        var (similarity, edit) = PromptStates.Directions(model, prompts, layer).matmul(Tensors["prompts"].t()).max(1);
        var (similarities, edits) = (similarity.data<float>().ToArray(), edit.data<long>().ToArray());
        return [.. prompts.Select((prompt, i) => similarities[i] > threshold ? With(model, feedback[edits[i]], prompt) : null)];
    }

    /// <inheritdoc/>
    protected override IEnumerable<(string Tensor, long?[] Shape)> Shapes(Transformer model) => [("prompts", [null, model.Config.Width])];

    // The first examples, as many as fit. Null where not even the feedback does: the prompt is then asked as it is.
    private PromptRoute? With(Transformer model, int[] words, int[] prompt)
    {
        var bare = prompt.AsSpan().StartsWith(prefix) ? prompt[prefix.Length..] : prompt;
        var room = model.Config.MaxPositions - answerTokens - prefix.Length - words.Length - bare.Length;
        return room < 0 ? null : new PromptRoute(
            0, [.. prefix, .. shots.TakeWhile(shot => (room -= shot.Length) >= 0).SelectMany(shot => shot), .. words, .. bare]);
    }
}
