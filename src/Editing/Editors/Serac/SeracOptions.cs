using Harness.Editing.Pipelines;

namespace Harness.Editing.Editors.Serac;

/// <summary>
/// Options of SERAC: Semi-parametric Editing with a Retrieval-Augmented Counterfactual Model (Mitchell et al. 2022b). Edits are remembered
/// in words; a scope classifier says which of them, if any, a prompt falls under; then a counterfactual model answers the prompt behind
/// that edit. The paper's two models are small pretrained ones (DistilBERT, and T5-small or LLaMA-160M); here the classifier compares
/// hidden states of the edited model itself, and the counterfactual model is the edited model with a trained change of its weights.
/// </summary>
public sealed record SeracOptions : IEditorOptions
{
    /// <summary>What is trained before any edit.</summary>
    public required SeracTrainingOptions Training { get; init; }

    /// <summary>Scope's probability above which the counterfactual model answers, 0 to 1. Default 0.5 (published).</summary>
    public double Threshold { get; init; } = 0.5;

    /// <summary>Positions that are left free for the answer, at least 1; a prompt without room stays as it is. Default 32.</summary>
    public int AnswerTokens { get; init; } = 32;

    /// <summary>Edits in a batch, at least 1; each is remembered for itself, so that the size changes no result. Default 1.</summary>
    public int BatchSize { get; init; } = 1;

    /// <inheritdoc/>
    public IReadOnlyList<string> Validate() => new OptionChecks()
        .Nested("training", Training.Validate())
        .Check(Threshold is >= 0 and <= 1, "threshold", Threshold, "0 to 1")
        .AtLeast("answer-tokens", AnswerTokens, 1)
        .AtLeast("batch-size", BatchSize, 1)
        .Violations;

    /// <inheritdoc/>
    public IEditorOptions? Sequential(int batchSize) => this with { BatchSize = batchSize };
}

/// <summary>How SERAC's two parts are trained on facts that are not edited.</summary>
public sealed record SeracTrainingOptions
{
    /// <summary>Layer behind which the classifier reads the mean hidden states of texts, from 0.</summary>
    public required int Layer { get; init; }

    /// <summary>
    /// Width of the classifier's embedding f, at least 1. Default 64. The scope's probability of two texts is exp(−‖f(a) − f(b)‖²), as in
    /// the paper.
    /// </summary>
    public int ScopeWidth { get; init; } = 64;

    /// <summary>Updates of the classifier, each over all pairs, at least 1. Default 300.</summary>
    public int ScopeSteps { get; init; } = 300;

    /// <summary>Learning rate of the classifier (Adam), above 0. Default 1e-3 in units of its first weights' size.</summary>
    public double ScopeLearningRate { get; init; } = 1e-3;

    /// <summary>Prompts of other facts that each fact is told apart from, beside its locality prompts; at least 0. Default 4.</summary>
    public int Negatives { get; init; } = 4;

    /// <summary>
    /// Rank of the counterfactual model's change of query and value in every layer, at least 0; 0 changes all weights of all layers.
    /// Default 8.
    /// </summary>
    public int Rank { get; init; } = 8;

    /// <summary>LoRA's α, above 0; used where <see cref="Rank"/> is not 0. Default 16.</summary>
    public double Alpha { get; init; } = 16;

    /// <summary>
    /// Other answers that each fact is trained with too, drawn from the other facts' new ones, at least 0. Default 0 (published: sets of
    /// many thousand facts). Where facts are few, their answers are learnt by heart otherwise, and nothing makes the model read the edit.
    /// </summary>
    public int OtherTargets { get; init; }

    /// <summary>What stands between an edit and the prompt. Default one space (EasyEdit).</summary>
    public string Separator { get; init; } = " ";

    /// <summary>How the counterfactual model is trained. Default 10 epochs of batches of 32, learning rate 1e-3.</summary>
    public FineTuningOptions Tuning { get; init; } = new() { BatchSize = 32, Epochs = 10, LearningRate = 1e-3 };

    /// <summary>Every violation, as in <see cref="IEditorOptions.Validate"/>.</summary>
    public IReadOnlyList<string> Validate() => new OptionChecks()
        .AtLeast("layer", Layer, 0)
        .AtLeast("scope-width", ScopeWidth, 1)
        .AtLeast("scope-steps", ScopeSteps, 1)
        .Positive("scope-learning-rate", ScopeLearningRate)
        .AtLeast("negatives", Negatives, 0)
        .AtLeast("rank", Rank, 0)
        .Positive("alpha", Alpha)
        .AtLeast("other-targets", OtherTargets, 0)
        .Nested("tuning", Tuning.Validate())
        .Violations;
}
