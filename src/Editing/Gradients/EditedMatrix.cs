using Harness.Models;

namespace Harness.Editing.Gradients;

/// <summary>A projection of a layer's MLP.</summary>
public enum MlpProjection
{
    /// <summary>The down-projection.</summary>
    Down,

    /// <summary>The up-projection.</summary>
    Up,

    /// <summary>The gate projection, of models that have one.</summary>
    Gate,
}

/// <summary>One matrix that is edited by way of its inputs and of the gradients by its outputs.</summary>
internal sealed record EditedMatrix(int Layer, MlpProjection Projection)
{
    /// <summary>Name of the parameter.</summary>
    public string Parameter => Projection switch
    {
        MlpProjection.Up => Sites.Up(Layer),
        MlpProjection.Gate => Sites.Gate(Layer),
        _ => Sites.DownProjection(Layer),
    };

    /// <summary>The wanted projections of every wanted layer, layer by layer.</summary>
    /// <exception cref="InputException">The model lacks a layer or the gate, or a layer has experts.</exception>
    public static IReadOnlyList<EditedMatrix> All(
        EditSession session, string editor, IReadOnlyList<int> layers, IReadOnlyList<MlpProjection> projections)
    {
        Layers.Check(session, editor, layers);
        if (projections.Contains(MlpProjection.Gate) && !session.Model.Config.Gated)
        {
            throw new InputException($"Editor '{editor}': found projection gate, which a {session.Model.Config.Family} model lacks; "
                + "expected down or up; leave the gate out.");
        }

        return [.. layers.SelectMany(layer => projections.Select(projection => new EditedMatrix(layer, projection)))];
    }

    /// <summary>Violations of a choice of layers and projections that can be seen without a model.</summary>
    public static IReadOnlyList<string> Validate(IReadOnlyList<int> layers, IReadOnlyList<MlpProjection> projections) => new OptionChecks()
        .Check(
            layers.Count > 0 && layers[0] >= 0 && layers.Zip(layers.Skip(1)).All(pair => pair.First < pair.Second),
            "layers", string.Join(", ", layers), "at least one, from 0 on, ascending")
        .Check(
            projections.Count > 0 && projections.Distinct().Count() == projections.Count,
            "projections", string.Join(", ", projections).ToLowerInvariant(), "at least one of down, up, gate, each once")
        .Violations;
}
