using System.Globalization;
using Harness.Declarations;
using Harness.Downloads;
using Harness.Measuring.Cells;
using Harness.Models;
using Harness.Planning;
using Harness.Reports;
using Harness.Running;
using Harness.Running.Cluster;
using Harness.Running.Workers;

namespace Harness.Stages;

/// <summary>
/// Runs the cells behind the tasks. Cake runs tasks one after another, so the first task of a stage computes, in parallel, the cells of all
/// its siblings in this run; the others find theirs done.
/// </summary>
internal sealed class StageCells(RunOptions options) : IDisposable
{
    private readonly Lazy<CellStore> store = new(() => new CellStore(options.Store));
    private readonly Dictionary<Experiment, Plan> plans = new(ReferenceEqualityComparer.Instance);
    private readonly HashSet<string> explained = new(StringComparer.Ordinal);
    private IReadOnlyList<StageTask> running = [];
    private LocalExecutor? executor;
    private Explanation? explanation;

    /// <summary>Learns which tasks this run will execute.</summary>
    public void Prepare(IReadOnlyList<StageTask> tasks) => running = tasks;

    /// <summary>Computes what the store lacks of a task's cells, and of its siblings'.</summary>
    public void Run(StageTask task, CancellationToken cancellation)
    {
        var own = Cells([task]);
        if (!own.TrueForAll(cell => store.Value.Contains(cell.Key))) own = Wanted([task]);
        if (own.All(cell => store.Value.Contains(cell.Key)))
        {
            Tell(own.Count == 0 ? "nothing of it is needed" : $"{Counted.Of(own.Count, "cell")}, done already");
            return;
        }

        var siblings = running.Where(other => task.Stage is Stage.Data or Stage.Model && other.Stage == task.Stage && other != task);
        var wanted = Wanted([task, .. siblings]);
        executor ??= new LocalExecutor(
            store.Value, options.Jobs, Launch, RunDisplay.ForConsole(options.IsQuiet), TimeProvider.System, Wanted(running));
        executor.Run(wanted, cancellation);
    }

    /// <summary>Has all cells of the run made by workers on a cluster.</summary>
    /// <param name="isDetached">Whether to leave once they are submitted.</param>
    /// <param name="cancellation">Cancelled when the user interrupts: the workers go on.</param>
    /// <returns>Whether all cells are there.</returns>
    public bool RunOnCluster(bool isDetached, CancellationToken cancellation)
    {
        var wanted = Wanted(running);
        store.Value.Make();
        if (CellSelection.Missing(wanted, store.Value).Count == 0) return true;
        var cluster = ClusterFile.Of(options.ClusterFile);
        var arguments = Environment.GetCommandLineArgs()[1..];
        var run = ClusterRun.Of(store.Value, wanted, arguments);
        var dll = run.CopyProgram(options.Sources, AppContext.BaseDirectory);
        var file = options.ClusterFile is { } given ? run.Write("cluster.yaml", File.ReadAllText(given)) : null;
        string[] own = ["--executor", "--slurm", "--detach", "--jobs", "--store", "--results", "--accept"];
        var program = new ClusterProgram(
            [Environment.ProcessPath!, dll, .. arguments.Where(one => !own.Contains(one.Split('=')[0])), $"--store={store.Value.Folder}"],
            EnvironmentOnNodes(), Environment.CurrentDirectory, file, KeyContext.For(options.Overrides.Device).Numerics);
        return new ClusterExecutor(store.Value, run, cluster, new SlurmPrograms(), program, Tell, TimeProvider.System)
            .Run(wanted, isDetached, cancellation);
    }

    /// <summary>Makes cells on a node of a cluster, as long as there are any for it.</summary>
    public void RunDuty(ClusterDuty duty, CancellationToken cancellation)
    {
        var wanted = Wanted(running);
        using var node = new LocalExecutor(
            store.Value, options.Jobs, Launch, RunDisplay.ForConsole(isQuiet: false), TimeProvider.System, wanted, duty);
        node.Run(wanted, cancellation);
    }

    private ProcessWorker Launch() => new(WorkerCommand.ThisProgram(options.Overrides.IsFast), options.Scratch);

