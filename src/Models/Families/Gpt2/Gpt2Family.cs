using System.Text.Json.Nodes;

namespace Harness.Models.Families.Gpt2;

/// <summary>GPT-2 (Radford et al. 2019): learnt positions, transposed weights, query, key and value in one tensor.</summary>
internal sealed class Gpt2Family : ModelFamily
{
    /// <inheritdoc/>
    public override string ModelType => "gpt2";

    /// <inheritdoc/>
    public override string Prefix => "transformer.";

    /// <inheritdoc/>
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
    /// <inheritdoc/>
    public override bool IsIgnored(string checkpointName) =>
        checkpointName.EndsWith(".attn.bias", StringComparison.Ordinal)
            || checkpointName.EndsWith(".attn.masked_bias", StringComparison.Ordinal);

    /// <inheritdoc/>
    protected override TransformerConfig ReadFields(ConfigFile file)
    {
        file.Expect("scale_attn_weights", "true");
        file.Expect("scale_attn_by_inverse_layer_idx", "false");
        file.Ignore("n_ctx", "n_special", "predict_special_tokens", "reorder_and_upcast_attn");
        return OpenAiFields.Read(file, ModelType) with
        {
            Positions = PositionKind.Learned,
            QueryBias = true,
            OutputBias = true,
            TiedHead = file.Flag("tie_word_embeddings", true),
        };
    }

    /// <inheritdoc/>
    protected override JsonObject WriteFields(TransformerConfig config) => OpenAiFields.Write(config, "GPT2LMHeadModel");
}
