using System.Text.Json.Serialization;

namespace Harness.Models;

/// <summary>How activations are normalised.</summary>
public enum NormKind
{
    /// <summary>Root mean square, no bias (Zhang and Sennrich 2019).</summary>
    Rms,

    /// <summary>Mean and variance, with bias (Ba et al. 2016).</summary>
    Layer,
}

/// <summary>How a model knows the order of its tokens.</summary>
public enum PositionKind
{
    /// <summary>Rotated queries and keys (Su et al. 2021).</summary>
    Rotary,

    /// <summary>A learnt vector for each position, added to the token's (GPT-2).</summary>
    Learned,

    /// <summary>A bias on the scores, linear in the distance (Press et al. 2022; BLOOM).</summary>
    Alibi,
}

/// <summary>The MLP's non-linearity.</summary>
public enum Activation
{
    /// <summary>x · σ(x).</summary>
    Silu,

    /// <summary>x · Φ(x).</summary>
    Gelu,

    /// <summary>GELU's approximation by tanh (GPT-2's <c>gelu_new</c>).</summary>
    GeluTanh,
}

/// <summary>
/// How rotary frequencies are stretched for longer texts. <c>linear</c> divides all by <paramref name="Factor"/>; LLaMA 3.1 leaves
/// wavelengths below <paramref name="OriginalPositions"/> / <paramref name="HighFrequencyFactor"/>, divides those above
/// <paramref name="OriginalPositions"/> / <paramref name="LowFrequencyFactor"/>, and blends between.
/// </summary>
/// <param name="Factor">At least 1.</param>
/// <param name="LowFrequencyFactor">LLaMA 3.1's; null for <c>linear</c>.</param>
/// <param name="HighFrequencyFactor">LLaMA 3.1's; null for <c>linear</c>.</param>
/// <param name="OriginalPositions">Positions of the first training; null for <c>linear</c>.</param>
public sealed record RotaryScaling(
    double Factor, double? LowFrequencyFactor = null, double? HighFrequencyFactor = null, int? OriginalPositions = null);

/// <summary>
/// A mixture of gated MLPs in the place of one: each token goes through a few experts and through a shared one (Qwen1.5-MoE).
/// </summary>
/// <param name="Count">Experts.</param>
/// <param name="Active">Experts that a token goes through, at most <paramref name="Count"/>.</param>
/// <param name="Width">MLP width of an expert.</param>
/// <param name="SharedWidth">MLP width of the shared expert.</param>
/// <param name="Normalise">Whether the chosen experts' weights are made to add up to 1.</param>
/// <param name="SparseStep">Every how manieth layer has experts, from 1.</param>
public sealed record ExpertMixture(int Count, int Active, int Width, int SharedWidth, bool Normalise, int SparseStep = 1)
{
    /// <summary>Layers that have one MLP all the same.</summary>
    public IReadOnlyList<int> DenseLayers { get; init; } = [];
}

/// <summary>
/// Describes one decoder-only transformer. A family (LLaMA …) is a reader from its Hugging Face config.json to this record plus one map of
/// checkpoint names; there is no class per model.
/// </summary>
public sealed record TransformerConfig
{
    // No model has more: a damaged file must not fill the memory before its checkpoint is looked at.
    private const int MostLayers = 10_000, MostWide = 1 << 22;

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

    /// <summary>Width of a head where it is not <see cref="Width"/> / <see cref="Heads"/> (Qwen3), else null.</summary>
    public int? HeadSize { get; init; }

    /// <summary>Kind of all norms. Default <c>rms</c> (LLaMA).</summary>
    public NormKind Norm { get; init; } = NormKind.Rms;

    /// <summary>How positions enter. Default <c>rotary</c> (LLaMA).</summary>
    public PositionKind Positions { get; init; } = PositionKind.Rotary;

    /// <summary>Channels of a head that are rotated, even; null, the default, for all of them.</summary>
    public int? RotaryWidth { get; init; }

    /// <summary>Whether neighbouring channels form a pair (GPT-J), not those half a head apart. Default false.</summary>
    public bool RotaryInterleaved { get; init; }

    /// <summary>Stretching of the rotary frequencies, or null.</summary>
    public RotaryScaling? RotaryScaling { get; init; }

    /// <summary>Positions, its own included, that a token sees (Mistral); null, the default, for all before it.</summary>
    public int? SlidingWindow { get; init; }

    /// <summary>Whether queries and keys are normalised head by head before they are rotated (Qwen3). Default false.</summary>
    public bool QueryKeyNorm { get; init; }

    /// <summary>Whether attention and MLP read the same norm and are added together (GPT-J). Default false.</summary>
    public bool ParallelResidual { get; init; }

    /// <summary>Whether the MLP has a gate (SwiGLU). Default true (LLaMA).</summary>
    public bool Gated { get; init; } = true;

    /// <summary>The MLP's non-linearity. Default <c>silu</c> (LLaMA).</summary>
    public Activation Activation { get; init; } = Activation.Silu;

