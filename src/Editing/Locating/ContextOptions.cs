namespace Harness.Editing.Locating;

/// <summary>
/// Sampled beginnings that are put before a prompt, so that what is learnt does not hang on one wording (ROME, §3.1). The plain prompt is
/// always among the contexts.
/// </summary>
public sealed record ContextOptions
{
    /// <summary>
    /// Lengths of the sampled beginnings in tokens, their first words included, the tokenizer's prefix not; each at least 1. ROME: 5 and
    /// 10; MEMIT: 10.
    /// </summary>
    public required IReadOnlyList<int> Lengths { get; init; }

    /// <summary>Beginnings of each length, at least 0. ROME: 10; MEMIT: 5.</summary>
    public required int PerLength { get; init; }

    /// <summary>First words, taken in turn. Default The, Therefore, Because, I, You (ROME's code).</summary>
    public IReadOnlyList<string> Seeds { get; init; } = ["The", "Therefore", "Because", "I", "You"];

    /// <summary>Each next token is drawn from this many likeliest ones, at least 1. Default 5 (ROME's code).</summary>
    public int TopK { get; init; } = 5;

    /// <summary>Temperature of the draw, above 0. Default 1 (ROME's code).</summary>
    public double Temperature { get; init; } = 1;

    /// <summary>ROME's twenty: ten of length 5, ten of length 10.</summary>
    internal static ContextOptions Rome { get; } = new() { Lengths = [5, 10], PerLength = 10 };

    /// <summary>MEMIT's five of length 10.</summary>
    internal static ContextOptions Memit { get; } = new() { Lengths = [10], PerLength = 5 };

    /// <summary>Every violation, as in <see cref="IEditorOptions.Validate"/>.</summary>
    public IReadOnlyList<string> Validate() => new OptionChecks()
        .Check(Lengths.All(length => length > 0), "lengths", string.Join(", ", Lengths), "each at least 1")
        .AtLeast("per-length", PerLength, 0)
        .Check(Seeds.Count > 0 && Seeds.All(seed => seed.Length > 0), "seeds", string.Join(", ", Seeds), "at least one, none empty")
        .AtLeast("top-k", TopK, 1)
        .Positive("temperature", Temperature)
        .Violations;
}
