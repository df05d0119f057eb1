// N = entries, K = key width, B = batch, T = positions, D = model width.
using System.Text.Json.Nodes;
using Harness.Models;
using static TorchSharp.torch;

namespace Harness.Editing.Editors.Grace;

/// <summary>A codebook beside the weights: a prompt whose key lies in a ball is answered with the ball's value swapped in.</summary>
internal sealed class GraceModule : EditModule
{
    private readonly Codebook codebook = new();
    private readonly int layer;
    private readonly GraceSite site;
    private readonly GraceReplacement replacement;

    /// <summary>Reads a stored codebook: keys [N, K] and values [N, D] float32, radii [N] float64.</summary>
    public GraceModule(IReadOnlyDictionary<string, Tensor> tensors, JsonObject settings)
        : base("grace", tensors, settings)
    {
        layer = CanonicalJson.FromNode<int>(settings["layer"]);
        site = CanonicalJson.FromNode<GraceSite>(settings["site"]);
        replacement = CanonicalJson.FromNode<GraceReplacement>(settings["replacement"]);
        var radii = tensors["radii"].data<double>().ToArray();
        var (keys, values) = (Rows("keys"), Rows("values"));
        for (var entry = 0; entry < radii.Length; entry++)
            codebook.Append(new CodebookEntry(keys[entry], values[entry], radii[entry], []));

        float[][] Rows(string name) => [.. tensors[name].data<float>().ToArray().Chunk((int)tensors[name].shape[1])];
    }

    /// <summary>Stores a codebook of at least one entry.</summary>
    public static GraceModule Of(Codebook codebook, GraceOptions options)
    {
        var (entries, count) = (codebook.Entries, codebook.Entries.Count);
        var tensors = new Dictionary<string, Tensor>
        {
            ["keys"] = Rows(entry => entry.Key),
            ["values"] = Rows(entry => entry.Value),
            ["radii"] = tensor(entries.Select(entry => entry.Radius).ToArray()).DetachFromDisposeScope(),
        };
        return new GraceModule(tensors, new JsonObject
        {
            ["layer"] = options.Layer,
            ["site"] = CanonicalJson.ToNode(options.Site),
            ["replacement"] = CanonicalJson.ToNode(options.Replacement),
        });

        Tensor Rows(Func<CodebookEntry, float[]> row) =>
            tensor(entries.SelectMany(row).ToArray(), [count, row(entries[0]).Length]).DetachFromDisposeScope();
    }

    /// <inheritdoc/>
    public override IReadOnlyList<PromptRoute?> Route(Transformer model, IReadOnlyList<int[]> prompts) =>
        [.. GraceActivations.Read(model, prompts, site, layer).Zip(prompts, (read, prompt) =>
            prompt.Length > 1 && codebook.Find(read.Key) is { } entry ? new PromptRoute(entry, prompt) : null)];

    /// <inheritdoc/>
    public override IDisposable Enter(Transformer model, int variant, int promptLength)
    {
        var value_D = Tensors["values"].select(0, variant).to(model.Device).clone().DetachFromDisposeScope();
        return new Entered(model.Attach(new GraceActivations(site, layer, Swap)), value_D);

        // A run of fewer positions than the prompt goes on behind a cache: its positions are the answer's.
        Tensor Swap(Tensor output_BTD)
        {
            var positions = (int)output_BTD.shape[1];
            if (positions < promptLength)
                return replacement == GraceReplacement.All ? value_D.expand(output_BTD.shape) : output_BTD;
            var replaced = Enumerable.Range(0, positions)
                .Select(position => GraceActivations.Replaces(replacement, position, promptLength));
            return value_D.where(tensor(replaced.ToArray(), [1, positions, 1], device: output_BTD.device), output_BTD);
        }
    }

    /// <inheritdoc/>
    protected override int? Layer => layer;

    /// <inheritdoc/>
    protected override IEnumerable<(string Tensor, long?[] Shape)> Shapes(Transformer model) =>
        [("keys", [null, GraceActivations.KeyWidth(model, site)]), ("values", [SizeOf("keys", 0), model.Config.Width])];

    private sealed class Entered(IDisposable attached, Tensor value_D) : IDisposable
    {
        public void Dispose()
        {
            attached.Dispose();
            value_D.Dispose();
        }
    }
}
