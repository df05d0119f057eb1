using Cake.Frosting;
using Harness.Running;
using Harness.Running.Cluster;

namespace Harness.Build.Tasks;

/// <summary>Shows the runs that a store has on a cluster.</summary>
[TaskName("Status")]
[TaskDescription("what runs on a cluster are at")]
public sealed class StatusTask : FrostingTask<HarnessContext>
{
    /// <inheritdoc/>
    public override void Run(HarnessContext context)
    {
        var status = new ClusterStatus(new CellStore(context.Options.Run.Store), new SlurmPrograms());
        foreach (var line in status.Lines(context.Options.ClusterRun)) Console.WriteLine(line);
    }
}

/// <summary>Ends the workers that a store's runs have on a cluster.</summary>
[TaskName("Cancel")]
[TaskDescription("ends the workers of runs on a cluster")]
public sealed class CancelTask : FrostingTask<HarnessContext>
{
    /// <inheritdoc/>
    public override void Run(HarnessContext context)
    {
        var status = new ClusterStatus(new CellStore(context.Options.Run.Store), new SlurmPrograms());
        foreach (var line in status.Cancel(context.Options.ClusterRun)) Console.WriteLine(line);
    }
}
