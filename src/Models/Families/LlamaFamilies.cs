using System.Text.Json.Nodes;
using Harness.Models.Json;

namespace Harness.Models.Families;

/// <summary>
/// LLaMA 1, 2 and 3 (Touvron et al. 2023; Grattafiori et al. 2024) as Hugging Face stores them. The names of its tensors are those of
/// <see cref="Sites"/>. Mistral and Qwen are read as LLaMA with a few fields more.
/// </summary>
internal class LlamaFamily : ModelFamily
{
    public override string ModelType => "llama";

    /// <summary>What config.json calls a layer that sees all positions before.</summary>
    protected const string FullAttention = "full_attention";

    /// <summary>
    /// Whether a file that leaves out key and value heads or positions has LLaMA's; other families' defaults changed over time.
    /// </summary>
    protected virtual bool HasDefaults => true;

    public override IReadOnlyList<CheckpointTensor> Tensors(TransformerConfig config) => TensorList.OwnNames(config);

    // Old conversions hold the rotary frequencies.
    public override bool IsIgnored(string checkpointName) => checkpointName.EndsWith("rotary_emb.inv_freq", StringComparison.Ordinal);

    protected override TransformerConfig ReadFields(JsonPlace file)
    {
        var config = ReadCommon(file);
        file.Expect("qkv_bias", "false", "null");
        file.Expect("sliding_window", "null");
        file.Expect("use_sliding_window", "false", "null");
        ExpectLayers(file, FullAttention);
        var attention = file["attention_bias"].Flag(false);
        return config with { QueryBias = attention, OutputBias = attention, MlpBias = file["mlp_bias"].Flag(false) };
    }

    protected override JsonObject WriteFields(TransformerConfig config)
    {
        var json = WriteCommon(config, "LlamaForCausalLM");
        json["attention_bias"] = config.QueryBias;
        json["head_dim"] = config.HeadWidth;
        json["mlp_bias"] = config.MlpBias;
        return json;
    }

    /// <summary>Refuses layers of another attention than all of them have.</summary>
    protected static void ExpectLayers(JsonPlace file, string type)
    {
        string[] layers = [.. file["layer_types"].Optional?.Items.Select(layer => layer.Text()) ?? []];
        if (layers.Any(found => found != type) || (layers.Length > 0 && layers.Length != file["num_hidden_layers"].Integer()))
            throw file["layer_types"].Unsupported($"\"{type}\" for every layer");
    }

    /// <summary>The fields that LLaMA, Mistral and Qwen share.</summary>
    protected TransformerConfig ReadCommon(JsonPlace file)
    {
        var (width, heads) = (file["hidden_size"].Integer(), file["num_attention_heads"].Integer());
        var (rotaryBase, scaling) = RotaryFields.Read(file);
        var headWidth = file["head_dim"].Optional?.Integer();
        file.Expect("hidden_act", "\"silu\"", "\"swish\"");
        return new TransformerConfig
        {
            Family = ModelType,
            VocabularySize = file["vocab_size"].Integer(),
            Width = width,
            MlpWidth = file["intermediate_size"].Integer(),
            Layers = file["num_hidden_layers"].Integer(),
            Heads = heads,
            KeyValueHeads = file["num_key_value_heads"].IsGiven || HasDefaults ? file["num_key_value_heads"].Optional?.Integer() ?? heads
                : file["num_key_value_heads"].Integer(),
            HeadSize = headWidth is { } size && size * heads != width ? size : null,
            // Defaults of Hugging Face's LlamaConfig.
            MaxPositions = file["max_position_embeddings"].Integer(HasDefaults ? 2048 : null),
            RotaryBase = rotaryBase,
            RotaryScaling = scaling,
            NormEpsilon = file["rms_norm_eps"].Number(1e-6),
            TiedHead = file["tie_word_embeddings"].Flag(false),
            InitializerRange = file["initializer_range"].Number(0.02),
        };
    }

    /// <summary>The fields that LLaMA, Mistral and Qwen share.</summary>
    protected static JsonObject WriteCommon(TransformerConfig config, string architecture)
    {
        var json = new JsonObject
        {
            ["architectures"] = new JsonArray(architecture),
            ["attention_dropout"] = 0.0,
            ["hidden_act"] = "silu",
            ["hidden_size"] = config.Width,
            ["intermediate_size"] = config.MlpWidth,
            ["max_position_embeddings"] = config.MaxPositions,
            ["num_attention_heads"] = config.Heads,
            ["num_hidden_layers"] = config.Layers,
            ["num_key_value_heads"] = config.KeyValueHeads,
            ["rms_norm_eps"] = config.NormEpsilon,
        };
        RotaryFields.Write(json, config);
        return json;
    }
}

/// <summary>Mistral (Jiang et al. 2023): LLaMA with grouped heads and a sliding window in every layer.</summary>
internal sealed class MistralFamily : LlamaFamily
{
    public override string ModelType => "mistral";

    protected override bool HasDefaults => false;

