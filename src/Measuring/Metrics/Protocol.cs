using System.Text.Json.Serialization;

namespace Harness.Measuring.Metrics;

/// <summary>How an answer is taken and scored (see the README's table of protocols). No number leaves the harness without one.</summary>
public enum Protocol
{
    /// <summary>Bare prompt, teacher forced: the fraction of target tokens that are the argmax (EasyEdit, F-Learning, DFT).</summary>
    [JsonStringEnumMemberName("tf-token")]
    TfToken,

    /// <summary>Bare prompt, teacher forced: 1 when every target token is the argmax.</summary>
    [JsonStringEnumMemberName("tf-all")]
    TfAll,

    /// <summary>Bare prompt, greedy, at most 32 new tokens, stop at ".", newline or EOS; normalised exact match (LocFT).</summary>
    [JsonStringEnumMemberName("wild-em")]
    WildEm,

    /// <summary>As <see cref="WildEm"/> behind "Please answer the question:", at most 50 new tokens (WILD without its judge).</summary>
    [JsonStringEnumMemberName("wild-em-qa")]
    WildEmQa,

    /// <summary>Bare prompt: mean negative log-likelihood per token of the new and of the true target (CounterFact; EMMET).</summary>
    [JsonStringEnumMemberName("nll-pair")]
    NllPair,
}

/// <summary>What "unchanged" means for a locality question.</summary>
public enum LocalityDefinition
{
    /// <summary>
    /// Fraction of the answer's positions whose teacher-forced argmax is the same as before the edit, right or wrong (EasyEdit, DFT).
    /// </summary>
    [JsonStringEnumMemberName("same-argmax")]
    SameArgmax,

    /// <summary>1 when the greedy text is the same as before the edit, with the prompt, the stop and the length of the protocol.</summary>
    [JsonStringEnumMemberName("same-text")]
    SameText,

    /// <summary>
    /// Whether the question is answered with its truth, scored as the protocol scores answers (MEMIT's zsRE). It compares with nothing
    /// before the edit.
    /// </summary>
    [JsonStringEnumMemberName("truth")]
    Truth,
}
