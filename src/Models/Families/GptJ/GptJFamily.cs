using System.Text.Json.Nodes;
using Harness.Models.Families.Gpt2;

namespace Harness.Models.Families.GptJ;

/// <summary>
/// GPT-J (Wang and Komatsuzaki 2021): attention and MLP side by side, part of each head rotated in neighbouring pairs, a bias on the head.
/// </summary>
internal sealed class GptJFamily : ModelFamily
{
    /// <inheritdoc/>
    public override string ModelType => "gptj";

    /// <inheritdoc/>
    public override string Prefix => "transformer.";

    /// <inheritdoc/>
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
    /// <inheritdoc/>
    public override bool IsIgnored(string checkpointName) =>
        checkpointName.EndsWith(".attn.bias", StringComparison.Ordinal)
            || checkpointName.EndsWith(".attn.masked_bias", StringComparison.Ordinal);

    /// <inheritdoc/>
    protected override TransformerConfig ReadFields(ConfigFile file)
    {
        file.Expect("tie_word_embeddings", "false");
        file.Ignore("n_ctx", "n_special", "predict_special_tokens", "rotary", "scale_attn_weights");
        return OpenAiFields.Read(file, ModelType) with
        {
            RotaryWidth = file.Integer("rotary_dim", 64),
            RotaryInterleaved = true,
            ParallelResidual = true,
            HeadBias = true,
        };
    }

    /// <inheritdoc/>
    protected override JsonObject WriteFields(TransformerConfig config)
    {
        var json = OpenAiFields.Write(config, "GPTJForCausalLM");
        json["rotary_dim"] = config.RotaryWidth ?? config.HeadWidth;
        return json;
    }
}
