namespace Harness.Models;

/// <summary>
/// Names of the places in a model that can be read, edited or adapted: parameter names of Hugging Face's LLaMA, for every family.
/// </summary>
public static class Sites
{
    /// <summary>The token embedding, [V, D].</summary>
    public const string Embedding = "model.embed_tokens.weight";

    /// <summary>The weight of the final norm, [D].</summary>
    public const string FinalNorm = "model.norm.weight";

    /// <summary>The output head, [V, D]; the embedding itself where the head is tied.</summary>
    public const string Head = "lm_head.weight";

    /// <summary>Query projection, [H·d, D].</summary>
    public static string Query(int layer) => $"model.layers.{layer}.self_attn.q_proj.weight";

    /// <summary>Key projection, [K·d, D].</summary>
    public static string Key(int layer) => $"model.layers.{layer}.self_attn.k_proj.weight";

    /// <summary>Value projection, [K·d, D].</summary>
    public static string Value(int layer) => $"model.layers.{layer}.self_attn.v_proj.weight";

    /// <summary>Attention output projection, [D, H·d].</summary>
    public static string Output(int layer) => $"model.layers.{layer}.self_attn.o_proj.weight";

    /// <summary>MLP gate projection, [I, D].</summary>
    public static string Gate(int layer) => $"model.layers.{layer}.mlp.gate_proj.weight";

    /// <summary>MLP up-projection, [I, D].</summary>
    public static string Up(int layer) => $"model.layers.{layer}.mlp.up_proj.weight";

    /// <summary>MLP down-projection, [D, I]: where locate-and-edit methods write.</summary>
    public static string DownProjection(int layer) => $"model.layers.{layer}.mlp.down_proj.weight";

    /// <summary>Weight of the norm before attention, [D].</summary>
    public static string AttentionNorm(int layer) => $"model.layers.{layer}.input_layernorm.weight";

    /// <summary>Weight of the norm before the MLP, [D].</summary>
    public static string MlpNorm(int layer) => $"model.layers.{layer}.post_attention_layernorm.weight";
}
