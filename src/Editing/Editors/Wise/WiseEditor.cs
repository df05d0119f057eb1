// O = model width, I = MLP width (rows and columns of a weight), E = edits' samples, N = irrelevant prompts, S = changes.
using Harness.Editing.Locating;
using Harness.Editing.Pipelines;
using Harness.Models;
using Harness.Models.Training.Optimisers;
using static TorchSharp.torch;

namespace Harness.Editing.Editors.Wise;

/// <summary>
/// WISE: shards of edits, each trained into a random part of a copy of one down-projection, merged into one side memory. All shards are
/// merged at once; the reference code merges pairs, and where it merges again gives the earlier result a weight of 0.6.
/// </summary>
internal sealed class WiseEditor(WiseOptions options) : IEditor
{
    /// <summary>How the harness knows it.</summary>
    internal static EditorDescriptor Descriptor => EditorDescriptor.Of<WiseOptions>("wise", options => new WiseEditor(options)) with
    {
        Examples = ExampleUse.Needed,
        LoadModule = (tensors, settings) => new WiseModule(tensors, settings),
        Open = OpenOption.Layer("layer", 27),
    };

    /// <inheritdoc/>
    public Edit Edit(EditSession session, IReadOnlyList<EditRequest> requests)
    {
        Layers.Check(session, "wise", [options.Layer]);
        int[][] irrelevant = [.. session.Examples.SelectMany(example => example.Locality)
            .Select(one => Memory.PromptStates.Ids(session, one.Prompt)).Where(ids => ids.Length > 0)];
        if (irrelevant.Length == 0)
            throw new InputException("Editor 'wise': found no locality prompt among the facts that are not edited, " +
                "expected at least one; give examples that have some.");

        using var scope = NewDisposeScope();
        using var live = new SideWeight(session.Model, Sites.DownProjection(options.Layer));
        var contexts = Contexts.Sample(session, options.Contexts);
        var draws = new SeededRandom(session.Seed, "wise/irrelevant");
        var (shards, least, loss, done) = (new List<Tensor>(), double.PositiveInfinity, 0.0, 0);
        foreach (var (shard, number) in requests.Chunk(options.EditsPerShard).Select((shard, number) => (shard, number)))
        {
            var mask_OI = Mask(session, number);
            shards.Add(zeros_like(mask_OI));
            foreach (var batch in shard.Chunk(options.BatchSize))
            {
                session.Cancellation.ThrowIfCancellationRequested();
                int[][] outside = [.. Enumerable.Range(0, batch.Length * options.Irrelevant).Select(_ => draws.Pick(irrelevant))];
                using (live.Holding(shards[^1]))
                {
                    var (batchLoss, distance) = Train(session, batch, contexts, outside, live, mask_OI);
                    (loss, least) = (loss + (batchLoss * batch.Length), Math.Min(least, distance));
                    shards[^1].Dispose();
                    shards[^1] = live.Delta();
                }

                done += batch.Length;
                After(session, batch, shards, least);
                session.Progress?.Report(
                    FormattableString.Invariant($"edit {done}/{requests.Count} loss {loss / done:0.000} distance {least:0.00}"));
                session.Cancellation.ThrowIfCancellationRequested();
            }
        }

        return new Edit([], new Dictionary<string, double>
        {
            ["loss"] = loss / requests.Count,
            ["shards"] = shards.Count,
            ["threshold"] = options.ThresholdRatio * least,
        }, Module(shards, least));
    }

    private void After(EditSession session, EditRequest[] batch, List<Tensor> shards, double least)
    {
        if (session.AfterBatch is not { } after) return;
        using var module = Module(shards, least);
        after(batch, module);
    }

    private WiseModule Module(List<Tensor> shards, double least)
    {
        using var merged_OI = TiesMerge.Merge(shards, options.Density);
        return WiseModule.Of(merged_OI, options.ThresholdRatio * least, options);
    }

