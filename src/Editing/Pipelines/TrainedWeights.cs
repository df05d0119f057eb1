using System.Globalization;
using Harness.Models;
using static TorchSharp.torch;

namespace Harness.Editing.Pipelines;

/// <summary>Parameters that a <see cref="FineTuner"/> trains in place, and where in the model they begin.</summary>
internal sealed class TrainedWeights : IDisposable
{
    /// <summary>Value of <see cref="FirstLayer"/> where the embeddings are trained too.</summary>
    public const int BeforeLayers = -1;

    /// <summary>Live weights of a model; they require gradients until this is disposed.</summary>
    public TrainedWeights(Transformer model, IReadOnlyList<string> names)
        : this([.. names.Select(name => model.Parameter(name))], names.Min(name => LayerOf(name, model.Config.Layers)))
    {
    }

    /// <summary>
    /// Other parameters that take part in the forward pass from a layer on; they require gradients until this is disposed.
    /// </summary>
    /// <param name="parameters">Leaves of the graph; they stay the caller's.</param>
    /// <param name="firstLayer">The lowest layer that any of them touches.</param>
    public TrainedWeights(IReadOnlyList<Tensor> parameters, int firstLayer)
    {
        (Parameters, FirstLayer) = (parameters, firstLayer);
        foreach (var parameter in parameters)
            parameter.requires_grad = true;
    }

    /// <summary>The parameters.</summary>
    public IReadOnlyList<Tensor> Parameters { get; }

    /// <summary>Everything trained lies at this layer or above; <see cref="BeforeLayers"/> where the embeddings are among it.</summary>
    public int FirstLayer { get; }

    /// <summary>Frees the gradients, which are no longer required.</summary>
    public void Dispose()
    {
        foreach (var parameter in Parameters)
        {
            parameter.grad = null;
            parameter.requires_grad = false;
        }
    }

    private static int LayerOf(string name, int layers)
    {
        const string Prefix = "model.layers.";
        if (name.StartsWith(Prefix, StringComparison.Ordinal))
            return int.Parse(name[Prefix.Length..].Split('.')[0], CultureInfo.InvariantCulture);

        return name == Sites.Embedding ? BeforeLayers : layers;
    }
}
