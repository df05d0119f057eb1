using Harness.Editing.Pipelines;
using Harness.Models;

namespace Harness.Editing.Editors.LocFtBf;

/// <summary>LocFT-BF: the common loss on one part of one layer, in epochs over all edits; everything else stays frozen.</summary>
internal sealed class LocFtBfEditor(LocFtBfOptions options) : IEditor
{
    /// <inheritdoc/>
    public Edit Edit(EditSession session, IReadOnlyList<EditRequest> requests)
    {
        Layers.Check(session, "locft-bf", [options.Layer], mayHaveExperts: true);
        var names = Location(session.Model);
        using var original = new WeightSnapshot(session.Model, names);
        using var trained = new TrainedWeights(session.Model, names);
        var result = new FineTuner(session, options.Tuning).Run(TrainingSamples.New(session, requests, options.Tuning.AppendEos), trained);
        return new Edit(original.Deltas(), result.Figures);
    }

    private List<string> Location(Transformer model)
    {
        var layer = Sites.LayerPrefix(options.Layer);
        var mixed = model.Config.HasExperts(options.Layer);
        var names = options.Module switch
        {
            TunedModule.Layer => Starting(layer),
            TunedModule.Attention => Starting(layer + "self_attn."),
            TunedModule.Mlp => Starting(layer + "mlp."),
            TunedModule.Gate => Starting(Stem(mixed ? Sites.SharedExpert(options.Layer, "gate") : Sites.Gate(options.Layer))),
            TunedModule.Up => Starting(Stem(mixed ? Sites.SharedExpert(options.Layer, "up") : Sites.Up(options.Layer))),
            _ => Starting(Stem(mixed ? Sites.SharedExpert(options.Layer, "down") : Sites.DownProjection(options.Layer))),
        };
        return names.Count > 0
            ? names
            : throw new InputException($"locft-bf: found module {options.Module.ToString().ToLowerInvariant()}, which a {model.Config.Family} model lacks; choose another");

        List<string> Starting(string prefix) => [.. model.ParameterNames.Where(name => name.StartsWith(prefix, StringComparison.Ordinal))];

        // A weight and its bias.
        static string Stem(string weight) => weight[..^"weight".Length];
    }
}
