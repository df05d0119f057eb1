using Harness.Planning;

namespace Harness.Running;

/// <summary>Computes cells. What they contain depends neither on the executor nor on the order.</summary>
public interface IExecutor
{
    /// <summary>
    /// Makes sure that the wanted cells are in the store, computing what it lacks of them and of what they are made from.
    /// </summary>
    /// <exception cref="InputException">Cells failed through mistakes of the user's; all other cells that could be computed are in the
    /// store.</exception>
    /// <exception cref="RunFailedException">The same through mistakes of ours.</exception>
    /// <exception cref="OperationCanceledException">Cancelled; finished cells are in the store.</exception>
    RunSummary Run(IReadOnlyList<PlannedCell> wanted, CancellationToken cancellation);
}
