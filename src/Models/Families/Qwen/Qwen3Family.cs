using System.Text.Json.Nodes;

namespace Harness.Models.Families.Qwen;

/// <summary>Qwen3 (Yang et al. 2025): norms on each head's query and key instead of biases; a head's width of its own.</summary>
internal sealed class Qwen3Family : Qwen2Family
{
    // Of Hugging Face's Qwen3Config.
    private const int UsualHeadWidth = 128;

    /// <inheritdoc/>
    public override string ModelType => "qwen3";

    /// <inheritdoc/>
    protected override TransformerConfig ReadFields(ConfigFile file)
    {
        RefuseWindows(file);
        file.Expect("mlp_bias", "false", "null");
        var attention = file.Flag("attention_bias", false);
        var config = ReadCommon(file) with { QueryKeyNorm = true, QueryBias = attention, OutputBias = attention };
        return file.Has("head_dim") || config.Width == UsualHeadWidth * config.Heads ? config : config with { HeadSize = UsualHeadWidth };
    }

    /// <inheritdoc/>
    protected override JsonObject WriteFields(TransformerConfig config)
    {
        var json = WriteCommon(config, "Qwen3ForCausalLM");
        json["attention_bias"] = config.QueryBias;
        json["head_dim"] = config.HeadWidth;
        json["use_sliding_window"] = false;
        return json;
    }
}
