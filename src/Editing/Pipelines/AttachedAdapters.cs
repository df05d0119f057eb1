using Harness.Models;
using static TorchSharp.torch;

namespace Harness.Editing.Pipelines;

/// <summary>Adapters that act on a model until they are disposed, and that are trained in the meantime.</summary>
internal abstract class AttachedAdapters(Transformer model) : IDisposable
{
    private readonly List<(string Parameter, LowRankAdapter Adapter)> adapters = [];
    private readonly List<IDisposable> attachments = [];

    /// <summary>Everything that is trained.</summary>
    public abstract IReadOnlyList<Tensor> Parameters { get; }

    /// <summary>The change of each projection as a product.</summary>
    public abstract IReadOnlyList<WeightDelta> Deltas();

    /// <summary>Takes the adapters off the model and frees them.</summary>
    public virtual void Dispose() => Detach();

    /// <summary>
    /// Passes batches of a <see cref="FineTuner"/> on to <see cref="EditSession.AfterBatch"/>, while the weights hold what the adapters
    /// have learnt and no adapter, with its dropout, is there; null where nobody asks for them.
    /// </summary>
    /// <param name="session">Who is told.</param>
    /// <param name="requests">The edits, which the batches' numbers count.</param>
    public Action<int[]>? TellOf(EditSession session, IReadOnlyList<EditRequest> requests)
    {
        return session.TellOf(requests) is { } tell ? Merged : null;

        void Merged(int[] numbers)
        {
            using var merged = new Edit(Deltas(), new Dictionary<string, double>());
            Detach();
            using (merged.ApplyTo(model))
                tell(numbers);
            foreach (var (parameter, adapter) in adapters)
                attachments.Add(model.Adapt(parameter, adapter));
        }
    }

    /// <summary>A stream of random numbers of its own.</summary>
    protected static Generator Random(long seed, string purpose, Device? device = null) =>
        new(unchecked((ulong)SeededRandom.Derive(seed, purpose)), device);

    /// <summary>A parameter that outlives the dispose scope.</summary>
    protected static Tensor Own(Tensor value) => value.with_requires_grad().DetachFromDisposeScope();

    /// <summary>Puts an adapter on a projection.</summary>
    protected void Attach(string parameter, LowRankAdapter adapter)
    {
        adapters.Add((parameter, adapter));
        attachments.Add(model.Adapt(parameter, adapter));
    }

    private void Detach()
    {
        attachments.ForEach(attachment => attachment.Dispose());
        attachments.Clear();
    }
}