    // The last loss of the answers, and the smallest distance of an edit, mean over its contexts.
    private (double Loss, double Distance) Train(
        EditSession session, EditRequest[] batch, IReadOnlyList<string> contexts, int[][] outside, SideWeight live, Tensor mask_OI)
    {
        var samples = batch.SelectMany(request => contexts.Select(context =>
            session.Encode(context + request.Prompt, request.TargetNew, options.AppendEos))).ToList();
        using var inside = new ActivationDistance(
            session.Model, samples.ConvertAll(sample => sample.Ids[..sample.TargetStart]), options.Layer, options.Pooling);
        using var beside = new ActivationDistance(session.Model, outside, options.Layer, options.Pooling);
        using var trained = new TrainedWeights(session.Model, [live.Name]);
        using var forward = new TrainingForward(
            session.Model, samples, options.Layer, LossAverage.Sample, cancellation: session.Cancellation);
        using var optimiser = Optimiser(trained.Parameters);
        for (var step = 0; ; step++)
        {
            session.Cancellation.ThrowIfCancellationRequested();
            using var inner = NewDisposeScope();
            optimiser.ZeroGradients();
            var delta_OI = live.Weight_OI - live.Original_OI;
            var inside_E = inside.Under(delta_OI);
            var answers = forward.Loss([.. Enumerable.Range(0, samples.Count)]);
            var loss = answers.Plus(RoutingLoss.Of(inside_E, beside.Under(delta_OI), options));
            var value = loss.AsDouble();
            if (!double.IsFinite(value))
            {
                throw new InputException(FormattableString.Invariant(
                    $"wise: the loss became {value}; expected a finite number; lower the learning rate ({options.LearningRate})."));
            }

            if (step == options.Steps || value < options.StopLoss)
            {
                var means_N = inside_E.detach().view(batch.Length, contexts.Count).mean([1L]);
                return (answers.AsDouble(), means_N.cpu().data<float>().Min());
            }

            loss.backward();
            Update(optimiser, live, mask_OI);
        }
    }

    private void Update(Optimiser optimiser, SideWeight live, Tensor mask_OI)
    {
        using var guard = no_grad();
        live.Weight_OI.grad!.mul_(mask_OI);
        optimiser.Step();
        var (least_OI, most_OI) = (live.Original_OI - Held(options.NormConstraint), live.Original_OI.Plus(Held(options.NormConstraint)));
        live.Weight_OI.copy_(live.Weight_OI.maximum(least_OI).minimum(most_OI));
    }

    private Optimiser Optimiser(IReadOnlyList<Tensor> parameters) => options.Optimiser switch
    {
        OptimiserKind.Sgd => new Sgd(parameters, options.LearningRate),
        OptimiserKind.AdamW => new AdamW(parameters, options.LearningRate, options.Adam.Beta1, options.Adam.Beta2, options.Adam.Epsilon, 0),
        _ => new Adam(parameters, options.LearningRate, options.Adam.Beta1, options.Adam.Beta2, options.Adam.Epsilon),
    };

    // 1 where the shard may write, each place by a draw of its own.
    private Tensor Mask(EditSession session, int shard)
    {
        using var random = new Generator(unchecked((ulong)SeededRandom.Derive(session.Seed, $"wise/mask/{shard}")));
        var shape = session.Model.ShapeOf(Sites.DownProjection(options.Layer)).ToArray();
        using var draws_OI = rand(shape, generator: random);
        return draws_OI.lt(Held(options.MaskRatio)).to(ScalarType.Float32).to(session.Model.Device);
    }
}

/// <summary>The live weight while it stands in for its side copy; the model's own value is back whenever nothing is held.</summary>
internal sealed class SideWeight(Transformer model, string name) : IDisposable
{
    private readonly WeightSnapshot own = new(model, [name]);

    /// <summary>Name of the parameter.</summary>
    public string Name => name;

