namespace Harness.Measuring.Metrics;

/// <summary>What is measured of a case. Every value is the case's own: a mean over its questions where it has several.</summary>
public static class MetricNames
{
    /// <summary>On the edit prompt, in [0, 1]. Every protocol but <see cref="Protocol.NllPair"/>.</summary>
    public const string Reliability = "reliability";

    /// <summary>On the rephrasings, in [0, 1]; where the case has some.</summary>
    public const string Generality = "generality";

    /// <summary>
    /// On the locality questions, in [0, 1]; where the case has some, and, unless the definition is <see cref="LocalityDefinition.Truth"/>,
    /// the unedited model's outputs are known.
    /// </summary>
    public const string Locality = "locality";

    /// <summary>On questions one hop away, in [0, 1]; where the case has some.</summary>
    public const string Portability = "portability";

    /// <summary>
    /// Efficacy score: 1 when the new target is likelier than the true one on the edit prompt. <see cref="Protocol.NllPair"/>, as the
    /// following.
    /// </summary>
    public const string EfficacyScore = "es";

    /// <summary>Efficacy magnitude: exp(−nll) of the new target less that of the true one, in (−1, 1).</summary>
    public const string EfficacyMagnitude = "em";

    /// <summary>Paraphrase score: as the efficacy score, on the rephrasings.</summary>
    public const string ParaphraseScore = "ps";

    /// <summary>Paraphrase magnitude: as the efficacy magnitude, on the rephrasings.</summary>
    public const string ParaphraseMagnitude = "pm";

    /// <summary>Neighbourhood score: 1 when a locality question's answer is likelier than the case's new target.</summary>
    public const string NeighbourhoodScore = "ns";

    /// <summary>Neighbourhood magnitude: exp(−nll) of the answer less that of the new target, in (−1, 1).</summary>
    public const string NeighbourhoodMagnitude = "nm";

    /// <summary>
    /// Generation entropy in bits, of texts that the model writes about the subject: fluency. Any protocol, where asked for.
    /// </summary>
    public const string GenerationEntropy = "ge";
}
