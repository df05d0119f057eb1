using System.Text.Json.Nodes;

namespace Harness.Models.Families.Llama;

/// <summary>
/// LLaMA 1, 2 and 3 (Touvron et al. 2023; Grattafiori et al. 2024) as Hugging Face stores them. The names of its tensors are those of
/// <see cref="Sites"/>. Mistral and Qwen are read as LLaMA with a few fields more.
/// </summary>
internal class LlamaFamily : ModelFamily
{
    /// <inheritdoc/>
    public override string ModelType => "llama";

    /// <summary>What config.json calls a layer that sees all positions before.</summary>
    protected const string FullAttention = "full_attention";

    /// <summary>
    /// Whether a file that leaves out key and value heads or positions has LLaMA's; other families' defaults changed over time.
    /// </summary>
    protected virtual bool HasDefaults => true;

    /// <inheritdoc/>
    public override IReadOnlyList<CheckpointTensor> Tensors(TransformerConfig config) => TensorList.OwnNames(config);

    // Old conversions hold the rotary frequencies.
    /// <inheritdoc/>
    public override bool IsIgnored(string checkpointName) => checkpointName.EndsWith("rotary_emb.inv_freq", StringComparison.Ordinal);

    /// <inheritdoc/>
    protected override TransformerConfig ReadFields(ConfigFile file)
    {
        var config = ReadCommon(file);
        file.Expect("qkv_bias", "false", "null");
        file.Expect("sliding_window", "null");
        file.Expect("use_sliding_window", "false", "null");
        ExpectLayers(file, FullAttention);
        var attention = file.Flag("attention_bias", false);
        return config with { QueryBias = attention, OutputBias = attention, MlpBias = file.Flag("mlp_bias", false) };
    }

    /// <inheritdoc/>
    protected override JsonObject WriteFields(TransformerConfig config)
    {
        var json = WriteCommon(config, "LlamaForCausalLM");
        json["attention_bias"] = config.QueryBias;
        json["head_dim"] = config.HeadWidth;
        json["mlp_bias"] = config.MlpBias;
        return json;
    }

    /// <summary>Refuses layers of another attention than all of them have.</summary>
    protected static void ExpectLayers(ConfigFile file, string type)
    {
        var layers = file.Texts("layer_types");
        if (layers.Any(found => found != type) || (layers.Count > 0 && layers.Count != file.Integer("num_hidden_layers")))
            throw file.Wrong("layer_types", $"\"{type}\" for every layer; others are not computed here: take a model without them");
    }

    /// <summary>The fields that LLaMA, Mistral and Qwen share.</summary>
    protected TransformerConfig ReadCommon(ConfigFile file)
    {
        var (width, heads) = (file.Integer("hidden_size"), file.Integer("num_attention_heads"));
        var (rotaryBase, scaling) = RotaryFields.Read(file);
        var headWidth = file.OptionalInteger("head_dim");
        file.Expect("hidden_act", "\"silu\"", "\"swish\"");
        return new TransformerConfig
        {
            Family = ModelType,
            VocabularySize = file.Integer("vocab_size"),
            Width = width,
            MlpWidth = file.Integer("intermediate_size"),
            Layers = file.Integer("num_hidden_layers"),
            Heads = heads,
            KeyValueHeads = file.Has("num_key_value_heads") || HasDefaults ? file.OptionalInteger("num_key_value_heads") ?? heads
                : file.Integer("num_key_value_heads"),
            HeadSize = headWidth is { } size && size * heads != width ? size : null,
            // Defaults of Hugging Face's LlamaConfig.
            MaxPositions = file.Integer("max_position_embeddings", HasDefaults ? 2048 : null),
            RotaryBase = rotaryBase,
            RotaryScaling = scaling,
            NormEpsilon = file.Number("rms_norm_eps", 1e-6),
            TiedHead = file.Flag("tie_word_embeddings", false),
            InitializerRange = file.Number("initializer_range", 0.02),
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
