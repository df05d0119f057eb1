using Harness.Models;

namespace Harness.Editing.Pipelines;

/// <summary>The part of a layer that is tuned.</summary>
public enum TunedModule
{
    /// <summary>The down-projection alone; in a mixture of experts the shared expert's.</summary>
    Down,

    /// <summary>The up-projection alone; in a mixture of experts the shared expert's.</summary>
    Up,

    /// <summary>The gate projection alone; in a mixture of experts the shared expert's.</summary>
    Gate,

    /// <summary>The whole MLP, experts and router included.</summary>
    Mlp,

    /// <summary>Query, key, value and output projections.</summary>
    Attention,

    /// <summary>Everything in the layer.</summary>
    Layer,
}

/// <summary>One part of one layer: where an editor tunes, while everything else stays frozen.</summary>
/// <param name="Layer">Layer, from 0.</param>
/// <param name="Module">Part of the layer.</param>
internal sealed record TunedLocation(int Layer, TunedModule Module)
{
    /// <summary>Parameters of the location, in the model's order; a weight comes with its bias.</summary>
    /// <exception cref="InputException">The model lacks the layer or the module; names the editor.</exception>
    public IReadOnlyList<string> Names(EditSession session, string editor)
    {
        Layers.Check(session, editor, [Layer], mayHaveExperts: true);
        var model = session.Model;
        var layer = Sites.LayerPrefix(Layer);
        var mixed = model.Config.HasExperts(Layer);
        var names = Module switch
        {
            TunedModule.Layer => Starting(layer),
            TunedModule.Attention => Starting(layer + "self_attn."),
            TunedModule.Mlp => Starting(layer + "mlp."),
            TunedModule.Gate => Starting(Stem(mixed ? Sites.SharedExpert(Layer, "gate") : Sites.Gate(Layer))),
            TunedModule.Up => Starting(Stem(mixed ? Sites.SharedExpert(Layer, "up") : Sites.Up(Layer))),
            _ => Starting(Stem(mixed ? Sites.SharedExpert(Layer, "down") : Sites.DownProjection(Layer))),
        };
        return names.Count > 0
            ? names
            : throw new InputException($"{editor}: found module {Module.ToString().ToLowerInvariant()}, " +
                $"which a {model.Config.Family} model lacks; choose another");

        List<string> Starting(string prefix) => [.. model.ParameterNames.Where(name => name.StartsWith(prefix, StringComparison.Ordinal))];

        // A weight and its bias.
        static string Stem(string weight) => weight[..^"weight".Length];
    }
}
