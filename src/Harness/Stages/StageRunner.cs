using Harness.Declarations;
using Harness.Reports;
using Harness.Running;
using Harness.Running.Cluster;

namespace Harness.Stages;

/// <summary>Does what the tasks from the declarations stand for.</summary>
/// <param name="tasks">All of them.</param>
/// <param name="sources">All experiments' files, those of other tasks too.</param>
/// <param name="options">The command line.</param>
/// <param name="cancellation">Cancelled when the user interrupts.</param>
public sealed class StageRunner(
    IReadOnlyList<StageTask> tasks, IReadOnlyList<ExperimentSource> sources, RunOptions options, CancellationToken cancellation)
    : IDisposable
{
    private readonly StageCells cells = new(options);
    private readonly ResultFiles results = new(options);
    private IReadOnlyList<StageTask> reports = [];
    private RunResults? made;
    private bool areClaimsOld, isLeft, isPrepared;
    private ClusterDuty? duty;

    /// <summary>Ends the workers. The page of claims is of all reports that were written, whatever became of the others.</summary>
    public void Dispose()
    {
        cells.Dispose();
        RenewClaims();
    }

    /// <summary>Learns which tasks this run will execute, in their order. Cheap: dry runs call it too.</summary>
    /// <exception cref="InputException">The results folder of one of them cannot be written.</exception>
    public void Prepare(IReadOnlyList<string> names)
    {
        List<StageTask> running = [.. names.SelectMany(
            name => tasks.Where(task => task.Name.Equals(name, StringComparison.OrdinalIgnoreCase)))];
        cells.Prepare(running);
        duty = ClusterDuty.Current(() => Planning.KeyContext.For(options.Overrides.Device).Numerics);
        if (duty is not null) return;
        reports = [.. running.Where(task => task.Stage == Stage.Report)];
        if (options.Explain)
            cells.ExplainRun();
        else if (reports.Count > 0)
        {
            var record = new RunRecord(options.Sources, Environment.GetCommandLineArgs()[1..], TimeProvider.System);
            made = new RunResults(record, options.Jobs, options.IsQuiet);
        }

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
            if (!isPrepared && (duty is not null || options.IsOnCluster) && !options.Explain) RunElsewhere();
            if (isLeft) return;
            switch (task.Stage)
            {
                case Stage.Unavailable: throw new InputException(task.Description);
                case Stage.Group: break;
                case Stage.Report or Stage.Verify when options.Explain:
                    Console.WriteLine("--explain: nothing was computed or written");
                    break;
                case Stage.Report: Report(task); break;
                case Stage.Verify: Verify(task.Experiments); break;
                default: RunCells(task); break;
            }
        }
        catch (OperationCanceledException stop) when (stop is not WorkersLeftException)
        {
            throw new OperationCanceledException("Interrupted: finished cells are kept; the same command resumes.");
        }
    }

    // On a cluster all cells are made before the first task; on its nodes there is nothing else to do.
    private void RunElsewhere()
    {
        isPrepared = true;
        if (duty is not null) cells.RunDuty(duty, cancellation);
        isLeft = duty is not null || !cells.RunOnCluster(options.IsDetached, cancellation);
    }

    /// <summary>Whether a name is an original model's.</summary>
    /// <param name="name">A model task's name without <c>Model-</c>, such as <c>llama2-7b-zsre</c>.</param>
    public bool HasModel(string name) => Models.ContainsKey(name);

    /// <summary>Refuses a name that is no original model's.</summary>
    /// <param name="name">As for <see cref="HasModel"/>.</param>
    /// <exception cref="InputException">There is none; the nearest is named.</exception>
    public void CheckModel(string name) => _ = ModelTask(name);

    /// <summary>The folder of an original model, the first experiment's of that name, which is made where the store lacks it.</summary>
    /// <param name="name">As for <see cref="HasModel"/>.</param>
    public string ModelFolder(string name)
    {
        var model = ModelTask(name);
        IReadOnlyList<Experiment> first = [model.Experiments[0]];
        model = model with { Experiments = first };
        List<StageTask> chain = [.. tasks.Where(task => model.DependsOn.Contains(task.Name)).Append(model)
            .Select(task => task with { Experiments = first })];
        cells.Prepare(chain);
        foreach (var task in chain) Run(task);
        return cells.FolderOf(model);
    }

    /// <summary>Draws the figures of the scale's reports anew, from their JSON files alone.</summary>
    /// <exception cref="InputException">There is no report, or one is not of this version.</exception>
    /// <exception cref="OperationCanceledException">The user interrupted.</exception>
    public void DrawFigures() => results.DrawFigures(sources, cancellation);

    /// <summary>Deletes the store's folder with everything in it.</summary>
    public void DeleteStore() => cells.DeleteStore();

    private Dictionary<string, StageTask> Models =>
        tasks.Where(task => task.Stage == Stage.Model).ToDictionary(task => $"{task.Model}-{task.Dataset}", StringComparer.Ordinal);

    private StageTask ModelTask(string name) => Models.TryGetValue(name, out var task) ? task : throw new InputException(
        $"--model: found '{name}', which is neither a folder nor a model of the study, expected a Hugging Face model folder"
        + (name.Contains('/')
            ? "; correct the path, or fetch a model of the hub first (hf download ORGANISATION/NAME --local-dir FOLDER) and " +
                "give that folder"
            : $", or one of {string.Join(", ", Models.Keys)}{Nearest.Suggestion(name, Models.Keys)}"));

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

    private void Report(StageTask task)
    {
        foreach (var experiment in task.Experiments)
        {
            if (task.Experiments.Count > 1)
                Console.WriteLine($"-- {RunVariants.NameOf(
                    experiment.Seeds is [var only] ? experiment.Overrides with { Seed = only } : experiment.Overrides)}");
            var (report, folder) = results.Show(cells.Measure(experiment), cancellation);
            areClaimsOld |= !options.For(experiment.Overrides).IsCustom;
            var (count, computed) = cells.Count(experiment);
            foreach (var line in made!.Add(report, folder, count, computed)) Console.WriteLine(line);
        }

        if (task.Name != reports[^1].Name) return;
        RenewClaims();
        foreach (var line in made!.LastLines) Console.WriteLine(line);
    }

    // Once a run: it is read out of every report of the scale.
    private void RenewClaims()
    {
        if (!areClaimsOld) return;
        areClaimsOld = false;
        results.WriteClaims(sources);
    }

    private void Verify(IReadOnlyList<Experiment> experiments)
    {
        IReadOnlyList<Experiment> declared = [.. tasks.Where(task => task.Stage == Stage.Report).SelectMany(task => task.Experiments)];
        var matching = experiments.Select(experiment => results.Verify(cells.Measure(experiment), cancellation)).ToList();
        var differing = matching.Count(result => !result.Matches);
        var strays = results.Strays(declared, sources.Where(source => tasks.All(task => task.Name != source.Target)));
        var claims = results.VerifyClaims(sources);
        List<string> unverifiable = [.. ResultFiles.Unverifiable(declared)];
        foreach (var line in strays.Concat(claims).Concat(unverifiable))
            Console.WriteLine(line);
        if (experiments.Count + strays.Count == 0)
        {
            throw new InputException($"nothing to verify: no experiment has a snapshot at scale '{options.Scale}' in {options.Results}"
                + (unverifiable.Count > 0 ? " (lines above)" : "; make them with --target=Verify --accept"));
        }

        if (differing + strays.Count + claims.Count > 0)
        {
            var unmatched = strays.Count > 0 ? $", and {strays.Count} had nothing to be compared with (lines above)" : "";
            var unrenewed = claims.Count > 0 ? ", and the claims are not those of the reports (lines above)" : "";
            throw new InputException($"{differing} of {experiments.Count} experiments differ from their snapshots{unmatched}{unrenewed}; "
                + "if the change is meant, renew them with --accept");
        }

        Console.WriteLine($"{experiments.Count} of {experiments.Count} experiments: "
            + (options.Accept ? "accepted" : matching.TrueForAll(result => result.Exact) ? "every byte as committed"
                : $"as committed, to {Snapshot.Tolerance} points"));
    }
}
