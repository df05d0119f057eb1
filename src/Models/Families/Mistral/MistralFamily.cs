using System.Text.Json.Nodes;

namespace Harness.Models.Families.Mistral;

/// <summary>Mistral (Jiang et al. 2023): LLaMA with grouped heads and a sliding window in every layer.</summary>
internal sealed class MistralFamily : Llama.LlamaFamily
{
    /// <inheritdoc/>
    public override string ModelType => "mistral";

    /// <inheritdoc/>
    protected override bool HasDefaults => false;

    /// <inheritdoc/>
    protected override TransformerConfig ReadFields(ConfigFile file)
    {
        int? window = file.Has("sliding_window") ? file.OptionalInteger("sliding_window") : 4096;
        ExpectLayers(file, window is null ? FullAttention : "sliding_attention");
        file.Expect("attention_bias", "false", "null");
        file.Expect("mlp_bias", "false", "null");
        file.Expect("use_sliding_window", window is null ? "false" : "true", "null");
        return ReadCommon(file) with { SlidingWindow = window };
    }

    /// <inheritdoc/>
    protected override JsonObject WriteFields(TransformerConfig config)
    {
        var json = WriteCommon(config, "MistralForCausalLM");
        json["head_dim"] = config.HeadWidth;
        json["sliding_window"] = config.SlidingWindow;
        return json;
    }
}
