// N = edits or prompts, E = embedding width, D = model width.
using System.Text.Json.Nodes;
using Harness.Editing.Memory;
using Harness.Models;
using static TorchSharp.torch;

namespace Harness.Editing.Editors.Serac;

/// <summary>SERAC: an edit is remembered in words, with its embedding; everything that is learnt is learnt before.</summary>
internal sealed class SeracEditor(SeracOptions options) : IEditor
{
    /// <summary>How the harness knows it. Texts are compared there; the paper takes an encoder of its own.</summary>
    internal static EditorDescriptor Descriptor => EditorDescriptor.Of<SeracOptions>("serac", options => new SeracEditor(options)) with
    {
        Examples = ExampleUse.Needed,
        Training = EditorTraining.Of<SeracOptions, SeracTrainingOptions>(
            options => options.Training, SeracTraining.Run),
        LoadModule = (tensors, settings) => new SeracModule(tensors, settings),
        Open = OpenOption.LayerAt("training.layer", 1, 2, "half"),
    };

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

/// <summary>Edits in words, with scope classifier and counterfactual model.</summary>
internal sealed class SeracModule : EditModule
{
    private readonly int[][] words;
    private readonly int[] prefix;
    private readonly int layer;
    private readonly int answerTokens;
    private readonly double threshold;

    /// <summary>Reads a stored module: what the training stored, "edits" [N, E] float32, and lists of ids.</summary>
    public SeracModule(IReadOnlyDictionary<string, Tensor> tensors, JsonObject settings)
        : base("serac", tensors, settings)
    {
        (words, prefix) = (IdLists.Read(tensors, "words"), IdLists.Numbers(tensors["prefix"]));
        layer = CanonicalJson.FromNode<int>(settings["layer"]);
        answerTokens = CanonicalJson.FromNode<int>(settings["answer-tokens"]);
        threshold = CanonicalJson.FromNode<double>(settings["threshold"]);
    }

    /// <summary>Embeddings of texts by the classifier.</summary>
    /// <returns>[N, E] float32 on the CPU, in the caller's dispose scope.</returns>
    public static Tensor Embed(Transformer model, IReadOnlyList<int[]> texts, int layer, Tensor projection_ED)
    {
        using var guard = no_grad();
        using var scope = NewDisposeScope();
        return PromptStates.Means(model, texts, layer).matmul(projection_ED.t()).MoveToOuterDisposeScope();
    }

    /// <inheritdoc/>
    public override IReadOnlyList<PromptRoute?> Route(Transformer model, IReadOnlyList<int[]> prompts)
    {
        if (prompts.Count == 0) return [];
        using var scope = NewDisposeScope();
        var embedded_NE = Embed(model, prompts, layer, Tensors[SeracTraining.Projection]);
        return [.. prompts.Select((prompt, i) => Route(model, prompt, embedded_NE[i]))];
    }

    /// <inheritdoc/>
    public override IDisposable Enter(Transformer model, int variant, int promptLength)
    {
        List<WeightDelta> deltas = [];
        try
        {
            foreach (var (name, value) in Tensors.Where(
                pair => pair.Key.StartsWith(SeracTraining.Counterfactual, StringComparison.Ordinal)))
            {
                var parameter = name[SeracTraining.Counterfactual.Length..name.LastIndexOf('.')];
                if (name.EndsWith(".delta", StringComparison.Ordinal))
                    deltas.Add(WeightDelta.Dense(parameter, value));
                else if (name.EndsWith(".left", StringComparison.Ordinal))
                    deltas.Add(WeightDelta.LowRank(parameter, value, Tensors[name[..^".left".Length] + ".right"]));
            }

            var own = new WeightSnapshot(model, [.. deltas.Select(delta => delta.Parameter)]);
            deltas.ForEach(delta => delta.AddTo(model.Parameter(delta.Parameter)));
            return own;
        }
        finally
        {
            deltas.ForEach(delta => delta.Dispose());
        }
    }

    /// <inheritdoc/>
    protected override IEnumerable<(string Tensor, long?[] Shape)> Shapes(Transformer model) =>
        [(SeracTraining.Projection, [null, model.Config.Width]), ("edits", [null, SizeOf(SeracTraining.Projection, 0)])];

    // The likeliest edit, where the prompt is in its scope and has room behind it.
    private PromptRoute? Route(Transformer model, int[] prompt, Tensor embedded_E)
    {
        using var scope = NewDisposeScope();
        var squares = (Tensors["edits"] - embedded_E).pow(Held(2)).sum(1L).data<float>().ToArray();
        var nearest = Array.IndexOf(squares, squares.Min());
        var bare = prompt.AsSpan().StartsWith(prefix) ? prompt[prefix.Length..] : prompt;
        int[] ids = [.. prefix, .. words[nearest], .. bare];
        return Math.Exp(-squares[nearest]) > threshold && ids.Length + answerTokens <= model.Config.MaxPositions ? new PromptRoute(1, ids)
            : null;
    }
}
