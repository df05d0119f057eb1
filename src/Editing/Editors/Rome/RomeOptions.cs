using Harness.Editing.Locating;
using Harness.Editing.Pipelines;

namespace Harness.Editing.Editors.Rome;

/// <summary>Options of ROME: Rank-One Model Editing (Meng et al. 2022).</summary>
public sealed record RomeOptions : RankOneOptions;

/// <summary>The key of a rank-one update, at the subject's last token.</summary>
public enum KeyChoice
{
    /// <summary>The mean over contexts (r-ROME).</summary>
    Mean,

    /// <summary>The plain prompt's (p-ROME).</summary>
    Plain,
}

/// <summary>Options that ROME and the methods built on it share.</summary>
public abstract record RankOneOptions : IEditorOptions
{
    /// <summary>Layer of the edited down-projection, from 0. Published: 5 for LLaMA-2-7B and gpt-j, 17 for gpt2-xl.</summary>
    public required int Layer { get; init; }

    /// <summary>Search for the value.</summary>
    public ValueOptions Value { get; init; } = new();

    /// <summary>Contexts of keys and values. Default ten beginnings of length 5 and ten of length 10, with the plain prompt 21.</summary>
    public ContextOptions Contexts { get; init; } = ContextOptions.Rome;

    /// <summary>
    /// Added to the covariance's diagonal, as a share of the diagonal's mean, at least 0. Default 0 (ROME's code). Small models with few
    /// tokens may need 1e-6 or more.
    /// </summary>
    public double CovarianceRidge { get; init; }

    /// <inheritdoc/>
    public IReadOnlyList<string> Validate() => new OptionChecks()
        .AtLeast("layer", Layer, 0)
        .Nested("value", Value.Validate())
        .Nested("contexts", Contexts.Validate())
        .NotNegative("covariance-ridge", CovarianceRidge)
        .Violations;

    /// <summary>These options for batches of one; null for larger ones: each request has an update of its own.</summary>
    public IEditorOptions? Sequential(int batchSize) => batchSize == 1 ? this : null;
}

/// <summary>
/// How the wanted value of a subject's last token is searched for (ROME, §3.1, eq. 4). Defaults are those published for LLaMA-2-7B.
/// </summary>
public sealed record ValueOptions
{
    /// <summary>Adam's learning rate, above 0. Default 0.5 (ROME; MEMIT on llama3-8b: 0.1).</summary>
    public double LearningRate { get; init; } = 0.5;

    /// <summary>Adam's constants.</summary>
    public AdamOptions Adam { get; init; } = new();

    /// <summary>Times that the loss is looked at, at least 1; one update fewer at most. Default 25 (gpt2 and gpt-j: 20).</summary>
    public int Steps { get; init; } = 25;

    /// <summary>Factor of ‖δ‖ / ‖v‖² in the loss, at least 0. Default 1e-3 (gpt2 and gpt-j: 0.5).</summary>
    public double WeightDecay { get; init; } = 1e-3;

    /// <summary>Longest δ as a multiple of ‖v‖, above 0. Default 4 (gpt2-medium: 3; MEMIT on gpt2-xl and gpt-j: 0.75).</summary>
    public double Clamp { get; init; } = 4;

    /// <summary>
    /// Factor of the KL divergence between the edited and the unedited prediction at the subject, at least 0. Default 0.0625 (ROME's
    /// code).
    /// </summary>
    public double KlFactor { get; init; } = 0.0625;

    /// <summary>Prompt of the KL term; {} is the subject. Default "{} is a" (ROME's code).</summary>
    public string KlPrompt { get; init; } = "{} is a";

    /// <summary>A request's search ends when its whole loss, in nats, is below; at least 0. Default 0.05 (ROME's code).</summary>
    public double StopLoss { get; init; } = 0.05;

    /// <summary>Whether the end-of-sequence token is the target's last token. Default false (ROME's and MEMIT's code).</summary>
    public bool AppendEos { get; init; }

    /// <summary>Requests searched for in one pass, at least 1: bounds memory. Default 32. Changes results by rounding only.</summary>
    public int RequestsPerPass { get; init; } = 32;

    /// <summary>Every violation, as in <see cref="IEditorOptions.Validate"/>.</summary>
    public IReadOnlyList<string> Validate() => new OptionChecks()
        .Positive("learning-rate", LearningRate)
        .Nested("adam", Adam.Validate())
        .AtLeast("steps", Steps, 1)
        .NotNegative("weight-decay", WeightDecay)
        .Positive("clamp", Clamp)
        .NotNegative("kl-factor", KlFactor)
        .Check(KlPrompt.Split("{}").Length == 2, "kl-prompt", $"'{KlPrompt}'", "a text with {} in it once")
        .NotNegative("stop-loss", StopLoss)
        .AtLeast("requests-per-pass", RequestsPerPass, 1)
        .Violations;
}