    // What build.sh sets, and what the harness reads; a token is for this process alone.
    private static SortedDictionary<string, string> EnvironmentOnNodes()
    {
        var found = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach (System.Collections.DictionaryEntry variable in Environment.GetEnvironmentVariables())
        {
            var name = (string)variable.Key;
            if (name is "HOME" or "PATH" or "LD_LIBRARY_PATH" or "LIBTORCH" or "THP_MEM_ALLOC_ENABLE"
                || NumericsEnvironment.Kernels.ContainsKey(name) || NumericsEnvironment.Always.ContainsKey(name)
                || name.StartsWith("HARNESS_", StringComparison.Ordinal)
                || name.StartsWith("MALLOC_", StringComparison.Ordinal) || name.StartsWith("DOTNET_", StringComparison.Ordinal))
                found[name] = (string)variable.Value!;
        }

        return found;
    }

    /// <summary>Ends the workers.</summary>
    public void Dispose() => executor?.Dispose();

    /// <summary>Says how many of the run's cells it would compute, in about how much time, and why.</summary>
    public void ExplainRun()
    {
        explanation = Explanation.Of(Cells(running), Wanted(running), store.Value);
        foreach (var line in explanation.Summary(TimeEstimate.From(store.Value), options.Jobs)) Console.WriteLine(line);
    }

    /// <summary>Says what a run would do with a task's cells, and why.</summary>
    public void Explain(StageTask task)
    {
        var own = Cells([task]).Select(cell => cell.Key).ToHashSet(StringComparer.Ordinal);
        foreach (var one in explanation!.Cells.Where(one => own.Contains(one.Cell.Key) && explained.Add(one.Cell.Key)))
            Console.WriteLine(HasSeeds ? $"{one} (seed {one.Cell.Seed})" : one);
    }

    /// <summary>Says how many of its facts an original model knows before editing.</summary>
    public void WriteRecall(StageTask task)
    {
        foreach (var (experiment, model) in Owned(task)
            .Where(one => one.Cell.Kind == CellKind.Model && store.Value.Contains(one.Cell.Key)).DistinctBy(one => one.Cell.Key))
        {
            var recall = Recall.Read(store.Value.Open(model.Key));
            var sized = WithSize(experiment.Models.First(entry => entry.Name == task.Model), [model]);
            var dataset = experiment.Datasets.First(entry => entry.Name == task.Dataset);
            var percent = (100.0 * recall.Recalled / Math.Max(1, recall.Asked)).ToString("0.0", CultureInfo.InvariantCulture);
            Tell($"{sized.Shown} on {dataset.Shown}{(HasSeeds ? $", seed {model.Seed}" : "")}: "
                + $"recalls {recall.Recalled} of {recall.Asked} facts before editing ({percent} %)");
        }
    }

    /// <summary>The folder of an original model: in the store, or an imported one's own.</summary>
    public string FolderOf(StageTask task) =>
        ModelFolder.Of(store.Value.Open(Cells([task]).First(cell => cell.Kind == CellKind.Model).Key), new Published(), Tell);

    /// <summary>Reads an experiment's scores; each must be in the store.</summary>
    public MeasuredExperiment Measure(Experiment experiment)
    {
        var plan = PlanOf(experiment);
        var measured = new MeasuredSeries(experiment);
        var withEdits = measured.Edits;
        var models = plan.Experiment.Models.Select(
            model => WithSize(model, plan.Cells.Where(cell => cell.Kind == CellKind.Model && cell.Model == model.Name)));
        var rows = plan.Rows.Select(row => new MeasuredRow(
            row.Dataset, row.Model, row.Editor, RowSeries.Read(row, withEdits, cell => store.Value.Open(cell.Key)), row.Seed));
        return new MeasuredExperiment(
            plan.Experiment with { Models = [.. models] },
            [.. rows.GroupBy(row => (row.Dataset, row.Model, row.Editor)).Where(seeds => seeds.All(IsMeasured)).SelectMany(seeds => seeds)],
            plan.Rows.ToDictionary(
                row => $"{(plan.Experiment.Seeds.Count > 1 ? $"{row.Seed}/" : "")}{row.Dataset}/{row.Model}/{row.Editor}",
                row => row.Score.Key),
            plan.Cells.Where(cell => cell.Kind == CellKind.Dataset).ToDictionary(
                cell => (cell.Seed, cell.Dataset), cell => CasesTable.CasesOf(store.Value.Open(cell.Key))),
            [.. from cell in plan.Cells
                where cell.Kind == CellKind.Model
                group Recall.Read(store.Value.Open(cell.Key)) by (cell.Dataset, cell.Model) into place
                from ceiling in Ceiling.Of(place.Key.Dataset, place.Key.Model, [.. place])
                select ceiling]);

        // No prompt may have a position that is traced: subjects of two tokens have no middle.
        bool IsMeasured(MeasuredRow row) => !measured.Traces || row.Scores.Count > 0;
    }

