using Harness.Models;

namespace Harness.Editing.Pipelines;

/// <summary>All weights of a model, or those of some of its layers alone: what editors tune that take whole layers.</summary>
internal static class TunedLayers
{
    /// <summary>Names of the weights, in the model's order.</summary>
    /// <param name="session">Has the model.</param>
    /// <param name="editor">Name, for messages.</param>
    /// <param name="layers">The layers; null is all weights, embeddings and head included.</param>
    /// <exception cref="InputException">The model lacks a layer.</exception>
    public static IReadOnlyList<string> Names(EditSession session, string editor, IReadOnlyList<int>? layers)
    {
        Layers.Check(session, editor, layers ?? [], mayHaveExperts: true);
        string[]? prefixes = layers?.Select(Sites.LayerPrefix).ToArray();
        return prefixes is null ? session.Model.ParameterNames : [.. session.Model.ParameterNames.Where(
            name => Array.Exists(prefixes, prefix => name.StartsWith(prefix, StringComparison.Ordinal)))];
    }

    /// <summary>Adds what is wrong with a choice of layers.</summary>
    public static OptionChecks SomeLayersOrAll(this OptionChecks checks, IReadOnlyList<int>? layers) => checks.Check(
        layers is null || layers.Count > 0 && layers.All(layer => layer >= 0) && layers.Distinct().Count() == layers.Count,
        "layers", $"[{string.Join(", ", layers ?? [])}]", "at least one layer, from 0, none twice");
}
