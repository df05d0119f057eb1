// I = MLP width, O = model width, N = requests of a batch, their prompts, or keys.
using Harness.Editing.Editors.Rome;
using Harness.Editing.Locating;
using static TorchSharp.torch;

namespace Harness.Editing.Editors.Memit;

/// <summary>
/// MEMIT: wanted residual streams z behind the last layer for all requests at once, then layer by layer the least-squares change that moves
/// the streams a share of the rest of the way.
/// </summary>
internal sealed class MemitEditor(MemitOptions options) : IEditor
{
    /// <summary>How the harness knows it.</summary>
    internal static EditorDescriptor Descriptor => EditorDescriptor.Locating<MemitOptions>(
        "memit", options => new MemitEditor(options), options => options.Layers, open: OpenOption.Layers("layers", 4, 8));

    /// <inheritdoc/>
    public Edit Edit(EditSession session, IReadOnlyList<EditRequest> requests)
    {
        using var guard = no_grad();
        using var scope = NewDisposeScope();
        return Batches.Run(session, requests, Update(session, "memit", options));
    }

    /// <summary>MEMIT at work on a session.</summary>
    internal static SpreadingUpdate Update(EditSession session, string editor, MemitOptions options) =>
        new(session, editor, options, (layer, keys_NI) => LeastSquares.Solve(session, editor, layer, options.CovarianceWeight, keys_NI));
}

/// <summary>
/// What MEMIT and the methods built on it have in common: wanted values at the last layer for a whole batch at once, then layer by layer a
/// change ΔW = R Xᵀ that brings a share R of what is still missing; X is the method's closed form.
/// </summary>
internal sealed class SpreadingUpdate : IBatchUpdate
{
    private readonly EditSession session;
    private readonly SpreadingOptions options;
    private readonly Func<int, Tensor, Tensor> solve;
    private readonly IReadOnlyList<string> contexts;

    /// <summary>Samples the contexts and asks for the covariances, before anything is changed.</summary>
    /// <param name="session">Has the model.</param>
    /// <param name="editor">Name, for messages.</param>
    /// <param name="options">Layers, value search, contexts, batches.</param>
    /// <param name="solve">X of a layer, [I, N] float64, from the batch's keys, [N, I] float64.</param>
    public SpreadingUpdate(EditSession session, string editor, SpreadingOptions options, Func<int, Tensor, Tensor> solve)
    {
        (this.session, this.options, this.solve) = (session, options, solve);
        Editing.Layers.Check(session, editor, options.Layers);
        foreach (var layer in options.Layers)
            KeyCovariance.Of(session, editor, layer);
        contexts = Contexts.Sample(session, options.Contexts);
        Values = texts => new StreamValues(session, options.Value, texts, options.Layers[^1]);
    }

    /// <inheritdoc/>
    public IReadOnlyList<int> Layers => options.Layers;

    /// <inheritdoc/>
    public int BatchSize => options.BatchSize;

    /// <summary>Where the values are wanted, given the contexts. Default: behind the last layer.</summary>
    public Func<IReadOnlyList<string>, IWantedValues> Values { get; init; }

    /// <summary>What is missing is divided by this of the number of layers still to change. Default the number itself (MEMIT).</summary>
    public Func<int, double> Divisor { get; init; } = left => left;

    /// <summary>Receives the keys of each batch when it is done, as the edited model gives them; null, the default, for none.</summary>
    public KeyMemory? Memory { get; init; }

    /// <inheritdoc/>
    public double Apply(IReadOnlyList<EditRequest> batch, DeltaSum sum)
    {
        using var scope = NewDisposeScope();
        var plain = batch.Select(request => SubjectPrompt.Of(session, request, "")).ToList();
        var values = Values(contexts);
        var before_NO = values.Now(plain);
        var (delta_NO, losses) = values.Search(batch, before_NO);
        for (var i = 0; i < options.Layers.Count; i++)
        {
            session.Cancellation.ThrowIfCancellationRequested();
            using var inner = NewDisposeScope();
            var layer = options.Layers[i];
            var keys_NI = MeanKeys(batch, layer);
            var missing_NO = before_NO.Plus(delta_NO) - values.Now(plain);
            var rest_NO = missing_NO.to(ScalarType.Float64) / Held(Divisor(options.Layers.Count - i));
            var right_IN = solve(layer, keys_NI);
            sum.AddTo(session.Model, layer, rest_NO.t().to(ScalarType.Float32), right_IN.t().to(ScalarType.Float32));
        }

        Remember(batch);
        return losses.Sum();
    }

    private void Remember(IReadOnlyList<EditRequest> batch)
    {
        foreach (var layer in Memory is null ? [] : options.Layers)
        {
            using var scope = NewDisposeScope();
            Memory!.Add(layer, MeanKeys(batch, layer));
        }
    }

