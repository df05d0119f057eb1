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

/// <summary>A ball in the space of keys, and what is swapped in for prompts whose key lies in it.</summary>
/// <param name="Key">Its centre.</param>
/// <param name="Value">What is swapped in.</param>
/// <param name="Radius">ε, euclidean.</param>
/// <param name="Target">The answer that the value was trained for; empty where it does not matter any more.</param>
internal sealed record CodebookEntry(float[] Key, float[] Value, double Radius, int[] Target);

/// <summary>Entries by key (Hartvigsen et al. 2023, algorithm 1). Distances are float64 sums, the same on every machine.</summary>
internal sealed class Codebook
{
    private readonly List<CodebookEntry> entries = [];

    /// <summary>The entries, in the order in which they came.</summary>
    public IReadOnlyList<CodebookEntry> Entries => entries;

    /// <summary>Puts an entry at the end, as it is.</summary>
    public void Append(CodebookEntry entry) => entries.Add(entry);

    /// <summary>Gives an entry another value.</summary>
    public void SetValue(int entry, float[] value) => entries[entry] = entries[entry] with { Value = value };

    /// <summary>The entry whose ball a key lies in: the nearest one, if its radius reaches that far; otherwise null.</summary>
    public int? Find(float[] key) =>
        entries.Count > 0 && Nearest(key) is var (entry, distance) && distance <= entries[entry].Radius ? entry : null;

    /// <summary>
    /// Makes room for an edit. Far from all balls, or near one of another target, there is a new ball, and the two split the way between
    /// their centres; near one of the same target, that one grows where it has to. The reference compares targets by the mean of their ids,
    /// here by the ids; a key that is there already is given the new target, where the reference would leave both balls empty.
    /// </summary>
    /// <param name="key">The edit's key.</param>
    /// <param name="value">Where a new value starts.</param>
    /// <param name="target">The edit's answer.</param>
    /// <param name="options">Radius, growth and tolerance.</param>
    /// <returns>The entry whose value is to be trained, and whether an older value is still wanted there.</returns>
    public (int Entry, bool Grown) Add(float[] key, float[] value, int[] target, GraceOptions options)
    {
        var (nearest, distance) = entries.Count == 0 ? (-1, double.PositiveInfinity) : Nearest(key);
        var entry = new CodebookEntry(key, value, options.Radius, target);
        if (nearest < 0 || distance > options.Radius + entries[nearest].Radius)
        {
            entries.Add(entry);
            return (entries.Count - 1, false);
        }

        var old = entries[nearest];
        if (old.Target.AsSpan().SequenceEqual(target))
        {
            if (distance > old.Radius)
                entries[nearest] = Grow(old, key, distance, options);
            return (nearest, true);
        }

        if (distance <= options.Tolerance)
        {
            entries[nearest] = old with { Value = value, Target = target };
            return (nearest, false);
        }

        entries[nearest] = old with { Radius = (distance / 2) - options.Tolerance };
        entries.Add(entry with { Radius = distance / 2 });
        return (entries.Count - 1, false);
    }

    private static CodebookEntry Grow(CodebookEntry old, float[] key, double distance, GraceOptions options) =>
        options.Growth == GraceGrowth.Coverage
        ? old with { Radius = distance + options.Tolerance }
        : old with { Radius = distance + options.Tolerance, Key = [.. old.Key.Zip(key, (centre, other) => (centre + other) / 2)] };

    // Of equally near ones the first.
    private (int Entry, double Distance) Nearest(float[] key)
    {
        var (nearest, least) = (0, double.PositiveInfinity);
        for (var entry = 0; entry < entries.Count; entry++)
        {
            var (other, sum) = (entries[entry].Key, 0.0);
            for (var i = 0; i < key.Length && sum < least; i++)
            {
                var difference = (double)key[i] - other[i];
                sum += difference * difference;
            }

            if (sum < least)
                (nearest, least) = (entry, sum);
        }

        return (nearest, Math.Sqrt(least));
    }
}
