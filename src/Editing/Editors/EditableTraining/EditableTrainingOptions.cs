using Harness.Editing.Pipelines;

namespace Harness.Editing.Editors.EditableTraining;

/// <summary>
/// Options of Editable Training (Sinitsin et al. 2020, "Editable Neural Networks"; xtinkt/editable): the model itself is trained so that a
/// few steps of gradient descent edit it. What the training changes is part of every edit, and locality is against the model before it.
/// </summary>
public sealed record EditableTrainingOptions : IEditorOptions
{
    /// <summary>How the model is trained, which also says how it is edited.</summary>
    public required EditablePhaseOptions Training { get; init; }

    /// <summary>
    /// Requests edited at once, at least 0; 0 is all. Default 1 (published). Later ones are made on the model that earlier ones left.
    /// </summary>
    public int BatchSize { get; init; } = 1;

    /// <inheritdoc/>
    public IReadOnlyList<string> Validate() =>
        new OptionChecks().Nested("training", Training.Validate()).AtLeast("batch-size", BatchSize, 0).Violations;

    /// <inheritdoc/>
    public IEditorOptions Sequential(int batchSize) => this with { BatchSize = batchSize };
}

/// <summary>
/// How a model is trained to be edited, and how it is then edited. Where it differs from the reference code: the rate of the steps stays as
/// it is, where the code learns RMSprop's decay; the loss of the task is the cross entropy of the kept prompts' answers, where the code
/// takes the divergence from the model before for models that were trained already; the constraint is each answer token's, where the code's
/// translations are compared with other whole translations.
/// </summary>
public sealed record EditablePhaseOptions
{
    /// <summary>Layer that edits change, from 0. Published: the last of a decoder, or the last but one.</summary>
    public required int Layer { get; init; }

    /// <summary>Part of it. Default <c>layer</c> (published).</summary>
    public TunedModule Module { get; init; } = TunedModule.Layer;

    /// <summary>
    /// Layers that the training changes beside that, from 0, none twice. Null, the default, is all weights, embeddings and head included
    /// (published).
    /// </summary>
    public IReadOnlyList<int>? TrainedLayers { get; init; }

    /// <summary>How an edit steps. Default <c>rprop</c>: the first step of the code's RMSprop.</summary>
    public EditRule Rule { get; init; } = EditRule.Rprop;

    /// <summary>α: rate of an edit's steps, above 0. Default 1e-3 (published).</summary>
    public double EditRate { get; init; } = 1e-3;

    /// <summary>k: steps of an edit at most, at least 1; it ends where its constraint holds. Default 10 (published).</summary>
    public int EditSteps { get; init; } = 10;

    /// <summary>
    /// By how much, in nats, a wanted token's log-probability is to exceed every other's, at least 0. Default 0 (published): the wanted
    /// answer is the argmax.
    /// </summary>
    public double Margin { get; init; }

    /// <summary>
    /// Whether the end-of-sequence token is the answers' last token. Default true (published: translations end with it).
    /// </summary>
    public bool AppendEos { get; init; } = true;

    /// <summary>c_edit: weight of the constraint behind the edit, at least 0. Default 100 (published: translation; images 0.01).</summary>
    public double EditWeight { get; init; } = 100;

    /// <summary>
    /// c_loc: weight of the divergence that the edit makes on other prompts, at least 0. Default 100 (published for translation; images
    /// 0.01).
    /// </summary>
    public double LocalityWeight { get; init; } = 100;

    /// <summary>
    /// Edits that are made at once while training, at least 1; all examples where there are no more. Default 1 (published).
    /// </summary>
    public int EditsPerBatch { get; init; } = 1;

    /// <summary>
    /// Prompts of other facts in each update, at least 1, drawn from the locality prompts of all examples: the task's, and those that the
    /// edit is to leave as they are. Default 128 (published for images).
    /// </summary>
    public int Kept { get; init; } = 128;

    /// <summary>Updates, at least 1; there is no early stop. Default 10 000 (published: until the validation loss rises).</summary>
    public int Steps { get; init; } = 10_000;

    /// <summary>Adam's learning rate, above 0. Default 1e-5 (published for weights that were trained before).</summary>
    public double LearningRate { get; init; } = 1e-5;

    /// <summary>Largest norm of an update's gradient, above 0. Default 10 (published).</summary>
    public double GradientClip { get; init; } = 10;

    /// <summary>Every violation, as in <see cref="IEditorOptions.Validate"/>.</summary>
    public IReadOnlyList<string> Validate() => new OptionChecks()
        .AtLeast("layer", Layer, 0)
        .Check(
            TrainedLayers is null || TrainedLayers.Count > 0 && TrainedLayers.All(layer => layer >= 0)
                && TrainedLayers.Distinct().Count() == TrainedLayers.Count,
            "trained-layers", $"[{string.Join(", ", TrainedLayers ?? [])}]", "at least one layer, from 0, none twice")
        .Positive("edit-rate", EditRate)
        .AtLeast("edit-steps", EditSteps, 1)
        .NotNegative("margin", Margin)
        .NotNegative("edit-weight", EditWeight)
        .NotNegative("locality-weight", LocalityWeight)
        .AtLeast("edits-per-batch", EditsPerBatch, 1)
        .AtLeast("kept", Kept, 1)
        .AtLeast("steps", Steps, 1)
        .Positive("learning-rate", LearningRate)
        .Positive("gradient-clip", GradientClip)
        .Violations;
}

/// <summary>A step of an edit.</summary>
public enum EditRule
{
    /// <summary>θ − α ∇l_e.</summary>
    Sgd,

    /// <summary>θ − α sign(∇l_e).</summary>
    Rprop,
}
