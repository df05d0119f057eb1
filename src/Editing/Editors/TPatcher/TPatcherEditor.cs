// N = rows, or target tokens of an edit, M = remembered queries, E = neurons, D = model width, W = wrongly answered ones, V = vocabulary.
using Harness.Editing.Neurons;
using Harness.Editing.Pipelines;
using Harness.Models;
using Harness.Models.Training.Optimisers;
using static TorchSharp.torch;

namespace Harness.Editing.Editors.TPatcher;

/// <summary>
/// T-Patcher: each edit adds neurons to the last MLP, out += act(x·k + b) v, and trains them alone; those of earlier edits are frozen. No
/// weight changes.
/// </summary>
internal sealed class TPatcherEditor(TPatcherOptions options) : IEditor
{
    /// <summary>How the harness knows it.</summary>
    internal static EditorDescriptor Descriptor => EditorDescriptor.Of<TPatcherOptions>(
        "t-patcher", options => new TPatcherEditor(options)) with
    {
        Examples = ExampleUse.Optional,
        LoadModule = ExtraNeurons.Loader("t-patcher"),
    };

    /// <inheritdoc/>
    public Edit Edit(EditSession session, IReadOnlyList<EditRequest> requests)
    {
        using var guard = no_grad();
        using var scope = NewDisposeScope();
        using var mlp = new LastMlp(session, TrainingSamples.New(session, requests, options.AppendEos));
        var neurons = Patch.None(session.Model);
        var memory_MD = Memory(session);
        var (losses, patched) = (0.0, 0);
        for (var i = 0; i < requests.Count; i++)
        {
            session.Cancellation.ThrowIfCancellationRequested();
            using var inner = NewDisposeScope();
            var (start, count) = mlp.Rows(i);
            var inputs_ND = mlp.Inputs_ND.narrow(0, start, count);
            var before_ND = mlp.Outputs_ND.narrow(0, start, count).Plus(neurons.Apply(inputs_ND, options.Activation));
            var (patch, loss) = new PatchTraining(session, options).Run(
                inputs_ND, before_ND, mlp.Labels[start..(start + count)], memory_MD, $"t-patcher/{i}");
            losses += loss;
            if (patch is not null)
            {
                patched++;
                neurons = neurons.With(patch).MoveToOuterDisposeScope();
                memory_MD = cat([memory_MD, inputs_ND]).MoveToOuterDisposeScope();
            }

            if (session.AfterBatch is { } told)
            {
                using var soFar = Module(session, neurons);
                told([requests[i]], soFar);
            }

            session.Progress?.Report(FormattableString.Invariant($"edit {i + 1}/{requests.Count} loss {loss:0.000}"));
        }

        var figures = new Dictionary<string, double>
        {
            ["loss"] = losses / requests.Count,
            ["neurons"] = neurons.Keys_ED.shape[0],
            ["patched"] = patched,
        };
        return new Edit([], figures, Module(session, neurons));
    }

    private ExtraNeurons Module(EditSession session, Patch neurons) => ExtraNeurons.Copy(
        "t-patcher", neurons.Keys_ED, neurons.Biases_E, neurons.Values_ED, options.Activation, session.Model.Config.Layers - 1);

    // What the last MLP reads where other facts are answered.
    private Tensor Memory(EditSession session)
    {
        var samples = session.Examples.SelectMany(example => example.Locality)
            .Select(other => session.Encode(other.Prompt, other.Answer, options.AppendEos)).ToList();
        using var mlp = new LastMlp(session, samples);
        int[] rows = [.. Enumerable.Range(0, mlp.Labels.Length)];
        new SeededRandom(session.Seed, "t-patcher/memory").Shuffle(rows);
        return mlp.Inputs_ND.index_select(
            0, tensor(rows.Take(options.MemorySize).Order().Select(row => (long)row).ToArray(), device: session.Model.Device));
    }
}

