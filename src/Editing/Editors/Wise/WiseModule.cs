// O = model width, I = MLP width, N = prompts, T = positions.
using System.Text.Json.Nodes;
using Harness.Editing.Memory;
using Harness.Models;
using static TorchSharp.torch;

namespace Harness.Editing.Editors.Wise;

/// <summary>A side memory: what is added to one down-projection for the prompts whose activation distance exceeds the threshold.</summary>
internal sealed class WiseModule : EditModule
{
    private const string Delta = "delta";
    private readonly int layer;
    private readonly double threshold;
    private readonly WisePooling pooling;

    /// <summary>Reads a stored memory: "delta", W' − W, [O, I] float32.</summary>
    public WiseModule(IReadOnlyDictionary<string, Tensor> tensors, JsonObject settings)
        : base("wise", tensors, settings)
    {
        layer = CanonicalJson.FromNode<int>(settings["layer"]);
        threshold = CanonicalJson.FromNode<double>(settings["threshold"]);
        pooling = CanonicalJson.FromNode<WisePooling>(settings["pooling"]);
    }

    /// <summary>Stores a merged change.</summary>
    /// <param name="delta_OI">Copied; stays the caller's.</param>
    /// <param name="threshold">Distance above which it answers.</param>
    /// <param name="options">Layer and pooling.</param>
    public static WiseModule Of(Tensor delta_OI, double threshold, WiseOptions options) => new(
        new Dictionary<string, Tensor> { [Delta] = delta_OI.detach().cpu().clone().DetachFromDisposeScope() },
        new JsonObject { ["layer"] = options.Layer, ["threshold"] = threshold, ["pooling"] = CanonicalJson.ToNode(options.Pooling) });

    /// <inheritdoc/>
    public override IReadOnlyList<PromptRoute?> Route(Transformer model, IReadOnlyList<int[]> prompts)
    {
        using var scope = NewDisposeScope();
        var distances = ActivationDistance.Of(model, prompts, layer, pooling, Tensors[Delta].to(model.Device));
        return [.. prompts.Zip(distances, (prompt, distance) => distance > threshold ? new PromptRoute(1, prompt) : null)];
    }

    /// <inheritdoc/>
    public override IDisposable Enter(Transformer model, int variant, int promptLength)
    {
        var name = Sites.DownProjection(layer);
        var own = new WeightSnapshot(model, [name]);
        using var delta = WeightDelta.Dense(name, Tensors[Delta]);
        delta.AddTo(model.Parameter(name));
        return own;
    }

    /// <inheritdoc/>
    protected override IEnumerable<(string Tensor, long?[] Shape)> Shapes(Transformer model) =>
        [(Delta, [.. model.ShapeOf(Sites.DownProjection(layer)).Select(size => (long?)size)])];
}

/// <summary>
/// Δ_act of prompts: how far a change of a down-projection moves its outputs, ‖Δ a‖ over a prompt's inputs a (WISE, eq. 3).
/// </summary>
internal sealed class ActivationDistance : IDisposable
{
    // The root of a sum of squares has no slope at 0, where training starts.
    private const double Smallest = 1e-12;
    private readonly List<Tensor> keys_NTI = [];
    private readonly WisePooling pooling;
    private readonly Tensor order_N;

    /// <summary>Reads the down-projection's inputs at every position of some prompts, which it keeps until it is disposed.</summary>
    public ActivationDistance(Transformer model, IReadOnlyList<int[]> prompts, int layer, WisePooling pooling)
    {
        this.pooling = pooling;
        using var guard = no_grad();
        using var scope = NewDisposeScope();
        List<long> places = [];
        foreach (var rows in PromptStates.SameLengths(prompts))
        {
            keys_NTI.Add(Keys(model, PromptStates.Tokens(model, [.. rows.Select(row => prompts[row])]), layer).DetachFromDisposeScope());
            places.AddRange(rows.Select(row => (long)row));
        }

        var order = new long[places.Count];
        for (var i = 0; i < order.Length; i++)
            order[places[i]] = i;
        order_N = tensor(order, device: model.Device).DetachFromDisposeScope();
    }

    /// <summary>Distances of all prompts under a change, without keeping anything.</summary>
    /// <returns>One for each, in the order given.</returns>
    public static float[] Of(Transformer model, IReadOnlyList<int[]> prompts, int layer, WisePooling pooling, Tensor delta_OI)
    {
        if (prompts.Count == 0) return [];
        using var scope = NewDisposeScope();
        return PromptStates.Read(
            model, prompts, 1, tokens_NT => Pool(Keys(model, tokens_NT, layer), delta_OI, pooling).unsqueeze(1)).data<float>().ToArray();
    }

    /// <summary>Distances under a change, with a graph to it.</summary>
    /// <param name="delta_OI">[O, I] float32.</param>
    /// <returns>[N] float32 in the order of the prompts, in the caller's dispose scope.</returns>
    public Tensor Under(Tensor delta_OI)
    {
        using var scope = NewDisposeScope();
        return cat([.. keys_NTI.Select(keys => Pool(keys, delta_OI, pooling))]).index_select(0, order_N).MoveToOuterDisposeScope();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        keys_NTI.ForEach(keys => keys.Dispose());
        order_N.Dispose();
    }

    private static Tensor Pool(Tensor keys_NTI, Tensor delta_OI, WisePooling pooling)
    {
        var distances_NT = nn.functional.linear(keys_NTI, delta_OI).pow(Held(2)).sum(2L).Plus(Held(Smallest)).sqrt();
        return pooling == WisePooling.Mean ? distances_NT.mean([1L]) : distances_NT.amax(1L);
    }

    private static Tensor Keys(Transformer model, Tensor tokens_NT, int layer)
    {
        var reader = new Reader(layer);
        model.Run(model.Run(model.Embed(tokens_NT), 0, layer), layer, layer + 1, reader);
        return reader.Keys_NTI!;
    }

    private sealed class Reader(int wanted) : IActivationHook
    {
        public Tensor? Keys_NTI { get; private set; }

        public Tensor DownProjectionInput(int layer, Tensor key_BTI)
        {
            if (layer == wanted)
                Keys_NTI = key_BTI.clone();
            return key_BTI;
        }
    }
}
