// V = vocabulary, L = answer tokens of kept prompts.
using Harness.Editing.Hypernetworks;
using Harness.Editing.Pipelines;
using Harness.Models;
using Harness.Models.Training.Optimisers;
using static TorchSharp.torch;

namespace Harness.Editing.Editors.EditableTraining;

/// <summary>
/// Editable Training: the weights that the training left are edited by a few steps of gradient descent, request by request. The edit is
/// both changes together.
/// </summary>
internal sealed class EditableTrainingEditor(EditableTrainingOptions options) : IEditor
{
    /// <summary>How the harness knows it.</summary>
    internal static EditorDescriptor Descriptor => EditorDescriptor.Of<EditableTrainingOptions>(
        "editable-training", options => new EditableTrainingEditor(options)) with
    {
        Examples = ExampleUse.Needed,
        Training = EditorTraining.Of<EditableTrainingOptions, EditablePhaseOptions>(
            options => options.Training, (options, session, file) => new EditablePhase(options, session).Run(file)),
        Open = OpenOption.Layer("training.layer", OpenOption.PublishedLayers - 1),
    };

    /// <inheritdoc/>
    public Edit Edit(EditSession session, IReadOnlyList<EditRequest> requests)
    {
        var (model, training) = (session.Model, options.Training);
        var file = session.TrainedFile ?? throw new InputException("Editor 'editable-training': found no trained file, "
            + "expected that of its training; run the editor's training for this model first.");
        var function = new EditFunction(session, training);
        using var trained = Harness.Editing.Edit.Load(file);
        HashSet<string> changed = [.. trained.Deltas.Select(delta => delta.Parameter), .. function.Names];
        using var original = new WeightSnapshot(model, [.. model.ParameterNames.Where(changed.Contains)]);
        trained.AddTo(model);

        using var weights = new TrainedWeights(model, function.Names);
        var (steps, known, done) = (0, 0, 0);
        foreach (var batch in requests.Chunk(options.BatchSize == 0 ? requests.Count : options.BatchSize))
        {
            var (taken, constraint) = function.Run(TrainingSamples.New(session, batch, training.AppendEos));
            (steps, known, done) = (steps + taken, known + (constraint <= 0 ? batch.Length : 0), done + batch.Length);
            session.AfterBatch?.Invoke(batch, null);
            session.Progress?.Report(FormattableString.Invariant($"edit {done}/{requests.Count} steps {taken} loss {constraint:0.000}"));
        }

        session.Cancellation.ThrowIfCancellationRequested();
        return new Edit(original.Deltas(), new Dictionary<string, double> { ["steps"] = steps, ["known"] = known });
    }
}

/// <summary>
/// Editable Training itself: min over θ of L_base(θ) + c_edit max(0, l_e(θ̂)) + c_loc KL(p(θ) ‖ p(θ̂)) with θ̂ = Edit^k_α(θ, l_e), by
/// gradient descent through the edit's steps (Sinitsin et al. 2020, section 3).
/// </summary>
internal sealed class EditablePhase
{
    // Lines for people; no result depends on it.
    private const int StepsPerReport = 10;
    private readonly EditablePhaseOptions options;
    private readonly EditSession session;
    private readonly EditFunction function;

    /// <summary>A training of a session's model.</summary>
    /// <exception cref="InputException">Names every option that is out of range, or what the model lacks.</exception>
    public EditablePhase(EditablePhaseOptions options, EditSession session)
    {
        (this.options, this.session) = (options, session);
        if (options.Validate() is { Count: > 0 } violations)
            throw new InputException($"Options of training 'editable-training': {string.Join("; ", violations)}.");
        function = new EditFunction(session, options);
        HashSet<string> trained =
            [.. TunedLayers.Names(session, "editable-training", options.TrainedLayers), .. function.Names];
        Names = [.. session.Model.ParameterNames.Where(trained.Contains)];
    }

    /// <summary>What the training changes, in the model's order.</summary>
    public IReadOnlyList<string> Names { get; }

    /// <summary>Trains and writes the change of the weights, as an edit that can be put on this model alone.</summary>
    public void Run(string file)
    {
        using var edit = Train();
        edit.Save(file, edit.BaseIn(session.Model));
    }

