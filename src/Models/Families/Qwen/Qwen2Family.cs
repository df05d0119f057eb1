using System.Text.Json.Nodes;

namespace Harness.Models.Families.Qwen;

/// <summary>Qwen2 and Qwen2.5 (Yang et al. 2024): LLaMA with biases on query, key and value.</summary>
internal class Qwen2Family : Llama.LlamaFamily
{
    /// <inheritdoc/>
    public override string ModelType => "qwen2";

    /// <inheritdoc/>
    protected override bool HasDefaults => false;

    /// <inheritdoc/>
    protected override TransformerConfig ReadFields(ConfigFile file)
    {
        RefuseWindows(file);
        file.Expect("use_mrope", "false", "null");
        file.Expect("qkv_bias", "true", "null");
        file.Expect("attention_bias", "true", "null");
        file.Expect("mlp_bias", "false", "null");
        return ReadCommon(file) with { QueryBias = true };
    }

    /// <inheritdoc/>
    protected override JsonObject WriteFields(TransformerConfig config)
    {
        var json = WriteCommon(config, "Qwen2ForCausalLM");
        json["use_sliding_window"] = false;
        return json;
    }

    /// <summary>Published files name a window and do not use it; one that does is refused.</summary>
    protected static void RefuseWindows(ConfigFile file)
    {
        file.Expect("use_sliding_window", "false", "null");
        file.Ignore("sliding_window", "max_window_layers");
        ExpectLayers(file, FullAttention);
    }
}
