using System.Text.Json.Nodes;

namespace Harness.Models.Families.Gpt2;

/// <summary>The fields that GPT-2 and GPT-J share.</summary>
internal static class OpenAiFields
{
    /// <summary>Reads them: layer norms with bias, an MLP without gate and with biases, GELU by tanh.</summary>
    public static TransformerConfig Read(ConfigFile file, string family)
    {
        var (width, heads) = (file.Integer("n_embd"), file.Integer("n_head"));
        file.Expect("activation_function", "\"gelu_new\"", "\"gelu_pytorch_tanh\"");
        return new TransformerConfig
        {
            Family = family,
            VocabularySize = file.Integer("vocab_size"),
            Width = width,
            MlpWidth = file.Integer("n_inner", 4 * width),
            Layers = file.Integer("n_layer"),
            Heads = heads,
            KeyValueHeads = heads,
            MaxPositions = file.Integer("n_positions"),
            NormEpsilon = file.Number("layer_norm_epsilon", 1e-5),
            InitializerRange = file.Number("initializer_range", 0.02),
            Norm = NormKind.Layer,
            Gated = false,
            Activation = Activation.GeluTanh,
            MlpBias = true,
        };
    }

    /// <summary>Writes them.</summary>
    public static JsonObject Write(TransformerConfig config, string architecture) => new()
    {
        ["activation_function"] = "gelu_new",
        ["architectures"] = new JsonArray(architecture),
        ["layer_norm_epsilon"] = config.NormEpsilon,
        ["n_embd"] = config.Width,
        ["n_head"] = config.Heads,
        ["n_inner"] = config.MlpWidth,
        ["n_layer"] = config.Layers,
        ["n_positions"] = config.MaxPositions,
    };
}