/// <summary>
/// Trains the neurons of one edit on edit loss + a · activation loss + m · memory loss (Huang et al. 2023, §3.2). A key starts at q/‖q‖²,
/// so that its neuron begins with 1 at its own query q.
/// </summary>
internal sealed class PatchTraining(EditSession session, TPatcherOptions options)
{
    /// <summary>Trains them; the caller's scope owns the result.</summary>
    /// <param name="inputs_ND">What the MLP reads at each target token.</param>
    /// <param name="before_ND">The residual stream behind the layer, with all earlier neurons.</param>
    /// <param name="labels">The target ids.</param>
    /// <param name="memory_MD">Remembered queries.</param>
    /// <param name="purpose">Separates the random streams of the edits.</param>
    /// <returns>The neurons, null where no token is answered wrongly, and the last edit loss.</returns>
    public (Patch? Patch, double Loss) Run(Tensor inputs_ND, Tensor before_ND, int[] labels, Tensor memory_MD, string purpose)
    {
        using var gradients = enable_grad();
        using var scope = NewDisposeScope();
        var labels_N = tensor(Array.ConvertAll(labels, id => (long)id), device: session.Model.Device);
        var (unpatched, correct) = EditLoss(before_ND, labels_N);
        var wrong = Enumerable.Range(0, labels.Length).Where(token => !correct[token]).Take(options.MaxNeurons).ToArray();
        if (wrong.Length == 0)
            return (null, unpatched.AsDouble());

        // One neuron alone stands for all tokens; several stand for one token each.
        var own_W = tensor((options.MaxNeurons == 1 ? Wrong(correct) : wrong).Select(token => (long)token).ToArray(),
            device: session.Model.Device);
        var queries_ED = inputs_ND.index_select(0, tensor(Array.ConvertAll(wrong, token => (long)token), device: session.Model.Device));
        var keys_ED = (queries_ED / queries_ED.pow(Held(2)).sum(1L).unsqueeze(1)).with_requires_grad();
        var biases_E = zeros([wrong.Length], device: session.Model.Device).with_requires_grad();
        using var random = new Generator(unchecked((ulong)SeededRandom.Derive(session.Seed, purpose)));
        var directions_ED = randn([wrong.Length, inputs_ND.shape[1]], generator: random).to(session.Model.Device).with_requires_grad();
        var factors_ED = (ones_like(directions_ED) * Held(options.Amplification)).with_requires_grad();
        Tensor[] trained = [keys_ED, biases_E, directions_ED, factors_ED];
        using var optimiser = new Adam(
            trained, options.LearningRate, options.Adam.Beta1, options.Adam.Beta2, options.Adam.Epsilon, options.WeightDecay);

        var leastMemory = double.PositiveInfinity;
        for (var step = 0; ; step++)
        {
            session.Cancellation.ThrowIfCancellationRequested();
            using var inner = NewDisposeScope();
            var values_ED = directions_ED * factors_ED;
            var fired_NE = nn.functional.linear(inputs_ND, keys_ED, biases_E);
            var (loss, right) = EditLoss(before_ND.Plus(options.Activation.Apply(fired_NE).matmul(values_ED)), labels_N);
            var own = fired_NE.index_select(0, own_W);
            var own_W1 = options.MaxNeurons == 1 ? own : own.diagonal().unsqueeze(1);
            var memory = MemoryLoss(own_W1, memory_MD, keys_ED, biases_E);
            var isLook = step >= options.FirstCheck && (step - options.FirstCheck) % options.CheckEvery == 0;
            var isDone = step == options.Steps || (isLook && Array.TrueForAll(right, one => one) && !Falls(memory, ref leastMemory));
            if (isDone)
            {
                return (
                    new Patch(keys_ED.detach().clone(), biases_E.detach().clone(), values_ED.detach().clone()).MoveToOuterDisposeScope()
                        .MoveToOuterDisposeScope(),
                    loss.AsDouble());
            }

            var whole = loss.Plus(Top((-own_W1).exp(), options.ActivationTop) * Held(options.ActivationWeight));
            if (memory is not null)
                whole = whole.Plus(memory * Held(options.MemoryWeight));
            optimiser.ZeroGradients();
            whole.backward();
            Optimiser.ClipGradients(trained, options.GradientClip);
            optimiser.Step();
        }
    }

