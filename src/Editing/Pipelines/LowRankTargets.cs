using Harness.Models;

namespace Harness.Editing.Pipelines;

/// <summary>A projection that can get a low-rank adapter.</summary>
public enum AdaptedProjection
{
    /// <summary>Query projection of the attention.</summary>
    Query,

    /// <summary>Key projection of the attention.</summary>
    Key,

    /// <summary>Value projection of the attention.</summary>
    Value,

    /// <summary>Output projection of the attention.</summary>
    Output,

    /// <summary>Gate projection of the MLP; in a mixture of experts the shared expert's.</summary>
    Gate,

    /// <summary>Up-projection of the MLP; in a mixture of experts the shared expert's.</summary>
    Up,

    /// <summary>Down-projection of the MLP; in a mixture of experts the shared expert's.</summary>
    Down,
}

/// <summary>Where low-rank adapters are; the public options say what each member means.</summary>
internal sealed record LowRankTargets(IReadOnlyList<int>? Layers, IReadOnlyList<AdaptedProjection> Projections)
{
    /// <summary>Query and value: F-Learning, DFT, and the default of PEFT for the LLaMA family.</summary>
    public static IReadOnlyList<AdaptedProjection> QueryAndValue { get; } = [AdaptedProjection.Query, AdaptedProjection.Value];

    /// <summary>The lowest layer with an adapter.</summary>
    public int FirstLayer => Layers?.Min() ?? 0;

    /// <summary>Every violation, as in <see cref="IEditorOptions.Validate"/>.</summary>
    public IReadOnlyList<string> Validate() => new OptionChecks()
        .Check(Layers is null || AreSet(Layers) && Layers.All(layer => layer >= 0), "layers", $"[{string.Join(", ", Layers ?? [])}]",
            "at least one layer, from 0, none twice")
        .Check(AreSet(Projections), "projections", $"[{string.Join(", ", Projections).ToLowerInvariant()}]", "at least one, none twice")
        .Violations;

    /// <summary>The adapted weights, by layer, in the order of the projections' names above.</summary>
    /// <exception cref="InputException">The model lacks a layer or a projection.</exception>
    public IReadOnlyList<string> Names(Transformer model)
    {
        var count = model.Config.Layers;
        if (Layers?.FirstOrDefault(layer => layer >= count, -1) is >= 0 and var wrong)
            throw new InputException($"layers: found {wrong}, expected 0 to {count - 1}: the model has {count} layers.");

        var names = (Layers?.Order() ?? Enumerable.Range(0, count))
            .SelectMany(layer => Projections.Order().Select(projection => (Projection: projection, Name: Name(model, layer, projection))))
                .ToList();
        return names.FirstOrDefault(one => !model.ParameterNames.Contains(one.Name)) is ({ } lacked, not null)
            ? throw new InputException(
                $"projections: found {lacked.ToString().ToLowerInvariant()}, which a {model.Config.Family} model lacks; choose others")
            : names.ConvertAll(one => one.Name);
    }

    private static bool AreSet<T>(IReadOnlyList<T> items) => items.Count > 0 && items.Distinct().Count() == items.Count;

    private static string Name(Transformer model, int layer, AdaptedProjection projection)
    {
        var mixed = model.Config.HasExperts(layer);
        return projection switch
        {
            AdaptedProjection.Query => Sites.Query(layer),
            AdaptedProjection.Key => Sites.Key(layer),
            AdaptedProjection.Value => Sites.Value(layer),
            AdaptedProjection.Output => Sites.Output(layer),
            AdaptedProjection.Gate => mixed ? Sites.SharedExpert(layer, "gate") : Sites.Gate(layer),
            AdaptedProjection.Up => mixed ? Sites.SharedExpert(layer, "up") : Sites.Up(layer),
            _ => mixed ? Sites.SharedExpert(layer, "down") : Sites.DownProjection(layer),
        };
    }
}
