using Harness.Build.Options;
using Harness.Experiments.Declarations;

namespace Harness.Build.Studies;

/// <summary>Does what the tasks from the declarations stand for.</summary>
/// <param name="tasks">All of them.</param>
/// <param name="options">The command line.</param>
/// <param name="cancellation">Cancelled when the user interrupts.</param>
public sealed class Study(IReadOnlyList<StageTask> tasks, HarnessOptions options, CancellationToken cancellation)
{
    private readonly CellStages cells = new(options);
    private readonly ResultFiles results = new(options);

    /// <summary>Learns which tasks this run will execute. Cheap: dry runs call it too.</summary>
    /// <exception cref="InputException">The results folder of one of them cannot be written.</exception>
    public void Prepare(IReadOnlyList<string> names)
    {
        List<StageTask> running = [.. tasks.Where(task => names.Contains(task.Name, StringComparer.OrdinalIgnoreCase))];
        cells.Prepare(running);
        if (!options.Explain)
            results.CheckWritable(running.Where(task => task.Stage is Stage.Report or Stage.Verify).SelectMany(task => task.Experiments));
    }

    /// <summary>Runs a task.</summary>
    /// <exception cref="InputException">A mistake of the user's, or a result that differs from its snapshot.</exception>
    /// <exception cref="OperationCanceledException">The user interrupted; the message says how to go on.</exception>
    public void Run(StageTask task)
    {
        try
        {
            switch (task.Stage)
            {
                case Stage.Unavailable: throw new InputException(task.Description);
                case Stage.Group: break;
                case Stage.Report or Stage.Verify when options.Explain: Console.WriteLine("--explain: nothing was computed or written"); break;
                case Stage.Report: Report(task.Experiments[0]); break;
                case Stage.Verify: Verify(task.Experiments); break;
                default: RunCells(task); break;
            }
        }
        catch (OperationCanceledException)
        {
            throw new OperationCanceledException(Interruption.Message);
        }
    }

    /// <summary>Deletes the store's folder with everything in it.</summary>
    public void DeleteStore() => cells.DeleteStore();

    private void RunCells(StageTask task)
    {
        if (options.Explain)
        {
            cells.Explain(task);
            return;
        }

        cells.Run(task, cancellation);
        if (task.Stage == Stage.Model)
            cells.WriteRecall(task);
    }

    private void Report(Experiment experiment)
    {
        var measured = cells.Measure(experiment);
        results.Show(measured, cancellation);
        Console.WriteLine(cells.Count(experiment));
    }

    private void Verify(IReadOnlyList<Experiment> experiments)
    {
        if (options.IsCustom)
            throw new InputException("Verify compares the experiments as they are declared; leave out --seed, --editors and --set");
        var differing = experiments.Count(experiment => !results.Verify(cells.Measure(experiment), cancellation));
        var strays = results.Strays([.. tasks.Where(task => task.Stage == Stage.Report).SelectMany(task => task.Experiments)]);
        foreach (var stray in strays)
            Console.WriteLine(stray);
        if (experiments.Count + strays.Count == 0)
        {
            throw new InputException(
                $"no experiment has a snapshot at scale '{options.Scale}' in {options.Results}; make them with --target=Verify --accept");
        }

        if (differing + strays.Count > 0)
        {
            var unmatched = strays.Count > 0 ? $", and {strays.Count} had nothing to be compared with (lines above)" : "";
            throw new InputException($"{differing} of {experiments.Count} experiments differ from their snapshots{unmatched}; "
                + "if the change is meant, renew them with --accept");
        }
    }
}
