// S = samples, M = trained entries, B = batch, T = positions, D = model width.
using Harness.Models;
using Harness.Models.Training.Optimisers;
using static TorchSharp.torch;

namespace Harness.Editing.Editors.Grace;

/// <summary>
/// Trains the values of some entries at once, each on the loss of its own samples. Adam works number by number, so that no entry sees the
/// others; one whose loss is low enough keeps what it has.
/// </summary>
internal sealed class ValueTraining(EditSession session, GraceOptions options)
{
    /// <summary>Trains.</summary>
    /// <param name="samples">Prompts with answers, each with its entry's place in <paramref name="start"/>; every entry has at least
    /// one.</param>
    /// <param name="start">First values.</param>
    /// <returns>The values, and each entry's last loss in nats.</returns>
    public (float[][] Values, double[] Losses) Run(IReadOnlyList<(Sequence Sample, int Owner)> samples, IReadOnlyList<float[]> start)
    {
        using var gradients = enable_grad();
        using var scope = NewDisposeScope();
        var model = session.Model;
        var value_MD = tensor(
            start.SelectMany(row => row).ToArray(), [start.Count, start[0].Length], device: model.Device).with_requires_grad();
        using var optimiser = new Adam([value_MD], options.LearningRate, options.Adam.Beta1, options.Adam.Beta2, options.Adam.Epsilon);
        var (values, losses) = (new float[start.Count][], new double[start.Count]);
        int[] active = [.. Enumerable.Range(0, start.Count)];
        for (var step = 0; active.Length > 0;)
        {
            using var forward = new Pass(model, options, [.. samples.Where(one => active.Contains(one.Owner))]);
            for (int[] ended = []; ended.Length == 0;)
            {
                session.Cancellation.ThrowIfCancellationRequested();
                using var inner = NewDisposeScope();
                optimiser.ZeroGradients();
                var loss = forward.Loss(value_MD, active, losses);
                ended = Array.FindAll(active, entry => step == options.Steps || losses[entry] < options.StopLoss);
                foreach (var entry in ended)
                    values[entry] = value_MD.detach()[entry].cpu().data<float>().ToArray();
                active = [.. active.Except(ended)];
                if (ended.Length > 0)
                    continue;

                loss.backward();
                optimiser.Step();
                step++;
            }
        }

        return (values, losses);
    }

    // The layers below the codebook do not see a value: they are computed once.
    private sealed class Pass : IDisposable
    {
        private readonly Transformer model;
        private readonly GraceOptions options;
        private readonly IReadOnlyList<(Sequence Sample, int Owner)> samples;
        private readonly Tensor[] kept;

        public Pass(Transformer model, GraceOptions options, IReadOnlyList<(Sequence Sample, int Owner)> samples)
        {
            (this.model, this.options, this.samples) = (model, options, samples);
            using var guard = no_grad();
            using var scope = NewDisposeScope();
            var (device, rows) = (model.Device, samples.Count);
            var batch = new TokenBatch([.. samples.Select(one => one.Sample)], device);
            var positions = (int)batch.Tokens_BT.shape[1];
            var replaced = samples.SelectMany(one => Enumerable.Range(0, positions)
                .Select(position => GraceActivations.Replaces(options.Replacement, position, one.Sample.TargetStart)));
            var perEntry = samples.CountBy(one => one.Owner).ToDictionary();
            var shares = samples.SelectMany(one =>
                Enumerable.Repeat(1f / (perEntry[one.Owner] * one.Sample.TargetLength), one.Sample.TargetLength));
            kept =
            [
                model.Run(model.Embed(batch.Tokens_BT), 0, options.Layer),
                tensor(replaced.ToArray(), [rows, positions, 1], device: device),
                tensor(samples.Select(one => (long)one.Owner).ToArray(), device: device),
                batch.TargetRows_N, batch.TargetLabels_N, tensor(shares.ToArray(), device: device),
            ];
            foreach (var one in kept)
                one.DetachFromDisposeScope();
        }

        public Tensor Loss(Tensor value_MD, int[] entries, double[] losses)
        {
            using var scope = NewDisposeScope();
            var (before_BTD, replaced_BT1, owners_B, rows_N, labels_N, shares_N) = (kept[0], kept[1], kept[2], kept[3], kept[4], kept[5]);
            var value_B1D = value_MD.index_select(0, owners_B).unsqueeze(1);
            var hook = new GraceActivations(options.Site, options.Layer, output_BTD => value_B1D.where(replaced_BT1, output_BTD));
            var hidden_BTD = model.Run(before_BTD, options.Layer, model.Config.Layers, hook);
            var shared_N = TokenLoss.PerLabel(model, TokenBatch.Select(hidden_BTD, rows_N), labels_N) * shares_N;
            Array.ForEach(entries, entry => losses[entry] = 0);
            var (shares, next) = (shared_N.detach().cpu().data<float>().ToArray(), 0);
            foreach (var (sample, owner) in samples)
            {
                losses[owner] += shares.Skip(next).Take(sample.TargetLength).Sum(share => (double)share);
                next += sample.TargetLength;
            }

            return entries.All(entry => double.IsFinite(losses[entry]))
                ? shared_N.sum().MoveToOuterDisposeScope()
                : throw new InputException(FormattableString.Invariant(
                    $"grace: the loss became infinite; expected a finite number; lower the learning rate ({options.LearningRate})."));
        }

        public void Dispose() => Array.ForEach(kept, one => one.Dispose());
    }
}
