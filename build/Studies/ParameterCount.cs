using Harness.Models;

namespace Harness.Build.Studies;

/// <summary>How large a model is.</summary>
internal static class ParameterCount
{
    /// <summary>Number of a model's parameters; a head that shares the embedding counts once. Weights are not read.</summary>
    /// <param name="folder">Its Hugging Face folder.</param>
    /// <exception cref="InputException">The folder is no model.</exception>
    public static long Of(string folder)
    {
        using var model = Transformer.Load(folder, new LoadOptions { Streamed = true });
        return model.ParameterNames.Sum(name => model.ShapeOf(name).Aggregate(1L, (product, extent) => product * extent));
    }
}
