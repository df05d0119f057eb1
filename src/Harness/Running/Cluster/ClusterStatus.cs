namespace Harness.Running.Cluster;

/// <summary>Looks at the runs of a store, and ends their workers.</summary>
/// <param name="store">The store.</param>
/// <param name="slurm">Slurm.</param>
public sealed class ClusterStatus(CellStore store, ISlurm slurm)
{
    /// <summary>What becomes of the runs: cells made, workers that run and wait and why, what each is at, what failed.</summary>
    /// <param name="id">Of one run; null for all.</param>
    /// <exception cref="InputException">There is no such run, or Slurm does not answer.</exception>
    public IEnumerable<string> Lines(string? id) => Runs(id).SelectMany(LinesOf);

    /// <summary>Ends the workers of runs; what they have made is kept.</summary>
    /// <param name="id">Of one run; null for all.</param>
    /// <returns>A line for each run.</returns>
    /// <exception cref="InputException">There is no such run, or Slurm does not answer.</exception>
    public IReadOnlyList<string> Cancel(string? id) =>
    [
        .. Runs(id).Select(run => $"run {run.Id}: {Counted.Of(Asked(() => ClusterExecutor.Cancel(run, slurm)), "worker")} cancelled; "
            + "finished cells are kept, and the same command goes on from there"),
    ];

    private IReadOnlyList<ClusterRun> Runs(string? id)
    {
        var all = ClusterRun.All(store);
        if (all.Count == 0) throw new InputException($"store {store.Folder}: found no run on a cluster; begin one with --executor=slurm");
        return id is null ? all : all.Where(run => run.Id == id).ToList() is { Count: > 0 } found ? found
            : throw new InputException($"--run: found '{id}', expected one of {string.Join(", ", all.Select(run => run.Id))}");
    }

    private IEnumerable<string> LinesOf(ClusterRun run)
    {
        if (run.Record is not { } record)
        {
            yield return $"run {run.Id}: its record is damaged; the same command makes it anew";
            yield break;
        }

        var live = Asked(() => slurm.Queue(run.JobName)).Where(task => task.IsLive).ToList();
        yield return $"run {run.Id}: {record.Cells.Count(store.Contains)} of {Counted.Of(record.Cells.Count, "cell")}, "
            + $"{Counted.Of(live.Count(task => task.Runs), "worker")} run, {SlurmTask.Waiting(live)}: ./build.sh {record.Command}";
        var working = run.Working();
        foreach (var task in live.Where(task => working.ContainsKey(task.Id)))
            yield return $"  {task.Id} on {working[task.Id].Host}: {string.Join(", ", working[task.Id].Cells)}";
        foreach (var failure in run.Failures().Values) yield return $"  failed: {failure.Name}: {failure.Message.Split('\n')[0]}";
    }

    private static T Asked<T>(Func<T> ask)
    {
        try
        {
            return ask();
        }
        catch (SlurmException silence)
        {
            throw new InputException($"{silence.Message}; see that the controller is up (scontrol ping), and ask again", silence);
        }
    }
}
