using static TorchSharp.torch;

namespace Harness.Models;

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
