namespace Harness.Models;

/// <summary>Name and shape of every parameter of a model, in the one fixed order.</summary>
internal static class ParameterLayout
{
    public static IReadOnlyList<(string Name, long[] Shape)> Of(TransformerConfig config)
    {
        var layout = new List<(string Name, long[] Shape)> { (Sites.Embedding, [config.VocabularySize, config.Width]) };
        if (config.Positions == PositionKind.Learned) layout.Add((Sites.Positions, [config.MaxPositions, config.Width]));
        if (config.EmbeddingNorm) AddNorm(layout, config, Sites.EmbeddingNorm);
        for (var layer = 0; layer < config.Layers; layer++)
        {
            AddAttention(layout, config, layer);
            if (config.HasExperts(layer)) AddExperts(layout, config, config.Experts!, layer);
            else AddMlp(layout, config, layer);
            AddNorm(layout, config, Sites.AttentionNorm(layer));
            if (!config.ParallelResidual) AddNorm(layout, config, Sites.MlpNorm(layer));
        }

        AddNorm(layout, config, Sites.FinalNorm);
        if (!config.TiedHead) Add(layout, Sites.Head, config.VocabularySize, config.Width, config.HeadBias);
        return layout;
    }

    private static void AddAttention(List<(string Name, long[] Shape)> layout, TransformerConfig config, int layer)
    {
        var (all, shared) = (config.Heads * config.HeadWidth, config.KeyValueHeads * config.HeadWidth);
        Add(layout, Sites.Query(layer), all, config.Width, config.QueryBias);
        Add(layout, Sites.Key(layer), shared, config.Width, config.QueryBias);
        Add(layout, Sites.Value(layer), shared, config.Width, config.QueryBias);
        Add(layout, Sites.Output(layer), config.Width, all, config.OutputBias);
        if (!config.QueryKeyNorm) return;
        layout.Add((Sites.QueryNorm(layer), [config.HeadWidth]));
        layout.Add((Sites.KeyNorm(layer), [config.HeadWidth]));
    }

    private static void AddMlp(List<(string Name, long[] Shape)> layout, TransformerConfig config, int layer)
    {
        if (config.Gated) Add(layout, Sites.Gate(layer), config.MlpWidth, config.Width, config.MlpBias);
        Add(layout, Sites.Up(layer), config.MlpWidth, config.Width, config.MlpBias);
        Add(layout, Sites.DownProjection(layer), config.Width, config.MlpWidth, config.MlpBias);
    }

    private static void AddExperts(List<(string Name, long[] Shape)> layout, TransformerConfig config, ExpertMixture experts, int layer)
    {
        Add(layout, Sites.Router(layer), experts.Count, config.Width, bias: false);
        for (var expert = 0; expert < experts.Count; expert++) AddOne(projection => Sites.Expert(layer, expert, projection), experts.Width);
        AddOne(projection => Sites.SharedExpert(layer, projection), experts.SharedWidth);
        Add(layout, Sites.SharedExpertGate(layer), 1, config.Width, bias: false);

        void AddOne(Func<string, string> name, int width)
        {
            Add(layout, name("gate"), width, config.Width, bias: false);
            Add(layout, name("up"), width, config.Width, bias: false);
            Add(layout, name("down"), config.Width, width, bias: false);
        }
    }

    private static void Add(List<(string Name, long[] Shape)> layout, string name, long outputs, long inputs, bool bias)
    {
        layout.Add((name, [outputs, inputs]));
        if (bias) layout.Add((Sites.Bias(name), [outputs]));
    }

    private static void AddNorm(List<(string Name, long[] Shape)> layout, TransformerConfig config, string name)
    {
        layout.Add((name, [config.Width]));
        if (config.Norm == NormKind.Layer) layout.Add((Sites.Bias(name), [config.Width]));
    }
}
