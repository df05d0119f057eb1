using System.Text.Json.Serialization;

namespace Harness.Models;

/// <summary>
/// Describes one decoder-only transformer. A family (LLaMA …) is a reader from its Hugging Face config.json to this record plus one map of
/// checkpoint names; there is no class per model.
/// </summary>
public sealed record TransformerConfig
{
    /// <summary>Hugging Face <c>model_type</c>, for example <c>llama</c>.</summary>
    public required string Family { get; init; }

    /// <summary>Number of token ids.</summary>
    public required int VocabularySize { get; init; }

    /// <summary>Model width D.</summary>
    public required int Width { get; init; }

    /// <summary>MLP width I.</summary>
    public required int MlpWidth { get; init; }

    /// <summary>Number of layers.</summary>
    public required int Layers { get; init; }

    /// <summary>Number of query heads.</summary>
    public required int Heads { get; init; }

    /// <summary>Number of key and value heads; divides <see cref="Heads"/>.</summary>
    public required int KeyValueHeads { get; init; }

    /// <summary>Longest sequence, in tokens.</summary>
    public required int MaxPositions { get; init; }

    /// <summary>Base of the rotary frequencies. Default 10 000 (LLaMA).</summary>
    public double RotaryBase { get; init; } = 10_000;

    /// <summary>ε of RMSNorm. Default 1e-5 (LLaMA 2).</summary>
    public double NormEpsilon { get; init; } = 1e-5;

    /// <summary>Whether the head shares the embedding matrix. Default false (LLaMA).</summary>
    public bool TiedHead { get; init; }

    /// <summary>
    /// Standard deviation of the first weights of a model that is trained here. Default 0.02 (GPT-2; LLaMA's <c>initializer_range</c>),
    /// chosen for widths of thousands; narrow models learn faster from about 1/√width.
    /// </summary>
    public double InitializerRange { get; init; } = 0.02;

    /// <summary>Width d of one head.</summary>
    [JsonIgnore]
    public int HeadWidth => Width / Heads;

    /// <summary>Checks that the numbers fit each other.</summary>
    /// <param name="where">File or option that holds them, for the message.</param>
    /// <exception cref="InputException">A number is out of range, or one does not divide another.</exception>
    public void Validate(string where)
    {
        Require(VocabularySize > 0, nameof(VocabularySize), VocabularySize, "at least 1");
        Require(Layers > 0, nameof(Layers), Layers, "at least 1");
        Require(MlpWidth > 0, nameof(MlpWidth), MlpWidth, "at least 1");
        Require(MaxPositions > 0, nameof(MaxPositions), MaxPositions, "at least 1");
        Require(Heads > 0, nameof(Heads), Heads, "at least 1");
        Require(KeyValueHeads > 0 && Heads % KeyValueHeads == 0, nameof(KeyValueHeads), KeyValueHeads, $"a divisor of the {Heads} heads");
        Require(Width > 0 && Width % (2 * Heads) == 0, nameof(Width), Width, $"a multiple of {2 * Heads}: {Heads} heads of even width");
        Require(RotaryBase > 1, nameof(RotaryBase), RotaryBase, "more than 1");
        Require(NormEpsilon > 0, nameof(NormEpsilon), NormEpsilon, "more than 0");
        Require(InitializerRange > 0, nameof(InitializerRange), InitializerRange, "more than 0");

        void Require(bool holds, string name, double found, string expected)
        {
            if (!holds)
                throw new InputException(FormattableString.Invariant($"{where}: {JsonName(name)} is {found}; expected {expected}"));
        }
    }

    private static string JsonName(string name) => System.Text.Json.JsonNamingPolicy.KebabCaseLower.ConvertName(name);
}
