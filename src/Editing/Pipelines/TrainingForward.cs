// B = batch, T = positions, L = last positions, D = model width, N = target tokens of a batch, P = positions of all samples.
using Harness.Models;
using static TorchSharp.torch;

namespace Harness.Editing.Pipelines;

/// <summary>Where a target token's probability is read.</summary>
internal enum TargetReading
{
    /// <summary>At the position before the token, teacher forced.</summary>
    Teacher,

    /// <summary>All of a target's tokens at the last prompt token (FT-L).</summary>
    LastPromptToken,
}

/// <summary>
/// The loss of batches of samples. What lies below the first trained layer does not change while training: it is computed once for each
/// sample, and each batch starts from the stored hidden states. The head runs at target positions only.
/// </summary>
internal sealed class TrainingForward : IDisposable
{
    // Rows of a prefix pass; equal lengths only, so that it bounds memory and changes numbers by rounding only.
    private const int PrefixRows = 128;

    // A batch of twice as many samples or more is run in parts of about so many, by length: less padding. Smaller parts would gain less
    // than smaller products cost.
    private const int PartRows = 32;
    private readonly Transformer model;
    private readonly IReadOnlyList<Sequence> samples;
    private readonly LossAverage average;
    private readonly TargetReading reading;
    private readonly int firstLayer;
    private readonly int[] offsets;
    private readonly Tensor? prefixes_PD;

    /// <summary>Computes the frozen part of every sample.</summary>
    /// <param name="model">The model, in the state from which training starts.</param>
    /// <param name="samples">Prompts with answers; the last token of each is predicted only.</param>
    /// <param name="firstLayer">First trained layer, or <see cref="TrainedWeights.BeforeLayers"/>.</param>
    /// <param name="average">What a batch's loss is the mean of.</param>
    /// <param name="reading">Where target tokens are read.</param>
    /// <param name="cancellation">Looked at before every layer.</param>
    public TrainingForward(
        Transformer model, IReadOnlyList<Sequence> samples, int firstLayer, LossAverage average,
        TargetReading reading = TargetReading.Teacher, CancellationToken cancellation = default)
    {
        (this.model, this.samples, this.firstLayer, this.average, this.reading) = (model, samples, firstLayer, average, reading);
        offsets = new int[samples.Count + 1];
        for (var i = 0; i < samples.Count; i++)
            offsets[i + 1] = offsets[i] + Inputs(i);
        prefixes_PD = firstLayer == TrainedWeights.BeforeLayers ? null : Prefixes(cancellation);
    }

    /// <summary>The loss of one batch in nats, a scalar with a graph to the trained parameters.</summary>
    /// <param name="numbers">Numbers of its samples.</param>
    public Tensor Loss(int[] numbers)
    {
        using var scope = NewDisposeScope();
        var count = numbers.Length / PartRows;
        int[][] parts = count < 2 ? [numbers] : [.. numbers.OrderBy(Inputs).Chunk((numbers.Length + count - 1) / count)];
        var targets = parts.Select(part => Targets(part)).ToList();
        var losses_N = parts.Length == 1
            ? TokenLoss.PerLabel(model, targets[0].Hidden_ND, targets[0].Labels_N)
            : TokenLoss.PerLabel(model, cat([.. targets.Select(part => part.Hidden_ND)]), cat([.. targets.Select(part => part.Labels_N)]));
        if (average == LossAverage.Token)
            return losses_N.mean().MoveToOuterDisposeScope();

        var shares_N = parts.SelectMany(part => part).Select(number => samples[number].TargetLength)
            .SelectMany(length => Enumerable.Repeat(1f / (numbers.Length * length), length)).ToArray();
        return losses_N.mul(tensor(shares_N, device: model.Device)).sum().MoveToOuterDisposeScope();
    }

    /// <summary>Numbers of one layer's hidden states of a batch, without padding.</summary>
    /// <param name="numbers">Numbers of its samples.</param>
    public long Size(int[] numbers) => numbers.Sum(number => (long)Inputs(number)) * model.Config.Width;

    /// <summary>Frees the stored hidden states.</summary>
    public void Dispose() => prefixes_PD?.Dispose();

    // The residual stream behind the last layer where target tokens are predicted, and these tokens.
    private (Tensor Hidden_ND, Tensor Labels_N) Targets(int[] numbers)
    {
        using var scope = NewDisposeScope();
        var batch = new TokenBatch([.. numbers.Select(number => samples[number])], model.Device);
        var hidden_BTD = prefixes_PD is null ? model.Embed(batch.Tokens_BT) : Stored(numbers, batch.Tokens_BT.shape[1]);
        var last = batch.LastPositions;
        var last_BLD = model.Run(hidden_BTD, Math.Max(firstLayer, 0), model.Config.Layers, last: last);
        var rows_N = reading == TargetReading.Teacher ? batch.TargetRows(last) : LastPromptRows(batch, last);
        return (TokenBatch.Select(last_BLD, rows_N).MoveToOuterDisposeScope(), batch.TargetLabels_N.MoveToOuterDisposeScope());
    }

    // For each target token the row of its sample's last prompt token, where only the last positions were run.
    private static Tensor LastPromptRows(TokenBatch batch, long last)
    {
        var skipped = batch.Tokens_BT.shape[1] - last;
        var rows = batch.Sequences.SelectMany((sequence, row) =>
            Enumerable.Repeat((row * last) + sequence.TargetStart - 1 - skipped, sequence.TargetLength));
        return tensor(rows.ToArray(), device: batch.Tokens_BT.device);
    }

    private int Inputs(int sample) => samples[sample].Ids.Length - 1;

    private Tensor Stored(int[] numbers, long length)
    {
        // Padding takes any stored row: attention is causal and targets lie before it.
        var rows = new long[numbers.Length * length];
        for (var row = 0; row < numbers.Length; row++)
        {
            for (var position = 0; position < Inputs(numbers[row]); position++)
                rows[row * length + position] = offsets[numbers[row]] + position;
        }

        return prefixes_PD!.index_select(0, tensor(rows, device: model.Device)).view(numbers.Length, length, model.Config.Width);
    }

    private Tensor Prefixes(CancellationToken cancellation)
    {
        using var guard = no_grad();
        using var scope = NewDisposeScope();
        var chunks = Enumerable.Range(0, samples.Count).GroupBy(Inputs).OrderBy(group => group.Key)
            .SelectMany(sameLength => sameLength.Chunk(PrefixRows)).ToList();
        IReadOnlyList<Tensor> hidden = model.Run(chunks.ConvertAll(Embedded), 0, firstLayer, cancellation);
        var all_PD = empty([offsets[^1], model.Config.Width], device: model.Device);
        for (var i = 0; i < chunks.Count; i++)
        {
            for (var row = 0; row < chunks[i].Length; row++)
                all_PD.narrow(0, offsets[chunks[i][row]], Inputs(chunks[i][row])).copy_(hidden[i][row]);
            hidden[i].Dispose();
        }

        // What lies below is not needed any more.
        model.Forget(firstLayer);
        return all_PD.DetachFromDisposeScope();
    }

    private Tensor Embedded(int[] chunk)
    {
        using var scope = NewDisposeScope();
        var length = Inputs(chunk[0]);
        var ids = chunk.SelectMany(sample => samples[sample].Ids.Take(length)).Select(id => (long)id).ToArray();
        return model.Embed(tensor(ids, [chunk.Length, length], device: model.Device)).MoveToOuterDisposeScope();
    }
}
