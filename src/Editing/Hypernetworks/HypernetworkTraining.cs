// B = batch, T = positions, D = model width, V = vocabulary, N = answer tokens, L = those of kept prompts, O, I = shape of a matrix.
using Harness.Editing.Gradients;
using Harness.Editing.Pipelines;
using Harness.Models;
using static TorchSharp.torch;

namespace Harness.Editing.Hypernetworks;

/// <summary>
/// Trains a hypernetwork on the session's facts that are not edited: what the trainings of all editors that have one share.
/// </summary>
/// <param name="session">Model, seed and examples.</param>
/// <param name="settings">The network.</param>
/// <param name="appendEos">Whether the end-of-sequence token is the answers' last token.</param>
/// <param name="localityWeight">Weight of prompts to be kept; above 0 the examples must have some.</param>
internal abstract class HypernetworkTraining(EditSession session, HypernetworkSettings settings, bool appendEos, double localityWeight)
{
    /// <summary>Model, seed and examples.</summary>
    protected EditSession Session => session;

    /// <summary>What chance decides in the training.</summary>
    protected SeededRandom Random { get; } = new(session.Seed, $"{settings.Editor}/training");

    /// <summary>Trains and writes the network.</summary>
    public void Run(string file)
    {
        using var network = Train();
        network.Save(file);
    }

    /// <summary>Trains; the caller disposes the network.</summary>
    /// <param name="losses">Told the loss of every update.</param>
    /// <exception cref="InputException">The examples are not enough, or the loss is no number any more.</exception>
    public Hypernetwork Train(Action<double>? losses = null)
    {
        var examples = EncodedExample.All(session, settings.Editor, appendEos, localityWeight > 0);
        return Hypernetwork.New(session, settings, network => Train(network, examples, losses));
    }

    /// <summary>Trains a new network and leaves the model as it was.</summary>
    protected abstract void Train(Hypernetwork network, IReadOnlyList<EncodedExample> examples, Action<double>? losses);

    /// <summary>The loss has to be a number.</summary>
    /// <exception cref="InputException">It is none any more.</exception>
    protected void Check(double loss)
    {
        if (!double.IsFinite(loss))
        {
            throw new InputException(FormattableString.Invariant(
                $"Training of editor '{settings.Editor}': the loss became {loss}, expected a finite number; lower its learning rates."));
        }
    }
}

/// <summary>What an <see cref="EditObjective"/> came to.</summary>
/// <param name="Gradients_OI">By each edited matrix, float32; owned by the caller's dispose scope.</param>
/// <param name="Edit">Weighted negative log-likelihood of the wanted answers, in nats.</param>
/// <param name="Locality">Weighted divergence on the kept prompts, in nats.</param>
internal sealed record ObjectiveResult(IReadOnlyList<Tensor> Gradients_OI, double Edit, double Locality);

/// <summary>
/// How good an edited model is: cross entropy of the wanted answers, and KL(before ‖ after) on the answers of prompts that are to be kept,
/// each as the mean over a sequence's answer tokens. Layers below the first edited one are run without gradients.
/// </summary>
/// <param name="session">The model.</param>
/// <param name="matrices">The edited matrices, which require gradients while it is used.</param>
internal sealed class EditObjective(EditSession session, IReadOnlyList<EditedMatrix> matrices)
{
    private readonly Transformer model = session.Model;

    /// <summary>Log-probabilities at the answers of the kept prompts, at the present weights.</summary>
    /// <returns>[L, V], owned by the caller's dispose scope.</returns>
    public Tensor Before(IReadOnlyList<WeightedSequence> kept)
    {
        using var guard = no_grad();
        using var scope = NewDisposeScope();
        return kept.Count == 0
            ? zeros(0, model.Config.VocabularySize, device: model.Device).MoveToOuterDisposeScope()
            : Answers(kept).LogProbabilities_NV.MoveToOuterDisposeScope();
    }

    /// <summary>The objective at the present weights, and its gradients.</summary>
    /// <param name="wanted">At least one.</param>
    /// <param name="kept">May be empty.</param>
    /// <param name="before_LV">What <see cref="Before"/> gave for <paramref name="kept"/>.</param>
    public ObjectiveResult Run(IReadOnlyList<WeightedSequence> wanted, IReadOnlyList<WeightedSequence> kept, Tensor before_LV)
    {
        session.Cancellation.ThrowIfCancellationRequested();
        using var scope = NewDisposeScope();
        using var gradients = enable_grad();
        var (after_NV, labels_N) = Answers([.. wanted, .. kept]);
        var split = after_NV.shape[0] - before_LV.shape[0];
        var nll_N = after_NV.narrow(0, 0, split).gather(1, labels_N.narrow(0, 0, split).unsqueeze(1)).squeeze(1).neg();
        var edit = (nll_N * Shares(wanted)).sum();
        var loss = edit;
        var locality = 0.0;
        if (kept.Count > 0)
        {
            var divergence_L = (before_LV.exp() * (before_LV - after_NV.narrow(0, split, before_LV.shape[0]))).sum(1L);
            var weighted = (divergence_L * Shares(kept)).sum();
            locality = weighted.AsDouble();
            loss = edit.Plus(weighted);
        }

        var found = autograd.grad([loss], [.. matrices.Select(matrix => model.Parameter(matrix.Parameter))]);
        return new([.. found.Select(gradient_OI => gradient_OI.MoveToOuterDisposeScope())], edit.AsDouble(), locality);
    }

