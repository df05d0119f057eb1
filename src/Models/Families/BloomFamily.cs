using System.Text.Json.Nodes;
using Harness.Models.Json;

namespace Harness.Models.Families;

/// <summary>
/// BLOOM (BigScience 2022): linear biases instead of positions, a norm on the embedding, query, key and value of each head in one tensor.
/// </summary>
internal sealed class BloomFamily : ModelFamily
{
    public override string ModelType => "bloom";

    public override string Prefix => "transformer.";

    public override IReadOnlyList<CheckpointTensor> Tensors(TransformerConfig config)
    {
        var list = new TensorList(config).With("transformer.word_embeddings", Sites.Embedding)
            .With("transformer.word_embeddings_layernorm", Sites.EmbeddingNorm);
        for (var layer = 0; layer < config.Layers; layer++)
        {
            var block = $"transformer.h.{layer}";
            list.With($"{block}.input_layernorm", Sites.AttentionNorm(layer))
                .Fused($"{block}.self_attention.query_key_value", [Sites.Query(layer), Sites.Key(layer), Sites.Value(layer)],
                    TensorForm.FusedHeads)
                .With($"{block}.self_attention.dense", Sites.Output(layer))
                .With($"{block}.post_attention_layernorm", Sites.MlpNorm(layer))
                .With($"{block}.mlp.dense_h_to_4h", Sites.Up(layer))
                .With($"{block}.mlp.dense_4h_to_h", Sites.DownProjection(layer));
        }

        list.With("transformer.ln_f", Sites.FinalNorm);
        return (config.TiedHead ? list : list.With("lm_head", Sites.Head)).Done;
    }

    public override bool IsIgnored(string checkpointName) => false;

    protected override TransformerConfig ReadFields(JsonPlace file)
    {
        // Older files say n_embed and num_attention_heads, some both.
        var width = Either(file, "n_embed", "hidden_size");
        var heads = Either(file, "num_attention_heads", "n_head");
        file.Expect("apply_residual_connection_post_layernorm", "false");
        file.Expect("n_inner", "null", $"{4L * width}");
        file.Ignore(
            "attention_softmax_in_fp32", "bias_dropout_fusion", "masked_softmax_fusion", "offset_alibi", "skip_bias_add",
            "skip_bias_add_qkv", "slow_but_exact");
        return new TransformerConfig
        {
            Family = ModelType,
            VocabularySize = file["vocab_size"].Integer(),
            Width = width,
            MlpWidth = 4 * width,
            Layers = Either(file, "num_hidden_layers", "n_layer"),
            Heads = heads,
            KeyValueHeads = heads,
            // What it was trained with; the biases set no limit of their own.
            MaxPositions = file["seq_length"].Integer(2048),
            NormEpsilon = file["layer_norm_epsilon"].Number(1e-5),
            TiedHead = file["tie_word_embeddings"].Flag(true),
            InitializerRange = file["initializer_range"].Number(0.02),
            Norm = NormKind.Layer,
            Positions = PositionKind.Alibi,
            Gated = false,
            Activation = Activation.GeluTanh,
            QueryBias = true,
            OutputBias = true,
            MlpBias = true,
            EmbeddingNorm = true,
        };
    }

    protected override JsonObject WriteFields(TransformerConfig config) => new()
    {
        ["apply_residual_connection_post_layernorm"] = false,
        ["architectures"] = new JsonArray("BloomForCausalLM"),
        ["hidden_size"] = config.Width,
        ["layer_norm_epsilon"] = config.NormEpsilon,
        ["n_head"] = config.Heads,
        ["n_layer"] = config.Layers,
        ["seq_length"] = config.MaxPositions,
    };

    private const string OneField = "they are one field: correct one of them";

    private static int Either(JsonPlace file, string older, string name)
    {
        var (first, second) = (file[older].Optional?.Integer(), file[name].Optional?.Integer());
        if (first is not null && second is not null && first != second)
            throw file[older].Wrong($"{second} as {name}", OneField);
        return first ?? second ?? file[name].Integer();
    }
}
