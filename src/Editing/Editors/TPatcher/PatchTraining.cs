// N = target tokens of the edit, W = wrongly answered ones, E = neurons, M = remembered queries, D = model width, V = vocabulary.
using Harness.Editing.Neurons;
using Harness.Models.Training.Optimisers;
using static TorchSharp.torch;

namespace Harness.Editing.Editors.TPatcher;

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
