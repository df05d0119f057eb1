namespace Harness.Models;

/// <summary>
/// Names of the places in a model that can be read, edited or adapted: parameter names of Hugging Face's LLaMA, for every family. Where a
/// family fuses or transposes matrices in its files, the names still stand for the plain ones, [outputs, inputs].
/// </summary>
public static class Sites
{
    /// <summary>The token embedding, [V, D].</summary>
    public const string Embedding = "model.embed_tokens.weight";

    /// <summary>The weight of the final norm, [D].</summary>
    public const string FinalNorm = "model.norm.weight";

    /// <summary>The output head, [V, D]; the embedding itself where the head is tied.</summary>
    public const string Head = "lm_head.weight";

    /// <summary>The learnt positions, [P, D] (GPT-2).</summary>
    public const string Positions = "model.embed_positions.weight";

    /// <summary>The weight of the embedding's norm, [D] (BLOOM).</summary>
    public const string EmbeddingNorm = "model.embed_layernorm.weight";

    /// <summary>The bias beside a weight, [outputs].</summary>
    public static string Bias(string weight) =>
        weight.EndsWith(".weight", StringComparison.Ordinal) ? weight[..^"weight".Length] + "bias"
            : throw new ArgumentException($"'{weight}' is no weight", nameof(weight));

    /// <summary>What the names of a layer's parameters begin with.</summary>
    public static string LayerPrefix(int layer) => $"model.layers.{layer}.";

    /// <summary>Query projection, [H·d, D].</summary>
    public static string Query(int layer) => $"model.layers.{layer}.self_attn.q_proj.weight";

    /// <summary>Key projection, [K·d, D].</summary>
    public static string Key(int layer) => $"model.layers.{layer}.self_attn.k_proj.weight";

    /// <summary>Value projection, [K·d, D].</summary>
    public static string Value(int layer) => $"model.layers.{layer}.self_attn.v_proj.weight";

    /// <summary>Attention output projection, [D, H·d].</summary>
    public static string Output(int layer) => $"model.layers.{layer}.self_attn.o_proj.weight";

    /// <summary>MLP gate projection, [I, D].</summary>
    public static string Gate(int layer) => $"model.layers.{layer}.mlp.gate_proj.weight";

    /// <summary>MLP up-projection, [I, D].</summary>
    public static string Up(int layer) => $"model.layers.{layer}.mlp.up_proj.weight";

    /// <summary>MLP down-projection, [D, I]: where locate-and-edit methods write.</summary>
    public static string DownProjection(int layer) => $"model.layers.{layer}.mlp.down_proj.weight";

    /// <summary>Weight of the norm before attention, [D].</summary>
    public static string AttentionNorm(int layer) => $"model.layers.{layer}.input_layernorm.weight";

    /// <summary>Weight of the norm before the MLP, [D].</summary>
    public static string MlpNorm(int layer) => $"model.layers.{layer}.post_attention_layernorm.weight";

    /// <summary>Weight of the norm of each head's query, [d] (Qwen3).</summary>
    public static string QueryNorm(int layer) => $"model.layers.{layer}.self_attn.q_norm.weight";

    /// <summary>Weight of the norm of each head's key, [d] (Qwen3).</summary>
    public static string KeyNorm(int layer) => $"model.layers.{layer}.self_attn.k_norm.weight";

    /// <summary>The router over the experts, [experts, D] (Qwen1.5-MoE).</summary>
    public static string Router(int layer) => $"model.layers.{layer}.mlp.gate.weight";

    /// <summary>The gate of the shared expert, [1, D].</summary>
    public static string SharedExpertGate(int layer) => $"model.layers.{layer}.mlp.shared_expert_gate.weight";

    /// <summary>A projection of the shared expert: <c>gate</c> and <c>up</c> [I, D], <c>down</c> [D, I].</summary>
    public static string SharedExpert(int layer, string projection) => $"model.layers.{layer}.mlp.shared_expert.{projection}_proj.weight";

    /// <summary>A projection of one expert: <c>gate</c> and <c>up</c> [I, D], <c>down</c> [D, I].</summary>
    public static string Expert(int layer, int expert, string projection) =>
        $"model.layers.{layer}.mlp.experts.{expert}.{projection}_proj.weight";
}

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
