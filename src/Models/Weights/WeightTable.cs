using Harness.Models.Checkpoints;
using Harness.Models.Families;
using static TorchSharp.torch;

namespace Harness.Models.Weights;

/// <summary>All weights of a model by name, in the order of its layout.</summary>
internal sealed class WeightTable : IDisposable
{
    private readonly Dictionary<string, Weight> weights = new(StringComparer.Ordinal);
    private readonly List<string> names = [];
    private readonly Checkpoint? checkpoint;
    private readonly WeightCache? cache;

    /// <summary>Resident weights; takes over the tensors.</summary>
    public WeightTable(IEnumerable<(string Name, Tensor Value)> values)
    {
        Device = CPU;
        foreach (var (name, value) in values) Add(new Weight(name, value));
    }

    /// <summary>Weights of a checkpoint; takes it over.</summary>
    /// <param name="layout">The parameters in their order.</param>
    /// <param name="checkpoint">Open, its names and shapes checked.</param>
    /// <param name="tensors">The places of the parameters.</param>
    /// <param name="options">Whether they stay in the checkpoint until used.</param>
    public WeightTable(
        IReadOnlyList<(string Name, long[] Shape)> layout, Checkpoint checkpoint, IReadOnlyList<CheckpointTensor> tensors,
            LoadOptions options)
    {
        Device = options.Device;
        (this.checkpoint, cache) = (checkpoint, new WeightCache(options.Device, options.Streamed ? options.CacheBytes : 0));
        var places = tensors.SelectMany(tensor => tensor.Parameters.Select((part, index) => (part.Name, Tensor: tensor, Index: index)))
            .ToDictionary(place => place.Name, StringComparer.Ordinal);
        try
        {
            foreach (var (name, _) in layout)
            {
                Add(new Weight(name, new StoredWeight(checkpoint, places[name].Tensor, places[name].Index, cache)));
                if (!options.Streamed) _ = weights[name].Live;
            }

            cache.Trim();
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>Where all tensors live.</summary>
    public Device Device { get; }

    /// <summary>The names, in the layout's order.</summary>
    public IReadOnlyList<string> Names => names;

    public Weight this[string name] => weights.TryGetValue(name, out var weight)
        ? weight
        : throw new InputException($"'{name}' is not a parameter of the model{Nearest.Suggestion(name, Names)}");

    /// <summary>The weight of that name, or null where the model has none.</summary>
    public Weight? Find(string name) => weights.GetValueOrDefault(name);

    /// <summary>Reads weights once for many uses until the result is disposed; nothing is kept in the cache meanwhile.</summary>
    public IDisposable Hold(IReadOnlyList<Weight> some) => new Holding(some, cache);

    /// <summary>Frees the buffers that weights were read into.</summary>
    public void Trim() => cache?.Trim();

    public void Dispose()
    {
        foreach (var weight in weights.Values) weight.Dispose();
        cache?.Dispose();
        checkpoint?.Dispose();
    }

    private void Add(Weight weight)
    {
        weights.Add(weight.Name, weight);
        names.Add(weight.Name);
    }

    private sealed class Holding : IDisposable
    {
        private readonly IReadOnlyList<Weight> some;
        private readonly WeightCache? cache;

        public Holding(IReadOnlyList<Weight> some, WeightCache? cache)
        {
            (this.some, this.cache) = (some, cache);
            if (cache is not null) cache.IsPaused = true;
            try
            {
                foreach (var weight in some) weight.Hold();
            }
            catch
            {
                Dispose();
                throw;
            }
        }

        public void Dispose()
        {
            foreach (var weight in some) weight.LetGo();
            if (cache is not null) cache.IsPaused = false;
        }
    }
}

/// <summary>
/// First weights of a model that is trained here: N(0, <see cref="TransformerConfig.InitializerRange"/>), layers that write to the residual
/// stream scaled by 1/√(residual layers) (Radford et al. 2019, GPT-2, §2.3).
/// </summary>
internal static class WeightInit
{
    /// <summary>One tensor per parameter of the layout, in its order; the same bytes for the same seed. The caller owns them.</summary>
    public static IEnumerable<(string Name, Tensor Value)> Draw(TransformerConfig config, long seed)
    {
        using var random = new Generator(unchecked((ulong)SeededRandom.Derive(seed, "transformer/init")));
        var layers = Enumerable.Range(0, config.Layers);
        HashSet<string> residual = [.. layers.Select(Sites.Output), .. layers.Select(Sites.DownProjection)];
        var residualRange = config.InitializerRange / Math.Sqrt(2.0 * config.Layers);
        foreach (var (name, shape) in ParameterLayout.Of(config))
        {
            if (name.EndsWith(".bias", StringComparison.Ordinal)) yield return (name, zeros(shape));
            else if (shape.Length == 1) yield return (name, ones(shape));
            else yield return (name,
                randn(shape, generator: random).mul_(Held(residual.Contains(name) ? residualRange : config.InitializerRange)));
        }
    }
}
