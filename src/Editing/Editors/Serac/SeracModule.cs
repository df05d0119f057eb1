// N = edits or prompts, E = embedding width, D = model width.
using System.Text.Json.Nodes;
using Harness.Editing.Memory;
using Harness.Models;
using static TorchSharp.torch;

namespace Harness.Editing.Editors.Serac;

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
