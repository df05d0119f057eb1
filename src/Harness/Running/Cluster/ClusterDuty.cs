using Harness.Planning;

namespace Harness.Running.Cluster;

/// <summary>What a process on a node is there for: the cells of one class of a run, as long as there are any.</summary>
/// <param name="run">The run.</param>
/// <param name="name">The class.</param>
/// <param name="cluster">The classes.</param>
/// <param name="worker">Job and task.</param>
internal sealed class ClusterDuty(ClusterRun run, string name, ClusterFile cluster, string worker)
{
    /// <summary>
    /// The environment variable that makes the program one: run folder, class, file of the cluster and numerics class, by lines.
    /// </summary>
    public const string Variable = "HARNESS_DUTY";

    /// <summary>So long it waits for a cell that it could make, before it gives its place back.</summary>
    private static readonly TimeSpan Idle = TimeSpan.FromSeconds(60);

    private readonly OrderedDictionary<string, string> working = new(StringComparer.Ordinal);

    /// <summary>The duty of this process; null where it is none's.</summary>
    /// <param name="numerics">This machine's numerics class.</param>
    /// <exception cref="InputException">The machine is of another class than the plan.</exception>
    public static ClusterDuty? Current(Func<string> numerics)
    {
        if (Environment.GetEnvironmentVariable(Variable)?.Split('\n') is not [var folder, var name, var file, var planned]) return null;
        var found = numerics();
        if (found != planned)
        {
            throw new InputException($"node {Environment.MachineName}: its numerics class is {found}, the plan's is {planned}: its numbers "
                + "would be others; ask for nodes of one kind with 'constraint' in the cluster's file");
        }

        return new ClusterDuty(ClusterRun.At(folder), name, ClusterFile.Of(file.Length > 0 ? file : null), DraftOwner.ThisJob);
    }

    /// <summary>So long it waits; longer where another process has a cell that it could make, and may be gone.</summary>
    public TimeSpan Longest(IEnumerable<PlannedCell> elsewhere) => elsewhere.Any(Takes) ? CellDraft.Patience + Idle : Idle;

    /// <summary>Whether a cell is this process's to make.</summary>
    public bool Takes(PlannedCell cell) => cluster.ClassOf(cell) == name;

    /// <summary>Whether another process has found that a cell cannot be made.</summary>
    public bool HasFailed(PlannedCell cell) => run.HasFailed(cell.Key);

    /// <summary>A cell begins.</summary>
    public void Begin(PlannedCell cell)
    {
        working[cell.Key] = cell.Name;
        run.Note(worker, [.. working.Values]);
    }

    /// <summary>It ended; with a failure where it could not be made.</summary>
    public void End(PlannedCell cell, CellFailure? failure)
    {
        if (failure is not null) run.Fail(failure);
        working.Remove(cell.Key);
        run.Note(worker, [.. working.Values]);
    }
}
