namespace Harness.Measuring.Metrics;

/// <summary>What is measured, and how.</summary>
/// <param name="Protocol">How answers are taken.</param>
/// <param name="Locality">What locality is. Default <c>same-argmax</c>; <c>nll-pair</c> has a locality of its own, the neighbourhood
/// scores.</param>
/// <param name="Generation">Whether texts are generated, and their entropy measured. Default no: it takes far longer than all else.</param>
public sealed record ScoringOptions(
    Protocol Protocol, LocalityDefinition Locality = LocalityDefinition.SameArgmax, bool Generation = false)
{
    /// <summary>
    /// Length of a generated text in tokens, its prompt included. Default 100 (ROME, MEMIT); cut to the model's positions, and at least one
    /// token is generated.
    /// </summary>
    public int GenerationTokens { get; init; } = 100;
}