    /// <summary>Mean of the largest terms.</summary>
    internal static Tensor Top(Tensor terms, int count) => terms.reshape(-1).topk((int)Math.Min(count, terms.numel())).values.mean();

    /// <summary>
    /// mean of exp(m·k + b − β) + mean of exp((m − q)·k + γ), each over its largest terms; null where nothing is remembered.
    /// </summary>
    internal Tensor? MemoryLoss(Tensor own_W1, Tensor memory_MD, Tensor keys_ED, Tensor biases_E)
    {
        if (memory_MD.shape[0] == 0 || options.MemoryWeight == 0)
            return null;

        var fired_ME = nn.functional.linear(memory_MD, keys_ED, biases_E);
        return Top((fired_ME - Held(options.MemoryBound)).exp(), options.MemoryTop)
            .Plus(Top((fired_ME - own_W1.t()).Plus(Held(options.MemoryMargin)).exp(), options.MemoryTop));
    }

    private bool Falls(Tensor? memory, ref double least)
    {
        var value = memory?.AsDouble() ?? 0;
        var falls = value < least - options.LeastGain;
        least = Math.Min(least, value);
        return falls;
    }

    // Cross entropy with smoothed labels, mean over tokens, and whether each token is the likeliest.
    private (Tensor Loss, bool[] Correct) EditLoss(Tensor hidden_ND, Tensor labels_N)
    {
        var log_NV = nn.functional.log_softmax(session.Model.Head(hidden_ND), -1);
        var other = options.LabelSmoothing / (log_NV.shape[1] - 1);
        var nll_N = -log_NV.gather(1, labels_N.unsqueeze(1)).squeeze(1);
        var loss = (nll_N * Held(1 - options.LabelSmoothing - other) - log_NV.sum(1L) * Held(other)).mean();
        return (loss, log_NV.argmax(-1).eq(labels_N).cpu().data<bool>().ToArray());
    }

    private static IEnumerable<int> Wrong(bool[] correct) => Enumerable.Range(0, correct.Length).Where(token => !correct[token]);
}

/// <summary>Neurons of one edit or of several: keys [E, D], biases [E], values [E, D]; they belong to dispose scopes.</summary>
internal sealed record Patch(Tensor Keys_ED, Tensor Biases_E, Tensor Values_ED)
{
    /// <summary>No neuron at all.</summary>
    public static Patch None(Transformer model) => new(
        zeros([0, model.Config.Width], device: model.Device), zeros([0], device: model.Device),
            zeros([0, model.Config.Width], device: model.Device));

    /// <summary>These, then others.</summary>
    public Patch With(Patch other) => new(
        cat([Keys_ED, other.Keys_ED]), cat([Biases_E, other.Biases_E]), cat([Values_ED, other.Values_ED]));

    /// <summary>What they add where the MLP reads the given rows, [N, D] to [N, D].</summary>
    public Tensor Apply(Tensor inputs_ND, NeuronActivation activation) =>
        Keys_ED.shape[0] == 0 ? zeros_like(inputs_ND) : ExtraNeurons.Apply(inputs_ND, Keys_ED, Biases_E, Values_ED, activation);

    /// <summary>Hands the tensors to the dispose scope around the present one.</summary>
    public Patch MoveToOuterDisposeScope() =>
        new(Keys_ED.MoveToOuterDisposeScope(), Biases_E.MoveToOuterDisposeScope(), Values_ED.MoveToOuterDisposeScope());
}
