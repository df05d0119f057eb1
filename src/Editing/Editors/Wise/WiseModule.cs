// O = model width, I = MLP width.
using System.Text.Json.Nodes;
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
