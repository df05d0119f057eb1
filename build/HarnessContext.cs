using Cake.Core;
using Cake.Core.Diagnostics;
using Cake.Frosting;
using Harness.Build.Options;
using Harness.Declarations;
using Harness.Measuring.Capability.Tasks;
using Harness.Reports;
using Harness.Running;
using Harness.Stages;

namespace Harness.Build;

/// <summary>What every task gets. Its constructor turns the experiments' YAML files into tasks.</summary>
public sealed class HarnessContext : FrostingContext
{
    /// <summary>
    /// Reads the command line and what it asks for of the declarations, and registers one task per stage of each experiment.
    /// </summary>
    public HarnessContext(ICakeContext context, ICakeEngine engine, Interruption interruption) : base(context)
    {
        Interrupted = interruption.Token;
        var given = HarnessOptions.Read(context.Arguments, TaskFolder.Current());
        Options = given with { Run = given.Run with { IsQuiet = context.Log.Verbosity < Verbosity.Normal } };
        if (Options.Run.Overrides.IsFast && NumericsEnvironment.IsPinned)
            throw new InputException("--numerics=fast: found this process started with the portable kernels; " +
                "start it through build.sh or build.ps1, which read the option");
        var sources = ExperimentCatalog.Sources(Clone.At("experiments"));
        var tasks = TasksOf(Options, sources);
        StageGraph.CheckNames(tasks, TargetKind.Names);
        Study = new StageRunner(tasks, sources, Options.Run, Interrupted);
        foreach (var task in tasks)
            engine.RegisterTask(task.Name).Description(task.Description).IsDependentOn(task.DependsOn).Does(() => Study.Run(task));

        // Those that are not read are only names that may be meant.
        var taken = tasks.Select(task => task.Name).Concat(TargetKind.Names);
        foreach (var name in StageGraph.NamesOf(sources).Except(taken, StringComparer.OrdinalIgnoreCase)) engine.RegisterTask(name);
    }

    /// <summary>The command line.</summary>
    public HarnessOptions Options { get; }

    /// <summary>Cancelled by Ctrl-C and SIGTERM.</summary>
    public CancellationToken Interrupted { get; }

    /// <summary>Runs the tasks that come from the declarations.</summary>
    public StageRunner Study { get; }

    // Only what is asked for is read, so that nobody is told of mistakes elsewhere.
    private static IReadOnlyList<StageTask> TasksOf(HarnessOptions options, IReadOnlyList<ExperimentSource> sources)
    {
        var (asked, withOthers) = options.SourcesOf(sources);
        if (asked.Count == 0 && !withOthers) return [];
        var isFolder = options.Edit is { IsFolder: true };
        try
        {
            var runs = RunVariants.Load(options.Run.Runs, run => ExperimentCatalog.Load(
                Clone.At("experiments"), options.Run.Scale, run, asked, withOthers));
            var catalog = runs[0];
            foreach (var file in isFolder ? [] : catalog.PassedOver) Console.Error.WriteLine($"Warning: {file}");
            IReadOnlyList<Experiment> verified = [.. new ResultFiles(options.Run).Verifiable(catalog)];
            var tasks = StageGraph.Build(catalog, catalog.Unavailable, verified);

            // A task works for its experiments in every run.
            return runs.Count == 1 ? tasks : [.. tasks.Select(task => task with
            {
                Experiments = [.. runs.SelectMany(run => run.IntersectBy(task.Experiments.Select(one => one.Target), one => one.Target))],
            })];
        }
        catch (InputException) when (isFolder)
        {
            // Only names of models were wanted, to say which one is edited.
            return [];
        }
    }
}

/// <summary>Tells the study what this run will execute: a stage's first task then works for all of them.</summary>
public sealed class Lifetime : FrostingLifetime<HarnessContext>
{
    /// <inheritdoc/>
    public override void Setup(HarnessContext context, ISetupContext info) =>
        context.Study.Prepare([.. info.TasksToExecute.Select(task => task.Name)]);

    /// <inheritdoc/>
    public override void Teardown(HarnessContext context, ITeardownContext info) => context.Study.Dispose();
}