    /// <summary>Adds changes to the live weights.</summary>
    /// <param name="changes_OI">By each edited matrix.</param>
    public void Apply(IReadOnlyList<Tensor> changes_OI)
    {
        using var guard = no_grad();
        foreach (var (matrix, change_OI) in matrices.Zip(changes_OI))
            model.Parameter(matrix.Parameter).PlusInPlace(change_OI.to(ScalarType.Float32));
    }

    /// <summary>Requires the gradients of the edited matrices until the result is disposed.</summary>
    public IDisposable Require() => new TrainedWeights(model, [.. matrices.Select(matrix => matrix.Parameter)]);

    /// <summary>
    /// Hands the gradient by the changes of the weights on to what made them, (Σ G ⊙ ΔW) backward: the same as if the model had been run on
    /// W + ΔW with one graph.
    /// </summary>
    /// <param name="gradients_OI">By each edited matrix.</param>
    /// <param name="changes_OI">The changes, with their graph.</param>
    public static void HandOn(IReadOnlyList<Tensor> gradients_OI, IReadOnlyList<Tensor> changes_OI) => autograd.backward(
        [.. changes_OI], [.. gradients_OI.Zip(changes_OI, (gradient_OI, change_OI) => gradient_OI.to(change_OI.dtype))]);

    private (Tensor LogProbabilities_NV, Tensor Labels_N) Answers(IReadOnlyList<WeightedSequence> sequences)
    {
        using var scope = NewDisposeScope();
        var batch = new TokenBatch([.. sequences.Select(one => one.Sequence)], model.Device);
        var first = matrices.Min(matrix => matrix.Layer);
        var hidden_BTD = model.Run(Below(batch.Tokens_BT, first), first, model.Config.Layers);
        var logits_NV = model.Head(TokenBatch.Select(hidden_BTD, batch.TargetRows_N));
        return (logits_NV.log_softmax(-1).MoveToOuterDisposeScope(), batch.TargetLabels_N.MoveToOuterDisposeScope());
    }

    private Tensor Below(Tensor tokens_BT, int layer)
    {
        using var guard = no_grad();
        return model.Run(model.Embed(tokens_BT), 0, layer);
    }

    private Tensor Shares(IReadOnlyList<WeightedSequence> sequences) => tensor(
        sequences.SelectMany(one => Enumerable.Repeat((float)(one.Weight / one.Sequence.TargetLength), one.Sequence.TargetLength))
            .ToArray(),
        device: model.Device);
}

/// <summary>What an edit is trained to be answered on.</summary>
public enum WantedPrompts
{
    /// <summary>One of its rephrasings, drawn anew each time; the prompt itself where there is none (published).</summary>
    Rephrase,

    /// <summary>The prompt and one of its rephrasings, by halves.</summary>
    PromptAndRephrase,
}

/// <summary>A fact that is not edited, in token ids.</summary>
/// <param name="Prompt">The prompt with its new answer.</param>
/// <param name="Rephrases">The rephrasings with the same.</param>
/// <param name="Locality">Other prompts with their answers.</param>
internal sealed record EncodedExample(Sequence Prompt, IReadOnlyList<Sequence> Rephrases, IReadOnlyList<Sequence> Locality)
{
    /// <summary>The session's examples.</summary>
    /// <exception cref="InputException">There are none, or none has a prompt to be kept although that is wanted.</exception>
    public static IReadOnlyList<EncodedExample> All(EditSession session, string editor, bool appendEos, bool needsLocality)
    {
        if (session.Examples.Count == 0)
            throw new InputException($"Training of editor '{editor}': found no examples, expected facts that are not edited; give some.");
        if (needsLocality && session.Examples.All(example => example.Locality.Count == 0))
        {
            throw new InputException(
                $"Training of editor '{editor}': found no locality prompts among {session.Examples.Count} examples, expected some; "
                + "give examples that have them, or set locality-weight to 0.");
        }

        return [.. session.Examples.Select(example => new EncodedExample(
            Encode(example.Request.Prompt, example.Request.TargetNew),
            [.. example.Rephrases.Select(rephrase => Encode(rephrase, example.Request.TargetNew))],
            [.. example.Locality.Select(kept => Encode(kept.Prompt, kept.Answer))]))];

        Sequence Encode(string prompt, string target) => session.Encode(prompt, target, appendEos);
    }

    /// <summary>What is to be answered in the new way, with shares that add up to <paramref name="weight"/>.</summary>
    public IReadOnlyList<WeightedSequence> Wanted(WantedPrompts prompts, SeededRandom random, double weight)
    {
        if (Rephrases.Count == 0)
            return [new(Prompt, weight)];
        var rephrase = random.Pick(Rephrases);
        return prompts == WantedPrompts.Rephrase ? [new(rephrase, weight)] : [new(Prompt, weight / 2), new(rephrase, weight / 2)];
    }

    /// <summary>One prompt that is to be answered as before; none where the example has none.</summary>
    public IReadOnlyList<WeightedSequence> Kept(SeededRandom random, double weight) =>
        Locality.Count == 0 || weight == 0 ? [] : [new(random.Pick(Locality), weight)];
}

/// <summary>A sequence and its weight in a loss.</summary>
internal sealed record WeightedSequence(Sequence Sequence, double Weight);