    /// <summary>Whether query, key and value projections have biases. Default false.</summary>
    public bool QueryBias { get; init; }

    /// <summary>Whether the attention's output projection has a bias. Default false.</summary>
    public bool OutputBias { get; init; }

    /// <summary>Whether the MLP's projections have biases. Default false.</summary>
    public bool MlpBias { get; init; }

    /// <summary>Whether the head has a bias (GPT-J). Default false.</summary>
    public bool HeadBias { get; init; }

    /// <summary>Whether token embeddings are normalised (BLOOM). Default false.</summary>
    public bool EmbeddingNorm { get; init; }

    /// <summary>A mixture of experts instead of one MLP, or null.</summary>
    public ExpertMixture? Experts { get; init; }

    /// <summary>Width d of one head.</summary>
    [JsonIgnore]
    public int HeadWidth => HeadSize ?? Width / Heads;

    /// <summary>Whether a layer has experts instead of one MLP.</summary>
    public bool HasExperts(int layer) =>
        Experts is { } experts && (layer + 1) % experts.SparseStep == 0 && !experts.DenseLayers.Contains(layer);

    /// <summary>Checks that the numbers fit each other.</summary>
    /// <param name="where">File or option that holds them, for the message.</param>
    /// <exception cref="InputException">A number is out of range, or one does not divide another.</exception>
    public void Validate(string where)
    {
        Require(VocabularySize > 0, nameof(VocabularySize), VocabularySize, "at least 1");
        Require(Layers is > 0 and <= MostLayers, nameof(Layers), Layers, $"1 to {MostLayers}");
        Require(Width is > 0 and <= MostWide, nameof(Width), Width, $"1 to {MostWide}");
        Require(MlpWidth is > 0 and <= MostWide, nameof(MlpWidth), MlpWidth, $"1 to {MostWide}");
        Require(MaxPositions > 0, nameof(MaxPositions), MaxPositions, "at least 1");
        Require(Heads is > 0 and <= MostLayers, nameof(Heads), Heads, $"1 to {MostLayers}");
        Require(KeyValueHeads > 0 && Heads % KeyValueHeads == 0, nameof(KeyValueHeads), KeyValueHeads, $"a divisor of the {Heads} heads");
        var even = Positions == PositionKind.Rotary ? 2 : 1;
        if (HeadSize is { } size)
            Require(size is > 0 and <= MostWide && size % even == 0, nameof(HeadSize), size, "at least 1, even where it is rotated");
        else
        {
            Require(
                Width > 0 && Width % (even * Heads) == 0, nameof(Width), Width,
                $"a multiple of {even * Heads}: {Heads} heads{(even == 2 ? " of even width" : "")}");
        }

        if (RotaryWidth is { } rotated)
            Require(rotated > 0 && rotated % 2 == 0 && rotated <= HeadWidth, nameof(RotaryWidth), rotated, $"even, 2 to {HeadWidth}");
        if (SlidingWindow is { } window) Require(window > 0, nameof(SlidingWindow), window, "at least 1");
        if (RotaryScaling is { } scaling)
        {
            Require(scaling.Factor >= 1, nameof(RotaryScaling), scaling.Factor, "a factor of at least 1");
            Require(scaling.OriginalPositions is null or > 0, "RotaryOriginalPositions", scaling.OriginalPositions ?? 0, "at least 1");
        }

        if (Experts is { } experts)
        {
            Require(experts.Count is > 0 and <= MostLayers, "Experts", experts.Count, $"1 to {MostLayers}");
            Require(experts.Active >= 1 && experts.Active <= experts.Count, "ExpertsActive", experts.Active,
                $"1 to the {experts.Count} experts");
            Require(experts.Width > 0 && experts.SharedWidth > 0, "ExpertsWidth", Math.Min(experts.Width, experts.SharedWidth),
                "at least 1");
            Require(experts.SparseStep > 0, "ExpertsSparseStep", experts.SparseStep, "at least 1");
        }

        Require(RotaryBase > 1, nameof(RotaryBase), RotaryBase, "more than 1");
        Require(NormEpsilon > 0, nameof(NormEpsilon), NormEpsilon, "more than 0");
        Require(InitializerRange > 0, nameof(InitializerRange), InitializerRange, "more than 0");

        void Require(bool holds, string name, double found, string expected)
        {
            if (!holds)
                throw new InputException(FormattableString.Invariant($"{where}: {JsonName(name)} is {found}; expected {expected}"));
        }
    }

    /// <summary>Checks that a sequence fits.</summary>
    /// <exception cref="InputException">It has more tokens than the model has positions.</exception>
    internal void CheckLength(long tokens)
    {
        if (tokens > MaxPositions)
            throw new InputException($"a sequence has {tokens} tokens; the model has {MaxPositions} positions; shorten the text");
    }

    private static string JsonName(string name) => System.Text.Json.JsonNamingPolicy.KebabCaseLower.ConvertName(name);
}
