using Harness.Models.Layers;

namespace Harness.Models.Weights;

/// <summary>Puts the parts of a model together, as its configuration says.</summary>
internal sealed class LayerBuilder(TransformerConfig config, WeightTable weights)
{
    private readonly Dictionary<string, Projection> projections = [];

    /// <summary>All projections, by the names of their weights.</summary>
    public IReadOnlyDictionary<string, Projection> Projections => projections;

    public DecoderLayer Layer(int number)
    {
        var attention = new Attention(
            config, Projection(Sites.Query(number)), Projection(Sites.Key(number)), Projection(Sites.Value(number)),
            Projection(Sites.Output(number)), OptionalNorm(Sites.QueryNorm(number)), OptionalNorm(Sites.KeyNorm(number)));
        return new DecoderLayer(
            number, Norm(Sites.AttentionNorm(number)), attention, OptionalNorm(Sites.MlpNorm(number)),
            config.HasExperts(number) ? null : Mlp(Sites.Gate(number), Sites.Up(number), Sites.DownProjection(number)),
            config.HasExperts(number) ? Mixed(number) : null,
            [.. weights.Names.Where(name => name.StartsWith(Sites.LayerPrefix(number), StringComparison.Ordinal))
                .Select(name => weights[name])]);
    }

    public Norm Norm(string name) => new(weights[name], weights.Find(Sites.Bias(name)), config.NormEpsilon);

    public Norm? OptionalNorm(string name) => weights.Find(name) is null ? null : Norm(name);

    public Projection Head() =>
        config.TiedHead ? new Projection(weights[Sites.Embedding]) : Projection(Sites.Head);

    private Projection Projection(string name) => projections[name] = new Projection(weights[name], weights.Find(Sites.Bias(name)));

    private Mlp Mlp(string gate, string up, string down) =>
        new(config.Activation, config.Gated ? Projection(gate) : null, Projection(up), Projection(down));

    private MixedMlp Mixed(int layer)
    {
        var experts = Enumerable.Range(0, config.Experts!.Count).Select(expert =>
            Mlp(Sites.Expert(layer, expert, "gate"), Sites.Expert(layer, expert, "up"), Sites.Expert(layer, expert, "down")));
        return new MixedMlp(
            config.Experts, Projection(Sites.Router(layer)), [.. experts],
            Mlp(Sites.SharedExpert(layer, "gate"), Sites.SharedExpert(layer, "up"), Sites.SharedExpert(layer, "down")),
            Projection(Sites.SharedExpertGate(layer)));
    }
}