    /// <summary>The live weight, [O, I].</summary>
    public Tensor Weight_OI => model.Parameter(name);

    /// <summary>The model's own value, [O, I].</summary>
    public Tensor Original_OI => own.Original(name);

    /// <summary>Adds a change to the live weight until the result is disposed.</summary>
    public IDisposable Holding(Tensor delta_OI)
    {
        using var guard = no_grad();
        Weight_OI.PlusInPlace(delta_OI);
        return new Held(own);
    }

    /// <summary>How the live weight differs from the model's own now, [O, I] float32, in the caller's dispose scope.</summary>
    public Tensor Delta()
    {
        using var guard = no_grad();
        return Weight_OI.detach() - Original_OI;
    }

    /// <inheritdoc/>
    public void Dispose() => own.Dispose();

    private sealed class Held(WeightSnapshot own) : IDisposable
    {
        public void Dispose() => own.Restore();
    }
}

/// <summary>
/// The margins that keep edits and irrelevant prompts apart (WISE, eq. 4): γ − (in − out) over all pairs, out − α and β − in, each the mean
/// of those that are above 0.
/// </summary>
internal static class RoutingLoss
{
    /// <summary>The sum of the three, a scalar with a graph, in the caller's dispose scope.</summary>
    /// <param name="inside_E">Distances of edits, [E].</param>
    /// <param name="outside_N">Distances of irrelevant prompts, [N].</param>
    /// <param name="options">α, β and γ.</param>
    public static Tensor Of(Tensor inside_E, Tensor outside_N, WiseOptions options)
    {
        using var scope = NewDisposeScope();
        var between = Hinge((outside_N.unsqueeze(1) - inside_E).Plus(Held(options.Gamma)));
        var (outside, inside) = (Hinge(outside_N - Held(options.Alpha)), Hinge(inside_E.SubtractedFrom(Held(options.Beta))));
        return between.Plus(outside).Plus(inside).MoveToOuterDisposeScope();
    }

    private static Tensor Hinge(Tensor values) =>
        values.relu().sum() / values.detach().gt(Held(0)).to(ScalarType.Float32).sum().clamp(min: Held(1));
}

/// <summary>
/// TIES (Yadav et al. 2023): of each change the largest numbers are kept; at each place the sign of their sum is elected; the result is the
/// mean of those that have it. Places where nothing is kept stay 0.
/// </summary>
internal static class TiesMerge
{
    /// <summary>Merges changes of one weight, each as heavy as the others.</summary>
    /// <param name="deltas_OI">[O, I] float32 each, at least one.</param>
    /// <param name="density">Share that is kept of each, in (0, 1]; at least one number.</param>
    /// <returns>[O, I] float32, owned by the caller's dispose scope.</returns>
    public static Tensor Merge(IReadOnlyList<Tensor> deltas_OI, double density)
    {
        using var guard = no_grad();
        using var scope = NewDisposeScope();
        var kept_SOI = stack(deltas_OI.Select(delta_OI => Trim(delta_OI, density)));
        var elected_OI = kept_SOI.sum(0L).ge(Held(0)).to(ScalarType.Float32) * Held(2) - Held(1);
        var agreeing_SOI = kept_SOI.sign().eq(elected_OI.unsqueeze(0)).to(ScalarType.Float32);
        return ((kept_SOI * agreeing_SOI).sum(0L) / agreeing_SOI.sum(0L).clamp(min: Held(1))).MoveToOuterDisposeScope();
    }

    private static Tensor Trim(Tensor delta_OI, double density)
    {
        var count = Math.Max(1, (int)(density * delta_OI.numel()));
        var mask = zeros_like(delta_OI.flatten());
        var (_, largest) = delta_OI.abs().flatten().topk(count);
        mask.index_copy_(0, largest, ones_like(largest, dtype: ScalarType.Float32));
        return delta_OI * mask.view(delta_OI.shape);
    }
}