    // [N, I] float64. The plain prompt weighs one half, the sampled contexts share the other.
    private Tensor MeanKeys(IReadOnlyList<EditRequest> batch, int layer)
    {
        using var scope = NewDisposeScope();
        var prompts = batch.SelectMany(request => contexts.Select(context => SubjectPrompt.Of(session, request, context))).ToList();
        var keys_NCI = SubjectPrompt.Keys(session.Model, prompts, layer).to(ScalarType.Float64).view(batch.Count, contexts.Count, -1);
        var plain_NI = keys_NCI.select(1, 0);
        return contexts.Count == 1
            ? plain_NI.clone().MoveToOuterDisposeScope()
            : (plain_NI.Plus(keys_NCI.narrow(1, 1, contexts.Count - 1).mean([1])) / Held(2)).MoveToOuterDisposeScope();
    }
}

/// <summary>The place at which a <see cref="SpreadingUpdate"/> wants values.</summary>
internal interface IWantedValues
{
    /// <summary>What the model gives there now at the subjects' last tokens.</summary>
    /// <returns>[N, O] float32 on the CPU, owned by the caller's dispose scope.</returns>
    Tensor Now(IReadOnlyList<SubjectPrompt> prompts);

    /// <summary>The δ to what it gives now that makes the model answer in the new way.</summary>
    /// <param name="requests">The requests.</param>
    /// <param name="now_NO">As <see cref="Now"/> of their plain prompts.</param>
    /// <returns>δ, [N, O] float32 on the CPU, owned by the caller's dispose scope, and each request's last loss in nats.</returns>
    (Tensor Delta_NO, double[] Losses) Search(IReadOnlyList<EditRequest> requests, Tensor now_NO);
}

/// <summary>Values of the residual stream behind a layer (MEMIT).</summary>
internal sealed class StreamValues(EditSession session, ValueOptions options, IReadOnlyList<string> contexts, int layer) : IWantedValues
{
    /// <inheritdoc/>
    public Tensor Now(IReadOnlyList<SubjectPrompt> prompts) => SubjectPrompt.Outputs(session.Model, prompts, layer);

    /// <inheritdoc/>
    public (Tensor Delta_NO, double[] Losses) Search(IReadOnlyList<EditRequest> requests, Tensor now_NO) =>
        new ValueSearch(session, options, contexts).Run(requests, layer, now_NO);
}

/// <summary>MEMIT's closed form, X = (λC + K Kᵀ)⁻¹ K (Meng et al. 2023, eq. 14).</summary>
internal static class LeastSquares
{
    /// <summary>X of one layer in a session.</summary>
    public static Tensor Solve(EditSession session, string editor, int layer, double weight, Tensor keys_NI, Tensor? past_II = null) =>
        Solve(KeyCovariance.Of(session, editor, layer), weight, keys_NI, past_II);

    /// <summary>X.</summary>
    /// <param name="covariance_II">C, [I, I] float64.</param>
    /// <param name="weight">λ.</param>
    /// <param name="keys_NI">Kᵀ, [N, I] float64.</param>
    /// <param name="past_II">K Kᵀ of earlier edits, [I, I] float64, which weigh as much as the batch's; null for none.</param>
    /// <returns>[I, N] float64, owned by the caller's dispose scope.</returns>
    /// <exception cref="InputException">The matrix is singular.</exception>
    public static Tensor Solve(Tensor covariance_II, double weight, Tensor keys_NI, Tensor? past_II = null)
    {
        using var scope = NewDisposeScope();
        var keys_IN = keys_NI.t();
        var matrix_II = (covariance_II * Held(weight)).Plus(keys_IN.matmul(keys_NI));
        if (past_II is not null)
            matrix_II = matrix_II.Plus(past_II);
        return KeyCovariance.Solve(matrix_II, keys_IN, "count more tokens").MoveToOuterDisposeScope();
    }
}

/// <summary>K Kᵀ of the edits that are already made, for each layer; its tensors belong to the dispose scope that it is made in.</summary>
internal sealed class KeyMemory(IReadOnlyList<int> layers, long width)
{
    private readonly Dictionary<int, Tensor> sums =
        layers.ToDictionary(layer => layer, _ => zeros(width, width, dtype: ScalarType.Float64));

    /// <summary>[I, I] float64.</summary>
    public Tensor Of(int layer) => sums[layer];

    /// <summary>Adds the keys of a batch, [N, I] float64.</summary>
    public void Add(int layer, Tensor keys_NI)
    {
        using var scope = NewDisposeScope();
        sums[layer].PlusInPlace(keys_NI.t().matmul(keys_NI));
    }
}
