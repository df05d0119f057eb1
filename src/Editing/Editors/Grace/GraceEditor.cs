// S = samples, M = trained entries, B = batch, T = positions, D = model width, N = prompts, K = key width.
using Harness.Editing.Memory;
using Harness.Models;
using Harness.Models.Training.Optimisers;
using static TorchSharp.torch;

namespace Harness.Editing.Editors.Grace;

/// <summary>
/// GRACE: a codebook at one layer. Each edit finds or makes a ball around its key, and trains the value that is swapped in there.
/// </summary>
internal sealed class GraceEditor(GraceOptions options) : IEditor
{
    /// <summary>How the harness knows it. GRACE swaps what layers above it read.</summary>
    internal static EditorDescriptor Descriptor => EditorDescriptor.Of<GraceOptions>("grace", options => new GraceEditor(options)) with
    {
        LoadModule = (tensors, settings) => new GraceModule(tensors, settings),
        Open = OpenOption.Layer("layer", 27, above: 1),
    };

    /// <inheritdoc/>
    public Edit Edit(EditSession session, IReadOnlyList<EditRequest> requests)
    {
        Layers.Check(session, "grace", [options.Layer], mayHaveExperts: options.Site == GraceSite.Layer);
        if (options.Replacement == GraceReplacement.Prompt && options.Layer == session.Model.Config.Layers - 1)
        {
            throw new InputException(
                $"Editor 'grace': found replacement prompt at layer {options.Layer}, the last one, where it changes no answer; " +
                    "take a lower layer, or last or all.");
        }

        var random = new SeededRandom(session.Seed, "grace/start");
        var (codebook, loss, done) = (new Codebook(), 0.0, 0);
        foreach (var batch in requests.Chunk(options.BatchSize))
        {
            session.Cancellation.ThrowIfCancellationRequested();
            loss += Batch(session, batch, codebook, random);
            done += batch.Length;
            if (session.AfterBatch is { } after)
            {
                using var module = GraceModule.Of(codebook, options);
                after(batch, module);
            }

            session.Progress?.Report(FormattableString.Invariant($"edit {done}/{requests.Count} loss {loss / done:0.000}"));
            session.Cancellation.ThrowIfCancellationRequested();
        }

        return new Edit([], Figures(codebook, loss / requests.Count), GraceModule.Of(codebook, options));
    }

    private double Batch(EditSession session, EditRequest[] batch, Codebook codebook, SeededRandom random)
    {
        var samples = batch.Select(request => session.Encode(request.Prompt, request.TargetNew, options.AppendEos)).ToList();
        var read = GraceActivations.Read(
            session.Model, samples.ConvertAll(sample => sample.Ids[..sample.TargetStart]), options.Site, options.Layer);

        // What each entry has to answer: a key that gets another target forgets the earlier one.
        var wanted = new SortedDictionary<int, List<Sequence>>();
        foreach (var (sample, (key, output)) in samples.Zip(read))
        {
            var start = options.Start == GraceStart.Output ? output : Array.ConvertAll(output, _ => (float)random.NextDouble());
            var (entry, grown) = codebook.Add(key, start, sample.Ids[sample.TargetStart..], options);
            if (grown && wanted.TryGetValue(entry, out var others))
                others.Add(sample);
            else
                wanted[entry] = [sample];
        }

        var trained = wanted.SelectMany((pair, owner) => pair.Value.Select(sample => (sample, owner))).ToList();
        var (values, losses) = new ValueTraining(session, options)
            .Run(trained, [.. wanted.Keys.Select(entry => codebook.Entries[entry].Value)]);
        foreach (var (entry, value) in wanted.Keys.Zip(values))
            codebook.SetValue(entry, value);
        return losses.Average() * batch.Length;
    }

    private static Dictionary<string, double> Figures(Codebook codebook, double loss) => new()
    {
        ["loss"] = loss,
        ["entries"] = codebook.Entries.Count,
        ["mean-radius"] = codebook.Entries.Average(entry => entry.Radius),
    };
}

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

/// <summary>The place that a codebook is wrapped around: read, and written.</summary>
/// <param name="site">Down-projection or layer.</param>
/// <param name="wanted">Number of the layer.</param>
/// <param name="change">Makes what takes an output's place; null only looks.</param>
internal sealed class GraceActivations(GraceSite site, int wanted, Func<Tensor, Tensor>? change) : IActivationHook
{
    private Tensor? key_ND;
    private Tensor? output_ND;

    /// <summary>Width of a key.</summary>
    public static int KeyWidth(Transformer model, GraceSite site) =>
        site == GraceSite.DownProjection ? model.Config.MlpWidth : model.Config.Width;

    /// <summary>Input and output of the place at each prompt's last token, one array for each prompt.</summary>
    public static IReadOnlyList<(float[] Key, float[] Output)> Read(
        Transformer model, IReadOnlyList<int[]> prompts, GraceSite site, int layer)
    {
        if (prompts.Count == 0) return [];
        using var scope = NewDisposeScope();
        var (keyWidth, width) = (KeyWidth(model, site), model.Config.Width);
        var all_NW = PromptStates.Read(model, prompts, keyWidth + width, tokens_NT =>
        {
            var hidden_NTD = model.Run(model.Embed(tokens_NT), 0, layer);
            var reader = new GraceActivations(site, layer, null);
            var output_NTD = model.Run(hidden_NTD, layer, layer + 1, reader);
            return site == GraceSite.DownProjection
                ? cat([reader.key_ND!, reader.output_ND!], 1)
                : cat([Last(hidden_NTD), Last(output_NTD)], 1);
        });
        var numbers = all_NW.data<float>().ToArray();
        return [.. numbers.Chunk(keyWidth + width).Select(row => (row[..keyWidth], row[keyWidth..]))];
    }

    /// <summary>Whether the output of a position is replaced.</summary>
    /// <param name="replacement">Rule.</param>
    /// <param name="position">From 0.</param>
    /// <param name="promptLength">Ids of the prompt.</param>
    public static bool Replaces(GraceReplacement replacement, int position, int promptLength) => replacement switch
    {
        GraceReplacement.Last => position == promptLength - 1,
        GraceReplacement.Prompt => position < promptLength - 1,
        _ => true,
    };

    /// <inheritdoc/>
    public Tensor DownProjectionInput(int layer, Tensor key_BTI)
    {
        if (layer == wanted && change is null)
            key_ND = Last(key_BTI);
        return key_BTI;
    }

    /// <inheritdoc/>
    public Tensor MlpOutput(int layer, Tensor value_BTD)
    {
        if (layer != wanted || site != GraceSite.DownProjection)
            return value_BTD;
        if (change is not null)
            return change(value_BTD);
        output_ND = Last(value_BTD);
        return value_BTD;
    }

    /// <inheritdoc/>
    public Tensor LayerOutput(int layer, Tensor hidden_BTD) =>
        layer == wanted && site == GraceSite.Layer && change is not null ? change(hidden_BTD) : hidden_BTD;

    private static Tensor Last(Tensor all_BTD) => all_BTD.select(1, all_BTD.shape[1] - 1).clone();
}
