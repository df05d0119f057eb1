// N = target tokens of all samples, B = batch, T = positions, D = model width.
using Harness.Models;
using static TorchSharp.torch;

namespace Harness.Editing.Neurons;

/// <summary>
/// What the last layer's MLP reads, and what leaves that layer, where target tokens are predicted. Behind it comes the head alone: neurons
/// beside this MLP can be trained without running the model again.
/// </summary>
internal sealed class LastMlp : IDisposable
{
    // Rows of a pass; equal lengths only, so that it bounds memory and changes numbers by rounding only.
    private const int RowsPerPass = 128;
    private readonly int[] offsets;

    /// <summary>Runs the model over all samples.</summary>
    public LastMlp(EditSession session, IReadOnlyList<Sequence> samples)
    {
        using var guard = no_grad();
        using var scope = NewDisposeScope();
        var model = session.Model;
        offsets = new int[samples.Count + 1];
        for (var i = 0; i < samples.Count; i++)
            offsets[i + 1] = offsets[i] + samples[i].TargetLength;
        Labels = [.. samples.SelectMany(sample => sample.Ids[sample.TargetStart..])];
        Inputs_ND = empty([Labels.Length, model.Config.Width], device: model.Device).DetachFromDisposeScope();
        Outputs_ND = empty_like(Inputs_ND).DetachFromDisposeScope();
        foreach (var sameLength in Enumerable.Range(0, samples.Count).GroupBy(i => samples[i].Ids.Length).OrderBy(group => group.Key))
        {
            foreach (var chunk in sameLength.Chunk(RowsPerPass))
            {
                session.Cancellation.ThrowIfCancellationRequested();
                using var inner = NewDisposeScope();
                var batch = new TokenBatch([.. chunk.Select(i => samples[i])], model.Device);
                var reader = new Reader(model.Config.Layers - 1);
                var hidden_BTD = model.Run(model.Embed(batch.Tokens_BT), 0, model.Config.Layers, reader);
                var rows_N = tensor(chunk.SelectMany(i => Enumerable.Range(offsets[i], samples[i].TargetLength)).Select(row => (long)row)
                    .ToArray(), device: model.Device);
                Inputs_ND.index_copy_(0, rows_N, TokenBatch.Select(reader.Input_BTD!, batch.TargetRows_N));
                Outputs_ND.index_copy_(0, rows_N, TokenBatch.Select(hidden_BTD, batch.TargetRows_N));
            }
        }
    }

    /// <summary>[N, D] float32: what the MLP reads, in the order of the samples.</summary>
    public Tensor Inputs_ND { get; }

    /// <summary>[N, D] float32: the residual stream behind the layer.</summary>
    public Tensor Outputs_ND { get; }

    /// <summary>N: the target ids.</summary>
    public int[] Labels { get; }

    /// <summary>Where a sample's target tokens stand among all, and how many they are.</summary>
    public (int Start, int Count) Rows(int sample) => (offsets[sample], offsets[sample + 1] - offsets[sample]);

    /// <summary>Frees the tensors.</summary>
    public void Dispose()
    {
        Inputs_ND.Dispose();
        Outputs_ND.Dispose();
    }

    private sealed class Reader(int wanted) : IActivationHook
    {
        public Tensor? Input_BTD { get; private set; }

        public void MlpInput(int layer, Tensor normed_BTD)
        {
            if (layer == wanted)
                Input_BTD = normed_BTD.clone();
        }
    }
}
