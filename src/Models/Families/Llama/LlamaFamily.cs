using System.Text.Json.Nodes;

namespace Harness.Models.Families.Llama;

/// <summary>LLaMA (Touvron et al. 2023) as Hugging Face stores it. Its names are those of <see cref="Sites"/>.</summary>
internal sealed class LlamaFamily : ModelFamily
{
    public override string ModelType => "llama";

    public override TransformerConfig Read(ConfigFile file)
    {
        var heads = file.Integer("num_attention_heads");
        var config = new TransformerConfig
        {
            Family = file.Text("model_type"),
            VocabularySize = file.Integer("vocab_size"),
            Width = file.Integer("hidden_size"),
            MlpWidth = file.Integer("intermediate_size"),
            Layers = file.Integer("num_hidden_layers"),
            Heads = heads,
            KeyValueHeads = file.Integer("num_key_value_heads", heads),
            // Defaults of Hugging Face's LlamaConfig.
            MaxPositions = file.Integer("max_position_embeddings", 2048),
            RotaryBase = file.Number("rope_theta", 10_000),
            NormEpsilon = file.Number("rms_norm_eps", 1e-6),
            TiedHead = file.Flag("tie_word_embeddings", false),
            InitializerRange = file.Number("initializer_range", 0.02),
        };
        config.Validate(file.Path);
        if (file.Integer("head_dim", config.HeadWidth) != config.HeadWidth)
            throw file.Wrong("head_dim", $"{config.HeadWidth}, that is hidden_size / num_attention_heads");

        file.Expect("hidden_act", "\"silu\"");
        file.Expect("attention_bias", "false");
        file.Expect("mlp_bias", "false");
        file.Expect("rope_scaling", "null");
        file.Expect("quantization_config", "null");
        file.Expect("partial_rotary_factor", "1.0");
        file.Ignore(
            "_name_or_path", "architectures", "attention_dropout", "bos_token_id", "dtype", "eos_token_id", "max_sequence_length",
            "pad_token_id", "pretraining_tp", "tokenizer_class", "torch_dtype", "transformers_version", "unk_token_id", "use_cache");
        file.Finish();
        return config;
    }

    public override JsonObject Write(TransformerConfig config, int bosId, int eosId) => new()
    {
        ["architectures"] = new JsonArray("LlamaForCausalLM"),
        ["attention_bias"] = false,
        ["attention_dropout"] = 0.0,
        ["bos_token_id"] = bosId,
        ["eos_token_id"] = eosId,
        ["head_dim"] = config.HeadWidth,
        ["hidden_act"] = "silu",
        ["hidden_size"] = config.Width,
        ["initializer_range"] = config.InitializerRange,
        ["intermediate_size"] = config.MlpWidth,
        ["max_position_embeddings"] = config.MaxPositions,
        ["mlp_bias"] = false,
        ["model_type"] = ModelType,
        ["num_attention_heads"] = config.Heads,
        ["num_hidden_layers"] = config.Layers,
        ["num_key_value_heads"] = config.KeyValueHeads,
        ["rms_norm_eps"] = config.NormEpsilon,
        ["rope_scaling"] = null,
        ["rope_theta"] = config.RotaryBase,
        ["tie_word_embeddings"] = config.TiedHead,
        ["torch_dtype"] = "float32",
        ["use_cache"] = true,
        ["vocab_size"] = config.VocabularySize,
    };

    public override string CheckpointName(string parameter) => parameter;

    // Old conversions hold the rotary frequencies; some tied models hold the head twice.
    public override bool IsIgnored(string checkpointName, TransformerConfig config) =>
        checkpointName.EndsWith(".rotary_emb.inv_freq", StringComparison.Ordinal) || (config.TiedHead && checkpointName == Sites.Head);
}