    protected override TransformerConfig ReadFields(JsonPlace file)
    {
        int? window = file["sliding_window"].IsGiven ? file["sliding_window"].Optional?.Integer() : 4096;
        ExpectLayers(file, window is null ? FullAttention : "sliding_attention");
        file.Expect("attention_bias", "false", "null");
        file.Expect("mlp_bias", "false", "null");
        file.Expect("use_sliding_window", window is null ? "false" : "true", "null");
        return ReadCommon(file) with { SlidingWindow = window };
    }

    protected override JsonObject WriteFields(TransformerConfig config)
    {
        var json = WriteCommon(config, "MistralForCausalLM");
        json["head_dim"] = config.HeadWidth;
        json["sliding_window"] = config.SlidingWindow;
        return json;
    }
}

/// <summary>Qwen2 and Qwen2.5 (Yang et al. 2024): LLaMA with biases on query, key and value.</summary>
internal class Qwen2Family : LlamaFamily
{
    public override string ModelType => "qwen2";

    protected override bool HasDefaults => false;

    protected override TransformerConfig ReadFields(JsonPlace file)
    {
        RefuseWindows(file);
        file.Expect("use_mrope", "false", "null");
        file.Expect("qkv_bias", "true", "null");
        file.Expect("attention_bias", "true", "null");
        file.Expect("mlp_bias", "false", "null");
        return ReadCommon(file) with { QueryBias = true };
    }

    protected override JsonObject WriteFields(TransformerConfig config)
    {
        var json = WriteCommon(config, "Qwen2ForCausalLM");
        json["use_sliding_window"] = false;
        return json;
    }

    /// <summary>Published files name a window and do not use it; one that does is refused.</summary>
    protected static void RefuseWindows(JsonPlace file)
    {
        file.Expect("use_sliding_window", "false", "null");
        file.Ignore("sliding_window", "max_window_layers");
        ExpectLayers(file, FullAttention);
    }
}

/// <summary>Qwen3 (Yang et al. 2025): norms on each head's query and key instead of biases; a head's width of its own.</summary>
internal sealed class Qwen3Family : Qwen2Family
{
    // Of Hugging Face's Qwen3Config.
    private const int UsualHeadWidth = 128;

    public override string ModelType => "qwen3";

    protected override TransformerConfig ReadFields(JsonPlace file)
    {
        RefuseWindows(file);
        file.Expect("mlp_bias", "false", "null");
        var attention = file["attention_bias"].Flag(false);
        var config = ReadCommon(file) with { QueryKeyNorm = true, QueryBias = attention, OutputBias = attention };
        return file["head_dim"].IsGiven || config.Width == UsualHeadWidth * config.Heads
            ? config
            : config with { HeadSize = UsualHeadWidth };
    }

    protected override JsonObject WriteFields(TransformerConfig config)
    {
        var json = WriteCommon(config, "Qwen3ForCausalLM");
        json["attention_bias"] = config.QueryBias;
        json["head_dim"] = config.HeadWidth;
        json["use_sliding_window"] = false;
        return json;
    }
}

/// <summary>Qwen1.5-MoE and Qwen2-MoE (Yang et al. 2024): Qwen2 with routed experts and a shared one in the place of the MLP.</summary>
internal sealed class QwenMoeFamily : Qwen2Family
{
    public override string ModelType => "qwen2_moe";

    protected override TransformerConfig ReadFields(JsonPlace file)
    {
        RefuseWindows(file);
        file.Expect("use_mrope", "false", "null");
        file.Ignore("output_router_logits", "router_aux_loss_coef");

        // Defaults of Hugging Face's Qwen2MoeConfig.
        var mixture = new ExpertMixture(
            file["num_experts"].Integer(60), file["num_experts_per_tok"].Integer(4), file["moe_intermediate_size"].Integer(1408),
            file["shared_expert_intermediate_size"].Integer(5632), file["norm_topk_prob"].Flag(false),
                file["decoder_sparse_step"].Integer(1))
        {
            DenseLayers = [.. file["mlp_only_layers"].Optional?.Items.Select(layer => layer.Integer()) ?? []],
        };
        return ReadCommon(file) with { QueryBias = file["qkv_bias"].Flag(true), Experts = mixture };
    }

    protected override JsonObject WriteFields(TransformerConfig config)
    {
        var experts = config.Experts
            ?? throw new InputException("model shape: a qwen2_moe model needs experts; give them or take another family");
        var json = WriteCommon(config, "Qwen2MoeForCausalLM");
        json["decoder_sparse_step"] = experts.SparseStep;
        json["mlp_only_layers"] = new JsonArray([.. experts.DenseLayers.Select(layer => JsonValue.Create(layer))]);
        json["moe_intermediate_size"] = experts.Width;
        json["norm_topk_prob"] = experts.Normalise;
        json["num_experts"] = experts.Count;
        json["num_experts_per_tok"] = experts.Active;
        json["qkv_bias"] = config.QueryBias;
        json["shared_expert_intermediate_size"] = experts.SharedWidth;
        json["use_sliding_window"] = false;
        return json;
    }
}
