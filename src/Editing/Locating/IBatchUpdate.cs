namespace Harness.Editing.Locating;

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
