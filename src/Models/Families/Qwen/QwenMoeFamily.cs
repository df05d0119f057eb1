using System.Text.Json.Nodes;

namespace Harness.Models.Families.Qwen;

/// <summary>Qwen1.5-MoE and Qwen2-MoE (Yang et al. 2024): Qwen2 with routed experts and a shared one in the place of the MLP.</summary>
internal sealed class QwenMoeFamily : Qwen2Family
{
    /// <inheritdoc/>
    public override string ModelType => "qwen2_moe";

    /// <inheritdoc/>
    protected override TransformerConfig ReadFields(ConfigFile file)
    {
        RefuseWindows(file);
        file.Expect("use_mrope", "false", "null");
        file.Ignore("output_router_logits", "router_aux_loss_coef");

        // Defaults of Hugging Face's Qwen2MoeConfig.
        var mixture = new ExpertMixture(
            file.Integer("num_experts", 60), file.Integer("num_experts_per_tok", 4), file.Integer("moe_intermediate_size", 1408),
            file.Integer("shared_expert_intermediate_size", 5632), file.Flag("norm_topk_prob", false),
                file.Integer("decoder_sparse_step", 1))
        {
            DenseLayers = file.Integers("mlp_only_layers"),
        };
        return ReadCommon(file) with { QueryBias = file.Flag("qkv_bias", true), Experts = mixture };
    }

    /// <inheritdoc/>
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
