// I = MLP width, O = model width, N = requests of a batch.
using static TorchSharp.torch;

namespace Harness.Editing.Locating;

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
            sum.Add(session.Model, layer, rest_NO.t().to(ScalarType.Float32), right_IN.t().to(ScalarType.Float32));
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
