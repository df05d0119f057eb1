using Harness.Models;
using static TorchSharp.torch;

namespace Harness.Editing.Locating;

/// <summary>Works through the requests batch by batch, each on the model that the earlier ones left.</summary>
internal static class Batches
{
    /// <summary>Runs an update over all requests, then puts the weights back.</summary>
    /// <returns>The sum of its changes; <c>loss</c> is the requests' mean last loss, in nats.</returns>
    public static Edit Run(EditSession session, IReadOnlyList<EditRequest> requests, IBatchUpdate update)
    {
        using var sum = new DeltaSum();
        string[] names = [.. update.Layers.Select(Sites.DownProjection)];
        using var original = new WeightSnapshot(session.Model, names);
        var loss = Run(session, requests, update.BatchSize, batch => update.Apply(batch, sum));
        return new Edit(sum.Total(names), new Dictionary<string, double> { ["loss"] = loss });
    }

    /// <summary>Cuts the requests into batches, reports each, and looks for cancellation after it.</summary>
    /// <param name="session">Is told about each batch.</param>
    /// <param name="requests">All requests.</param>
    /// <param name="batchSize">Requests of a batch; 0 for all.</param>
    /// <param name="apply">Edits the live weights for one batch and returns the sum of its losses.</param>
    /// <returns>The requests' mean loss.</returns>
    public static double Run(
        EditSession session, IReadOnlyList<EditRequest> requests, int batchSize, Func<IReadOnlyList<EditRequest>, double> apply)
    {
        using var guard = no_grad();
        var (losses, done) = (0.0, 0);
        foreach (var batch in requests.Chunk(batchSize == 0 ? requests.Count : batchSize))
        {
            using (NewDisposeScope())
                losses += apply(batch);
            done += batch.Length;
            session.Progress?.Report(FormattableString.Invariant($"edit {done}/{requests.Count} loss {losses / done:0.000}"));
            session.AfterBatch?.Invoke(batch, null);
            session.Cancellation.ThrowIfCancellationRequested();
        }

        return losses / requests.Count;
    }
}

/// <summary>A locate-and-edit method at work on one session: it changes the live down-projections batch after batch.</summary>
internal interface IBatchUpdate
{
    /// <summary>Layers of the changed down-projections, ascending.</summary>
    IReadOnlyList<int> Layers { get; }

    /// <summary>Requests that are edited at once; 0 for all.</summary>
    int BatchSize { get; }

    /// <summary>Edits the live weights for one batch.</summary>
    /// <param name="batch">Its requests.</param>
    /// <param name="sum">Receives the changes.</param>
    /// <returns>The sum of the requests' last losses, in nats.</returns>
    double Apply(IReadOnlyList<EditRequest> batch, DeltaSum sum);
}