    /// <summary>How many cells an experiment has, and how many of them this run computed.</summary>
    public (int Cells, int Computed) Count(Experiment experiment)
    {
        var cells = PlanOf(experiment).Cells;
        return (cells.Count, cells.Count(cell => executor?.Computed.Contains(cell.Key) ?? false));
    }

    /// <summary>Deletes the store's folder, if it is one.</summary>
    public void DeleteStore()
    {
        var folder = Path.GetFullPath(options.Store);
        if (!Directory.Exists(folder))
        {
            Console.WriteLine($"{options.Store}: there is no store");
            return;
        }

        // A mistyped --store must not cost anybody their files.
        if (Directory.EnumerateFileSystemEntries(folder).Any(path => !CellStore.Holds(path)))
            throw new InputException($"--store={options.Store}: {folder} holds more than cells; delete it by hand if it is a store");
        Directory.Delete(folder, recursive: true);
        Console.WriteLine($"{options.Store}: deleted");
    }

    // How the run goes on.
    private void Tell(string line)
    {
        if (!options.IsQuiet) Console.WriteLine(line);
    }

    // Vocabularies are learnt from the data, so that a stand-in's size is known only now; a published model's name says it.
    private ModelEntry WithSize(ModelEntry model, IEnumerable<PlannedCell> made) => model.Source is ImportedModel ? model
        : model with { Parameters = made.Max(cell => ParametersOf(store.Value.Open(cell.Key))) };

    /// <summary>Number of a model's parameters; a head that shares the embedding counts once. Weights are not read.</summary>
    /// <param name="folder">Its Hugging Face folder.</param>
    /// <exception cref="InputException">The folder is no model.</exception>
    internal static long ParametersOf(string folder)
    {
        using var model = Transformer.Load(folder, new LoadOptions { Streamed = true });
        return model.ParameterNames.Sum(name => model.ShapeOf(name).Aggregate(1L, (product, extent) => product * extent));
    }

    private bool HasSeeds => running.SelectMany(task => task.Experiments).SelectMany(experiment => experiment.Seeds).Distinct().Count() > 1;

    private Plan PlanOf(Experiment experiment) =>
        plans.TryGetValue(experiment, out var plan) ? plan : plans[experiment] = Plan.Build(experiment, Tell);

    // Experiments share data sets and models by name: a run works for those that it goes on with, or for all where it ends there.
    private List<Experiment> Active(StageTask task)
    {
        var goingOn = running.Where(other => other.Stage is Stage.Statistics or Stage.Edits or Stage.Scores or Stage.Report)
            .SelectMany(other => other.Experiments);
        return task.Experiments.Intersect(goingOn).ToList() is { Count: > 0 } active ? active : [.. task.Experiments];
    }

    // With the experiment that asks for each: what stands in for a model of one name may differ between experiments.
    private IEnumerable<(Experiment Experiment, PlannedCell Cell)> Owned(StageTask task) =>
        Active(task).SelectMany(experiment => task.CellsOf(PlanOf(experiment)).Select(cell => (experiment, cell)));

    private List<PlannedCell> Cells(IEnumerable<StageTask> tasks) =>
        [.. tasks.SelectMany(Owned).Select(one => one.Cell).DistinctBy(cell => cell.Key)];

    // Without what only cells need that are in the store already.
    private List<PlannedCell> Wanted(IReadOnlyList<StageTask> tasks)
    {
        var needed = new HashSet<string>(StringComparer.Ordinal);
        foreach (var experiment in tasks.SelectMany(Active).Distinct())
        {
            var isScored = running.Any(task => task.Stage == Stage.Scores && task.Experiments.Contains(experiment));
            needed.UnionWith(CellSelection.Missing(isScored ? PlanOf(experiment).Results : PlanOf(experiment).Cells, store.Value)
                .Select(cell => cell.Key));
        }

        return [.. Cells(tasks).Where(cell => store.Value.Contains(cell.Key) || needed.Contains(cell.Key))];
    }
}