    /// <summary>Trains and leaves the model as it was; the caller disposes the change.</summary>
    /// <param name="losses">Told the losses of every update.</param>
    /// <exception cref="InputException">The examples are not enough, or a loss is no number any more.</exception>
    public Edit Train(Action<EditableLosses>? losses = null)
    {
        var examples = EncodedExample.All(session, "editable-training", options.AppendEos, needsLocality: true);
        EncodedExample[] keeping = [.. examples.Where(example => example.Locality.Count > 0)];
        using var scope = NewDisposeScope();
        using var original = new WeightSnapshot(session.Model, Names);
        using var trained = new TrainedWeights(session.Model, Names);
        using var optimiser = new Adam(trained.Parameters, options.LearningRate);
        var random = new SeededRandom(session.Seed, "editable-training/training");
        int[] order = [.. Enumerable.Range(0, examples.Count)];
        for (var step = 1; step <= options.Steps; step++)
        {
            using var inner = NewDisposeScope();
            random.Shuffle(order);
            optimiser.ZeroGradients();
            Sequence[] kept = [.. Enumerable.Range(0, options.Kept).Select(_ => random.Pick(random.Pick(keeping).Locality))];
            var last = Objective([.. order.Take(options.EditsPerBatch).Select(i => examples[i].Prompt)], kept, Before(kept));
            Optimiser.ClipGradients(trained.Parameters, options.GradientClip);
            optimiser.Step();
            losses?.Invoke(last);
            if (step % StepsPerReport == 0 || step == 1 || step == options.Steps)
                session.Progress?.Report(FormattableString.Invariant(
                    $"editable-training: step {step}/{options.Steps} base {last.Base:0.000} edit {last.Edit:0.000} ")
                    + FormattableString.Invariant($"locality {last.Locality:0.0000} steps {last.Steps}"));
        }

        session.Cancellation.ThrowIfCancellationRequested();
        return new Edit(original.Deltas(), new Dictionary<string, double>());
    }

    /// <summary>Log-probabilities at the answers of kept prompts, at the live weights; they have no graph (published).</summary>
    /// <returns>[L, V], owned by the caller's dispose scope.</returns>
    internal Tensor Before(IReadOnlyList<Sequence> kept)
    {
        using var guard = no_grad();
        using var scope = NewDisposeScope();
        return EditFunction.Answers(session.Model, kept).Logits_NV.log_softmax(-1).MoveToOuterDisposeScope();
    }

    /// <summary>The objective at the live weights, whose gradients are added to theirs, which are 0 before.</summary>
    /// <param name="edits">Prompts with the answers that one edit is to bring.</param>
    /// <param name="kept">Prompts with the answers that are to stay.</param>
    /// <param name="before_LV">What <see cref="Before"/> gave for <paramref name="kept"/>.</param>
    internal EditableLosses Objective(IReadOnlyList<Sequence> edits, IReadOnlyList<Sequence> kept, Tensor before_LV)
    {
        using var recording = enable_grad();
        using var scope = NewDisposeScope();
        var (edit, locality) = (0.0, 0.0);
        var steps = function.Through(edits, () =>
        {
            var constraint = function.Constraint(edits);
            var after_LV = EditFunction.Answers(session.Model, kept).Logits_NV.log_softmax(-1);
            var divergence = (before_LV.exp() * (before_LV - after_LV)).sum(1L).mean();
            (constraint * Held(options.EditWeight)).Plus(divergence * Held(options.LocalityWeight)).backward();
            (edit, locality) = (constraint.AsDouble(), divergence.AsDouble());
        });
        var (logits_LV, labels_L) = EditFunction.Answers(session.Model, kept);
        var task = nn.functional.cross_entropy(logits_LV, labels_L);
        task.backward();
        var losses = new EditableLosses(task.AsDouble(), edit, locality, steps);
        return double.IsFinite(losses.Base + losses.Edit + losses.Locality) ? losses : throw new InputException(
            "Training of editor 'editable-training': the loss is not finite, expected a finite one; lower its learning-rate or edit-rate.");
    }
}

/// <summary>What an update of the training came to.</summary>
/// <param name="Base">L_base: mean cross entropy of the kept prompts' answer tokens, in nats.</param>
/// <param name="Edit">L_edit: the constraint behind the edit, in nats; 0 where it holds.</param>
/// <param name="Locality">L_loc: mean divergence on the kept prompts' answer tokens, in nats.</param>
/// <param name="Steps">Steps that the edit took.</param>
internal sealed record EditableLosses(double Base, double Edit, double Locality, int Steps);
