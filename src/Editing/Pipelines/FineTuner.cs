using Harness.Models;
using Harness.Models.Training.Optimisers;
using static TorchSharp.torch;

namespace Harness.Editing.Pipelines;

/// <summary>What a run of the <see cref="FineTuner"/> came to.</summary>
/// <param name="Steps">Updates made.</param>
/// <param name="Loss">Breadth-first: the last epoch's mean loss; depth-first: the mean over edits of each one's last loss. In nats.</param>
internal sealed record FineTuningResult(int Steps, double Loss)
{
    /// <summary>The same under the names that an <see cref="Edit"/> stores.</summary>
    public IReadOnlyDictionary<string, double> Figures => new Dictionary<string, double> { ["steps"] = Steps, ["loss"] = Loss };
}

/// <summary>
/// Trains any parameters of a model on prompts with wanted answers: cross entropy on the answer's tokens, teacher forced, under either
/// pipeline.
/// </summary>
/// <param name="session">The model; its layers below the trained ones are computed once for each sample.</param>
/// <param name="options">Validated options.</param>
/// <param name="purpose">Separates the random streams of several runs in one edit; shown in progress lines.</param>
/// <param name="reading">Where target tokens are read.</param>
/// <param name="penalty">
/// Added to the loss of every batch: a scalar with a graph to what is trained. It takes no part in stopping, nor in the figures. Null adds
/// nothing.
/// </param>
internal sealed class FineTuner(
    EditSession session, FineTuningOptions options, string purpose = "", TargetReading reading = TargetReading.Teacher,
        Func<Tensor>? penalty = null)
{
    // Numbers of one layer's hidden states: 4 MiB. A model of seven billion parameters has as many with nine samples of 30 tokens.
    private const long MostTogether = 1 << 20;

    /// <summary>Trains <paramref name="trained"/> in place.</summary>
    /// <param name="samples">What to learn, in data-set order.</param>
    /// <param name="trained">What to train.</param>
    /// <param name="afterStep">Called after every update, for instance to project the weights.</param>
    /// <param name="kept">An optimiser over the same parameters that outlives the run; null makes one (depth-first: one for each
    /// batch).</param>
    /// <param name="afterBatch">Depth-first: told the numbers of the edits of each batch when it is done.</param>
    /// <param name="samplesPerEdit">
    /// Samples that belong to one edit, next to each other. Depth-first keeps them in one batch, whose size counts edits; breadth-first
    /// shuffles and batches samples.
    /// </param>
    public FineTuningResult Run(
        IReadOnlyList<Sequence> samples, TrainedWeights trained, Action? afterStep = null, Optimiser? kept = null,
            Action<int[]>? afterBatch = null,
        int samplesPerEdit = 1)
    {
        using var forward = new TrainingForward(
            session.Model, samples, trained.FirstLayer, options.LossAverage, reading, session.Cancellation);
        var edits = Order(samples.Count / samplesPerEdit);
        var result = options.Pipeline == Pipeline.DepthFirst
            ? DepthFirst(forward, edits, Samples, trained, afterStep, kept, afterBatch)
            : BreadthFirst(forward, Samples(edits), trained, afterStep, kept);
        if (trained.Parameters.Any(parameter => NonFinite.Count(parameter) > 0))
            throw new InputException(FormattableString.Invariant(
                $"fine-tuning: a weight became not a number in the last step; lower the learning rate ({options.LearningRate})."));
        return result;

        int[] Samples(int[] numbers) =>
            [.. numbers.SelectMany(number => Enumerable.Range(number * samplesPerEdit, samplesPerEdit))];
    }

    /// <summary>A new optimiser, as the options say; the caller disposes it.</summary>
    public Optimiser NewOptimiser(TrainedWeights trained) => options.Optimiser switch
    {
        OptimiserKind.Sgd => new Sgd(trained.Parameters, options.LearningRate, weightDecay: options.WeightDecay),
        OptimiserKind.AdamW => new AdamW(
            trained.Parameters, options.LearningRate, options.Adam.Beta1, options.Adam.Beta2, options.Adam.Epsilon, options.WeightDecay),
        _ => new Adam(
            trained.Parameters, options.LearningRate, options.Adam.Beta1, options.Adam.Beta2, options.Adam.Epsilon, options.WeightDecay),
    };

    private FineTuningResult DepthFirst(
        TrainingForward forward, int[] edits, Func<int[], int[]> samples, TrainedWeights trained, Action? afterStep, Optimiser? kept,
        Action<int[]>? afterBatch)
    {
        var (steps, losses, done) = (0, 0.0, 0);
        foreach (var batch in edits.Chunk(options.EffectiveBatchSize))
        {
            var batchSamples = samples(batch);
            using var own = kept is null ? NewOptimiser(trained) : null;
            var optimiser = kept ?? own!;
            var last = double.NaN;
            for (var step = 0; step < options.Steps; step++)
            {
                optimiser.ZeroGradients();
                last = Accumulate(forward, batchSamples, 1);
                if (last < options.StopLoss)
                    break;

                Update(optimiser, afterStep);
                steps++;
            }

            losses += last * batch.Length;
            done += batch.Length;
            afterBatch?.Invoke(batch);
            Report($"edit {done}/{edits.Length} loss {last:0.000}");
        }

        return new(steps, losses / edits.Length);
    }

    private FineTuningResult BreadthFirst(
        TrainingForward forward, int[] order, TrainedWeights trained, Action? afterStep, Optimiser? kept)
    {
        using var own = kept is null ? NewOptimiser(trained) : null;
        var optimiser = kept ?? own!;
        var random = new SeededRandom(session.Seed, $"fine-tuning/shuffle/{purpose}");
        var (steps, mean) = (0, double.NaN);
        for (var epoch = 1; epoch <= options.Epochs; epoch++)
        {
            if (options.Shuffle)
                random.Shuffle(order);

            var sum = 0.0;
            foreach (var group in order.Chunk(options.EffectiveBatchSize).Chunk(options.GradientAccumulation))
            {
                optimiser.ZeroGradients();
                var learns = false;
                var batches = Together(forward, group);
                foreach (var batch in batches)
                {
                    var loss = Accumulate(forward, batch, batches.Length);
                    sum += loss * batch.Length;
                    learns |= loss >= options.StopLoss;
                }

                if (!learns)
                    continue;

                Update(optimiser, afterStep);
                steps++;
            }

            mean = sum / order.Length;
            Report($"epoch {epoch}/{options.Epochs} loss {mean:0.000}");
            if (mean < options.StopLoss)
                break;
        }

        return new(steps, mean);
    }

    // The mean gradient of equal batches is that of all their samples: one pass instead of several, where no batch may be skipped and where
    // activations, which then are those of all, are small.
    private int[][] Together(TrainingForward forward, int[][] group) =>
        options is { StopLoss: 0, LossAverage: LossAverage.Sample } && group[^1].Length == group[0].Length
            && group.Sum(forward.Size) <= MostTogether
            ? [[.. group.SelectMany(batch => batch)]]
            : group;

    // Adds the gradient of one batch, unless its loss is already low; returns the loss.
    private double Accumulate(TrainingForward forward, int[] batch, int batches)
    {
        session.Cancellation.ThrowIfCancellationRequested();
        using var scope = NewDisposeScope();
        var loss = forward.Loss(batch);
        var value = loss.AsDouble();
        if (!double.IsFinite(value))
        {
            throw new InputException(FormattableString.Invariant(
                $"fine-tuning: the loss became {value}; expected a finite number; lower the learning rate ({options.LearningRate})."));
        }

        if (value >= options.StopLoss)
        {
            var whole = penalty is null ? loss : loss.Plus(penalty());
            (batches == 1 ? whole : whole / Held(batches)).backward();
        }

        return value;
    }

    private static void Update(Optimiser optimiser, Action? afterStep)
    {
        using var scope = NewDisposeScope();
        optimiser.Step();
        afterStep?.Invoke();
    }

    private int[] Order(int count)
    {
        int[] order = [.. Enumerable.Range(0, count)];
        if (options.Order == EditOrder.Reversed)
            Array.Reverse(order);
        else if (options.Order == EditOrder.Shuffled)
            new SeededRandom(session.Seed, "fine-tuning/order").Shuffle(order);
        return order;
    }

    private void Report(FormattableString line) =>
        session.Progress?.Report((purpose.Length == 0 ? "" : purpose + ": ") + FormattableString.Invariant(line));
}
