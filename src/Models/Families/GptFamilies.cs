using System.Text.Json.Nodes;
using Harness.Models.Json;

namespace Harness.Models.Families;

/// <summary>The fields that GPT-2 and GPT-J share.</summary>
internal static class OpenAiFields
{
    /// <summary>Reads them: layer norms with bias, an MLP without gate and with biases, GELU by tanh.</summary>
    public static TransformerConfig Read(JsonPlace file, string family)
    {
        var (width, heads) = (file["n_embd"].Integer(), file["n_head"].Integer());
        file.Expect("activation_function", "\"gelu_new\"", "\"gelu_pytorch_tanh\"");
        return new TransformerConfig
        {
            Family = family,
            VocabularySize = file["vocab_size"].Integer(),
            Width = width,
            MlpWidth = file["n_inner"].Integer(4 * width),
            Layers = file["n_layer"].Integer(),
            Heads = heads,
            KeyValueHeads = heads,
            MaxPositions = file["n_positions"].Integer(),
            NormEpsilon = file["layer_norm_epsilon"].Number(1e-5),
            InitializerRange = file["initializer_range"].Number(0.02),
            Norm = NormKind.Layer,
            Gated = false,
            Activation = Activation.GeluTanh,
            MlpBias = true,
        };
    }

    /// <summary>Writes them.</summary>
    public static JsonObject Write(TransformerConfig config, string architecture) => new()
    {
        ["activation_function"] = "gelu_new",
        ["architectures"] = new JsonArray(architecture),
        ["layer_norm_epsilon"] = config.NormEpsilon,
        ["n_embd"] = config.Width,
        ["n_head"] = config.Heads,
        ["n_inner"] = config.MlpWidth,
        ["n_layer"] = config.Layers,
        ["n_positions"] = config.MaxPositions,
    };
}

/// <summary>GPT-2 (Radford et al. 2019): learnt positions, transposed weights, query, key and value in one tensor.</summary>
internal sealed class Gpt2Family : ModelFamily
{
    public override string ModelType => "gpt2";

    public override string Prefix => "transformer.";

    public override IReadOnlyList<CheckpointTensor> Tensors(TransformerConfig config)
    {
        var list = new TensorList(config).With("transformer.wte", Sites.Embedding).With("transformer.wpe", Sites.Positions);
        for (var layer = 0; layer < config.Layers; layer++)
        {
            var block = $"transformer.h.{layer}";
            list.With($"{block}.ln_1", Sites.AttentionNorm(layer))
                .Fused($"{block}.attn.c_attn", [Sites.Query(layer), Sites.Key(layer), Sites.Value(layer)], TensorForm.FusedColumns)
                .With($"{block}.attn.c_proj", Sites.Output(layer), TensorForm.Transposed)
                .With($"{block}.ln_2", Sites.MlpNorm(layer))
                .With($"{block}.mlp.c_fc", Sites.Up(layer), TensorForm.Transposed)
                .With($"{block}.mlp.c_proj", Sites.DownProjection(layer), TensorForm.Transposed);
        }

        list.With("transformer.ln_f", Sites.FinalNorm);
        return (config.TiedHead ? list : list.With("lm_head", Sites.Head)).Done;
    }

    // Files of the hub hold the causal mask.
    public override bool IsIgnored(string checkpointName) =>
        checkpointName.EndsWith(".attn.bias", StringComparison.Ordinal)
            || checkpointName.EndsWith(".attn.masked_bias", StringComparison.Ordinal);

    protected override TransformerConfig ReadFields(JsonPlace file)
    {
        file.Expect("scale_attn_weights", "true");
        file.Expect("scale_attn_by_inverse_layer_idx", "false");
        file.Ignore("n_ctx", "n_special", "predict_special_tokens", "reorder_and_upcast_attn");
        return OpenAiFields.Read(file, ModelType) with
        {
            Positions = PositionKind.Learned,
            QueryBias = true,
            OutputBias = true,
            TiedHead = file["tie_word_embeddings"].Flag(true),
        };
    }

    protected override JsonObject WriteFields(TransformerConfig config) => OpenAiFields.Write(config, "GPT2LMHeadModel");
}

/// <summary>
/// GPT-J (Wang and Komatsuzaki 2021): attention and MLP side by side, part of each head rotated in neighbouring pairs, a bias on the head.
/// </summary>
internal sealed class GptJFamily : ModelFamily
{
    public override string ModelType => "gptj";

    public override string Prefix => "transformer.";

    public override IReadOnlyList<CheckpointTensor> Tensors(TransformerConfig config)
    {
        var list = new TensorList(config).With("transformer.wte", Sites.Embedding);
        for (var layer = 0; layer < config.Layers; layer++)
        {
            var block = $"transformer.h.{layer}";
            list.With($"{block}.ln_1", Sites.AttentionNorm(layer))
                .With($"{block}.attn.q_proj", Sites.Query(layer))
                .With($"{block}.attn.k_proj", Sites.Key(layer))
                .With($"{block}.attn.v_proj", Sites.Value(layer))
                .With($"{block}.attn.out_proj", Sites.Output(layer))
                .With($"{block}.mlp.fc_in", Sites.Up(layer))
                .With($"{block}.mlp.fc_out", Sites.DownProjection(layer));
        }

        list.With("transformer.ln_f", Sites.FinalNorm);
        return (config.TiedHead ? list : list.With("lm_head", Sites.Head)).Done;
    }

    // Files of the hub hold the causal mask.
    public override bool IsIgnored(string checkpointName) =>
        checkpointName.EndsWith(".attn.bias", StringComparison.Ordinal)
            || checkpointName.EndsWith(".attn.masked_bias", StringComparison.Ordinal);

    protected override TransformerConfig ReadFields(JsonPlace file)
    {
        file.Expect("tie_word_embeddings", "false");
        file.Ignore("n_ctx", "n_special", "predict_special_tokens", "rotary", "scale_attn_weights");
        return OpenAiFields.Read(file, ModelType) with
        {
            RotaryWidth = file["rotary_dim"].Integer(64),
            RotaryInterleaved = true,
            ParallelResidual = true,
            HeadBias = true,
        };
    }

    protected override JsonObject WriteFields(TransformerConfig config)
    {
        var json = OpenAiFields.Write(config, "GPTJForCausalLM");
        json["rotary_dim"] = config.RotaryWidth ?? config.HeadWidth;
        return json;
    }
}
