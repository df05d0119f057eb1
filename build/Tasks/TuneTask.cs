using Cake.Frosting;
using Harness.Declarations;
using Harness.Tuning;

namespace Harness.Build.Tasks;

/// <summary>Searches every editor's options.</summary>
[TaskName(ExperimentSource.Tune)]
[TaskDescription("searches every editor's options, each with as many settings: --editors=, --models=")]
public sealed class TuneTask : FrostingTask<HarnessContext>
{
    /// <inheritdoc/>
    public override void Run(HarnessContext context)
    {
        var (options, experiments) = (context.Options, Clone.At("experiments"));
        var run = new TuningRun(options.Run, experiments, options.SearchedEditors, options.SearchedModels);

        // What is written elsewhere is tried, not declared.
        var isDeclared = Path.GetFullPath(options.Run.Results) == Path.GetFullPath(Clone.At("results"));
        (isDeclared ? run : run with { ChosenFolder = Path.Combine(options.Run.ScaleFolder, ExperimentSource.Tuning) })
            .Run(context.Interrupted);
    }
}
