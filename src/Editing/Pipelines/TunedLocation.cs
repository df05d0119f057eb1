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

/// <summary>Options that the editors of one location share.</summary>
public abstract record LocationOptions : IEditorOptions
{
    /// <summary>Layer, from 0.</summary>
    public required int Layer { get; init; }

    /// <summary>Part of the layer. Default <c>down</c> unless the editor says otherwise.</summary>
    public TunedModule Module { get; init; } = TunedModule.Down;

    /// <summary>How it trains; each editor has its own default.</summary>
    public FineTuningOptions Tuning { get; init; } = new();

    /// <inheritdoc/>
    public virtual IReadOnlyList<string> Validate() => Checks(new()).Nested("tuning", Tuning.Validate()).Violations;

    /// <inheritdoc/>
    public IEditorOptions Sequential(int batchSize) => this with { Tuning = Tuning.Sequential(batchSize) };

    /// <summary>Adds what is wrong beside <see cref="Tuning"/>.</summary>
    internal virtual OptionChecks Checks(OptionChecks checks) => checks.AtLeast("layer", Layer, 0);
}

/// <summary>
/// Fine-tuning of one location with the common loss, while everything else stays frozen; each editor says what it does otherwise.
/// </summary>
/// <param name="name">The editor's name.</param>
/// <param name="options">Validated options.</param>
internal abstract class LocationEditor(string name, LocationOptions options) : IEditor
{
    /// <summary>Every element stays within W0 ± ε. Default null: anywhere.</summary>
    protected virtual double? Epsilon => null;

    /// <summary>Where target tokens are read. Default: teacher forced.</summary>
    protected virtual TargetReading Reading => TargetReading.Teacher;

    /// <inheritdoc/>
    public Edit Edit(EditSession session, IReadOnlyList<EditRequest> requests)
    {
        var names = Names(session);
        var samples = TrainingSamples.New(session, Trained(session, requests), options.Tuning.AppendEos);
        var tuner = new FineTuner(session, Tuning(requests.Count), reading: Reading);
        return TunedWeights.Run(session, requests, names, tuner, samples, Epsilon);
    }

    /// <summary>Weights to train. Default: those of the location.</summary>
    protected virtual IReadOnlyList<string> Names(EditSession session) =>
        new TunedLocation(options.Layer, options.Module).Names(session, name);

    /// <summary>What is trained for the edits, equally many for each, in their order. Default: the edits.</summary>
    protected virtual IReadOnlyList<EditRequest> Trained(EditSession session, IReadOnlyList<EditRequest> requests) => requests;

    /// <summary>How that many edits are trained. Default: as the options say.</summary>
    protected virtual FineTuningOptions Tuning(int edits) => options.Tuning;
}
