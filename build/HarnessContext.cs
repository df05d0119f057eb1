using Cake.Core;
using Cake.Frosting;
using Harness.Build.Options;
using Harness.Build.Studies;
using Harness.Declarations;
using Harness.Measuring.Capability.Tasks;
using Harness.Running;

namespace Harness.Build;

/// <summary>What every task gets. Its constructor turns the experiments' YAML files into tasks.</summary>
public sealed class HarnessContext : FrostingContext
{
    /// <summary>Reads the command line and the declarations, and registers one task per stage of each experiment.</summary>
    public HarnessContext(ICakeContext context, ICakeEngine engine) : base(context)
    {
        Options = HarnessOptions.Read(context.Arguments, TaskFolder.Current());
        if (Options.Overrides.IsFast && NumericsEnvironment.IsPinned)
            throw new InputException("--numerics=fast: found this process started with the portable kernels; " +
                "start it through build.sh or build.ps1, which read the option");
        var runs = RunVariants.Load(Options.Runs, run => ExperimentCatalog.Load(Clone.At("experiments"), Options.Scale, run));
        var catalog = runs[0];
        var asked = Options.Experiments is { } names ? [.. names.Select(catalog.Find)] : (IReadOnlyList<Experiment>)catalog;
        IReadOnlyList<Experiment> verified = [.. ResultFiles.Verifiable(asked, Options)];
        var tasks = StudyGraph.Build(catalog, catalog.Unavailable, verified);
        var targets = HarnessOptions.Values(context.Arguments, "target");
        RowChoice.Check(StudyGraph.ExperimentsOf(tasks, targets), targets, Options.Overrides);
        // A task works for its experiments in every run.
        if (runs.Count > 1)
            tasks = [.. tasks.Select(task => task with
            {
                Experiments = [.. runs.SelectMany(run => run.IntersectBy(task.Experiments.Select(one => one.Target), one => one.Target))],
            })];
        Study = new Study(tasks, Options, Interruption.Token);
        foreach (var task in tasks)
            engine.RegisterTask(task.Name).Description(task.Description).IsDependentOn(task.DependsOn).Does(() => Study.Run(task));
    }

    /// <summary>The command line.</summary>
    public HarnessOptions Options { get; }

    /// <summary>Ctrl-C and SIGTERM.</summary>
    public Interruption Interruption { get; } = new();

    /// <summary>Runs the tasks that come from the declarations.</summary>
    public Study Study { get; }
}
